"""What Pillow reads (8 bits, and more where noted) and writes, and the metadata it knows of."""

from __future__ import annotations

import io
import math
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from core.photos import avif, jpeg, jpeg2000, png, ppm, webp
from core.photos.colorimetry import profile_told
from core.photos.exif import DAMAGED_EXIF, HEADER, descriptive_exif, upright_exif
from core.photos.iptc import PNG_KEYWORD, RESOURCE_NUMBER, from_png_text
from core.photos.picture import Decoded, Picture, Samples, full_scale, likely_white, usual_model
from core.photos.texts import from_comment
from core.photos.truncation import load_whole_or_cut
from core.photos.xmp import orientation_of, upright_xmp
from core.types import ColorModel

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF")
"""What is read, where Pillow knows it. Not everything Pillow opens: it runs other programs on some (EPS)."""

SEVERAL_PICTURES = "the file holds several pictures; the first one is used"


class CheckSize(Protocol):
    """Raises where a picture of (width, height), with so many bytes a pixel, is too large to be decoded."""

    def __call__(self, size: tuple[int, int], pixel_bytes: int = 1) -> None: ...


_DEEP = (png, avif, jpeg2000, ppm)
"""What reads files of more than 8 bits that Pillow reads as 8."""

_WITH_COMMENT = ("JPEG", "MPO", "GIF")  # what people write, and not the name of a library as in JPEG 2000
_MAX_DPI = 65_535


def read(data: bytes, check: CheckSize) -> Decoded:
    """Decode any container of `FORMATS`. Raises what Pillow raises."""
    Image.init()
    notes: list[str] = []
    jpeg.check_scans(data)
    if data[8:16] == b"WEBPVP8X":
        # Pillow makes room for the whole canvas before it tells how large that is.
        check((1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")))
    with _opened(data, notes) as opened:
        check(opened.size)
        image = load_whole_or_cut(opened, data, notes)
        metadata, orientation = read_metadata(image, notes)
        if image.format == "WEBP" and webp.is_lossless(data):
            metadata["lossless"] = True
        picture = _picture(image, data, notes)
        if image.format == "PNG":
            chunks = list(png.chunks_of(data))
            metadata |= png.descriptions(chunks)
            if picture.profile is None:
                picture = replace(picture, profile=profile_told(dict(chunks), picture.model, notes))
        # Looking for a second frame reads on: damage behind the first one does not matter.
        with suppress(Exception):
            if getattr(image, "is_animated", False):
                notes.append(SEVERAL_PICTURES)
        return Decoded(picture, image.format or "PNG", metadata, orientation, tuple(notes))


def _opened(data: bytes, notes: list[str]) -> Image.Image:
    """Raises UnidentifiedImageError where the file does not even begin as one that is read."""
    formats = [name for name in FORMATS if name in Image.OPEN]
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        if not any(accepts(data[:16]) for _, accepts in map(Image.OPEN.__getitem__, formats) if accepts):
            raise
    try:
        # Pillow takes some JPEG files with damaged EXIF data for no picture at all.
        image = Image.open(io.BytesIO(data.replace(HEADER, bytes(len(HEADER)))), formats=["JPEG"])
    except UnidentifiedImageError as error:
        raise OSError("the header is damaged") from error
    notes.append(DAMAGED_EXIF)
    return image


def _picture(image: Image.Image, data: bytes, notes: list[str]) -> Picture:
    profile = image.info.get("icc_profile") or None
    for container in _DEEP:
        if container.is_deep(data):
            samples = container.deep_samples(data)
            model = ColorModel.CMYK if image.mode == "CMYK" else usual_model(samples)
            return Picture(samples, model, full_scale(samples), profile)
    if image.mode == "CMYK":
        return Picture(np.asarray(image), ColorModel.CMYK, 255, profile)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        samples = _deep_grey(image)
        return Picture(samples, ColorModel.GREY, likely_white(samples), profile)
    samples = _eight_bit_samples(image, notes)
    return Picture(samples, usual_model(samples), 255, profile)


def _deep_grey(image: Image.Image) -> Samples:
    samples = np.asarray(image)
    if samples.dtype == np.int32 and samples.min() >= 0 and samples.max() <= 65535:
        return samples.astype(np.uint16)
    return samples.astype(samples.dtype.newbyteorder("="), copy=False)


def _eight_bit_samples(image: Image.Image, notes: list[str]) -> Samples:
    mode = image.mode
    target = {"1": "L", "L": "L", "LA": "LA", "RGBA": "RGBA", "PA": "RGBA"}.get(mode, "RGB")
    if "transparency" in image.info:
        target = {"L": "LA", "RGB": "RGBA"}.get(target, target)
    elif target == "RGB" and mode not in ("RGB", "P"):
        notes.append(f"the {mode} samples were converted to RGB")
    return np.asarray(image if mode == target else image.convert(target))


def read_metadata(image: Image.Image, notes: list[str]) -> tuple[dict[str, Any], int]:
    """The metadata of a loaded picture, for samples that are turned upright, and its EXIF orientation (1 to 8).

    The keys, each only where there is something: `exif` (begins with its header), `xmp`, `iptc`, all bytes;
    `dpi`, a pair of finite positive floats; `texts`, a tuple of Text; `jpeg`, a JpegCoding. Damaged EXIF data is
    left out, with a note.
    """
    metadata: dict[str, Any] = {}
    orientation = 1
    if isinstance(xmp := image.info.get("xmp"), bytes) and xmp:
        metadata["xmp"] = upright_xmp(xmp)
        orientation = orientation_of(xmp)
    if iptc := _iptc(image):
        metadata["iptc"] = iptc
    if isinstance(comment := image.info.get("comment"), bytes) and image.format in _WITH_COMMENT:
        metadata |= {"texts": told} if (told := from_comment(comment)) else {}
    if (coding := jpeg.coding_of(image)) is not None:
        metadata["jpeg"] = coding
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, orientation)
        raw = image.info.get("exif")
        if kept := upright_exif(raw) if raw else descriptive_exif(exif):
            metadata["exif"] = kept
        if (dpi := resolution(image.info.get("dpi") or exif_resolution(exif))) is not None:
            metadata["dpi"] = dpi
    except Exception:
        # Whatever a decoder makes of damaged metadata, the picture itself is there.
        notes.append(DAMAGED_EXIF)
    return metadata, orientation if orientation in range(1, 9) else 1


def _iptc(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    if isinstance(resources, dict):
        return bytes(resources.get(RESOURCE_NUMBER, b""))
    text = image.info.get(PNG_KEYWORD)
    return from_png_text(text) if isinstance(text, str) else b""


def exif_resolution(exif: Image.Exif) -> tuple[Any, Any] | None:
    """Pixels per inch by EXIF's tags, unchecked."""
    x, y = exif.get(ExifTags.Base.XResolution), exif.get(ExifTags.Base.YResolution)
    if x is None or y is None:
        return None
    scale = 2.54 if exif.get(ExifTags.Base.ResolutionUnit) == 3 else 1.0  # centimetres
    return float(x) * scale, float(y) * scale


def resolution(values: object) -> tuple[float, float] | None:
    """Pixels per inch where both are numbers that make sense."""
    try:
        x, y = (float(value) for value in values)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if all(math.isfinite(v) and 0 < v <= _MAX_DPI for v in (x, y)) else None


def encode(name: str, picture: Picture, metadata: dict[str, Any], quality: int | None) -> bytes:
    """A WebP, AVIF or BMP of 8-bit samples. Quality 100 is lossless; None is what the photo was, or 95."""
    kept = ("dpi",) if name == "BMP" else ("icc_profile", "exif", "xmp")
    options: dict[str, Any] = {key: metadata[key] for key in kept if key in metadata}
    if name == "WEBP" and (quality == 100 or (quality is None and metadata.get("lossless"))):
        options |= {"lossless": True, "exact": True}
    elif name in ("WEBP", "AVIF"):
        options["quality"] = jpeg.QUALITY if quality is None else quality
        if name == "AVIF":
            options |= {"subsampling": "4:4:4"} if options["quality"] >= 90 else {}
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture.samples)).save(buffer, name, **options)
    return buffer.getvalue()
