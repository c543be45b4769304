"""TIFF: samples of any depth and colour model as they are, read with tifffile; its tags written with Pillow."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import tifffile
from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

from core.photos import pillow, raw
from core.photos.exif import descriptive_exif, parsed_exif
from core.photos.iptc import from_resources
from core.photos.picture import CHANNELS, Decoded, Picture, Samples, full_scale, likely_white
from core.photos.xmp import orientation_of, upright_xmp
from core.types import ColorModel

CLASSIC_LIMIT = 4_000_000_000
"""Bytes of samples beyond which a BigTIFF is written."""

XMP, IPTC, RESOURCES, PROFILE, EXTRA_SAMPLES = 700, 33723, 34377, 34675, 338
ASSOCIATED, UNASSOCIATED = 1, 2  # kinds of alpha

_Tag = ExifTags.Base
_STRIP = 1 << 20  # bytes, roughly
_PHOTOMETRIC = {ColorModel.GREY: 1, ColorModel.RGB: 2, ColorModel.CMYK: 5, ColorModel.LAB: 8}
_MODELS = {0: ColorModel.GREY} | {value: model for model, value in _PHOTOMETRIC.items()}
_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}
_CODECS = {1, 5, 7, 8, 32773, 32946, 34925, 50000}  # compressions that hold samples as they are
_MOST_CHANNELS = 8


def read(data: bytes, check: pillow.CheckSize) -> Decoded:
    """Decode the first page. Raises whatever the decoders trip over."""
    notes: list[str] = []
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        if raw.holds_sensor_data(page):
            return raw.read(data, check)
        check((page.imagewidth, page.imagelength))
        if not _has_own_samples(page):
            return pillow.read(data, check)
        metadata, orientation = _metadata(data, page, notes)
        picture = _picture(page, notes)
        if _has_another(file):
            notes.append(pillow.SEVERAL_PICTURES)
    return Decoded(picture, "TIFF", metadata, orientation, tuple(notes))


def _has_own_samples(page: tifffile.TiffPage) -> bool:
    """Whether the page holds samples that are read here; palettes, YCbCr and odd depths are left to Pillow."""
    jpeg_of_8_bits = page.compression == 7 and page.bitspersample == 8
    return (
        page.photometric in _MODELS
        and page.bitspersample in (8, 16, 32, 64)
        and page.compression in _CODECS
        and not (jpeg_of_8_bits and page.photometric != _PHOTOMETRIC[ColorModel.GREY])
        and CHANNELS[_MODELS[page.photometric]] <= page.samplesperpixel <= _MOST_CHANNELS
        and page.imagedepth == 1
        and (page.photometric != _PHOTOMETRIC[ColorModel.LAB] or page.bitspersample <= 16)
    )


def _picture(page: tifffile.TiffPage, notes: list[str]) -> Picture:
    model = _MODELS[page.photometric]
    samples = page.asarray()
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and page.samplesperpixel > 1:
        samples = np.moveaxis(samples.reshape(-1, page.imagelength, page.imagewidth), 0, -1)
    samples = samples.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    count = CHANNELS[model]
    if model is ColorModel.LAB:
        samples = _signed_flipped(samples)
    colour, white = samples[..., :count], likely_white(samples[..., :count])
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        colour = (full_scale(samples) if samples.dtype.kind == "u" else white) - colour
        colour = colour.astype(samples.dtype)
    kinds = tuple(int(kind) for kind in page.extrasamples)
    alpha = next((count + at for at, kind in enumerate(kinds) if kind in (ASSOCIATED, UNASSOCIATED)), None)
    if samples.shape[2] > count + (alpha is not None):
        notes.append("channels that are neither colour nor opacity were left out")
    if alpha is None:
        return Picture(colour[..., 0] if count == 1 else colour, model, white, _bytes(page, PROFILE) or None)
    opacity = samples[..., alpha]
    if kinds[alpha - count] == ASSOCIATED:
        notes.append("the colours came multiplied by their opacity, and were divided by it")
        colour = _divided(colour, opacity, full_scale(samples))
    return Picture(np.dstack([colour, opacity]), model, white, _bytes(page, PROFILE) or None)


def _signed_flipped(samples: Samples) -> Samples:
    """a* and b*, which TIFF has signed, with their zero in the middle; and back."""
    flipped = samples.copy()
    flipped[..., 1:3] ^= samples.dtype.type(1 << (8 * samples.dtype.itemsize - 1))
    return flipped


def _divided(colour: Samples, opacity: Samples, top: float) -> Samples:
    divisor = np.where(opacity == 0, 1, opacity)[..., None].astype(np.float64)
    straight = colour * top / divisor
    if colour.dtype.kind != "f":
        straight = np.rint(np.clip(straight, 0, top))
    return straight.astype(colour.dtype)


def _has_another(file: tifffile.TiffFile) -> bool:
    try:
        return len(file.pages) > 1
    except Exception:  # damage behind the first page does not matter
        return False


def _metadata(data: bytes, page: tifffile.TiffPage, notes: list[str]) -> tuple[dict[str, Any], int]:
    metadata: dict[str, Any] = {}
    orientation = 1
    if xmp := _bytes(page, XMP).rstrip(b"\0"):
        metadata["xmp"] = upright_xmp(xmp)
        orientation = orientation_of(xmp)
    if iptc := _bytes(page, IPTC) or from_resources(_bytes(page, RESOURCES)):
        metadata["iptc"] = iptc
    try:
        exif = Image.Exif()
        exif.load_from_fp(io.BytesIO(data))
        orientation = exif.get(_Tag.Orientation, orientation)
        if kept := descriptive_exif(exif):
            metadata["exif"] = kept
        if (dpi := pillow.resolution(pillow.exif_resolution(exif))) is not None and _unit(exif) != 1:
            metadata["dpi"] = dpi
    except Exception:
        notes.append("the EXIF data is damaged and was left out")
    return metadata, orientation if orientation in range(1, 9) else 1


def _unit(exif: Image.Exif) -> int:
    return int(exif.get(_Tag.ResolutionUnit, 2))


def _bytes(page: tifffile.TiffPage, tag: int) -> bytes:
    """A tag's value, which some programs write as numbers, as bytes."""
    value = page.tags.valueof(tag, b"")
    if isinstance(value, bytes):
        return value
    kind = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B"}.get(int(page.tags[tag].dtype))
    values = value if isinstance(value, tuple) else (value,)
    order = page.parent.byteorder
    return struct.pack(f"{order}{len(values)}{kind}", *values) if kind and isinstance(values[0], int) else b""


def encode(picture: Picture, metadata: dict[str, Any]) -> bytes:
    """An uncompressed TIFF of the samples as they are, with all metadata."""
    big = picture.samples.nbytes > CLASSIC_LIMIT
    samples = picture.samples if picture.model is not ColorModel.LAB else _signed_flipped(picture.samples)
    pixels = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
    directory = TiffImagePlugin.ImageFileDirectory_v2(head)
    _describe(directory, picture, metadata)
    height = len(pixels)
    rows = max(1, min(height, _STRIP // (pixels.nbytes // height)))
    counts = [pixels[top : top + rows].nbytes for top in range(0, height, rows)]
    directory.tagtype[_Tag.StripOffsets] = directory.tagtype[_Tag.StripByteCounts] = (
        TiffTags.LONG8 if big else TiffTags.LONG
    )
    directory[_Tag.RowsPerStrip] = rows
    directory[_Tag.StripByteCounts] = tuple(counts)
    # Relative to the end of the tags: Pillow adds where that is.
    directory[_Tag.StripOffsets] = tuple(int(start) for start in np.cumsum([0, *counts[:-1]]))
    return b"".join([head, directory.tobytes(len(head)), pixels.data.cast("B")])


def _describe(
    directory: TiffImagePlugin.ImageFileDirectory_v2, picture: Picture, metadata: dict[str, Any]
) -> None:
    samples = picture.samples
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    if "exif" in metadata:
        exif = parsed_exif(metadata["exif"])
        for tag in exif:
            group = tag in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
            directory[tag] = exif.get_ifd(tag) if group else exif[tag]
    directory[_Tag.ImageWidth], directory[_Tag.ImageLength] = samples.shape[1], samples.shape[0]
    directory[_Tag.BitsPerSample] = (8 * samples.dtype.itemsize,) * channels
    directory[_Tag.SampleFormat] = (_SAMPLE_FORMATS[samples.dtype.kind],) * channels
    directory[_Tag.Compression] = 1
    directory[_Tag.PhotometricInterpretation] = _PHOTOMETRIC[picture.model]
    directory[_Tag.SamplesPerPixel] = channels
    directory[_Tag.PlanarConfiguration] = 1
    directory[_Tag.Orientation] = 1
    if picture.alpha is not None:
        directory[EXTRA_SAMPLES] = UNASSOCIATED
    if "dpi" in metadata:
        directory[_Tag.ResolutionUnit] = 2
        directory[_Tag.XResolution], directory[_Tag.YResolution] = metadata["dpi"]
    for tag, key in ((PROFILE, "icc_profile"), (XMP, "xmp"), (IPTC, "iptc")):
        if key in metadata:
            directory.tagtype[tag] = TiffTags.UNDEFINED if tag != XMP else TiffTags.BYTE
            directory[tag] = metadata[key]
