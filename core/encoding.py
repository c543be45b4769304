"""Writing photos: samples inside the faces changed, everything else the photo's own."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from core.errors import PhotoError
from core.files import write_atomically
from core.metadata import EXIF_HEADER, descriptive_exif, parsed_exif
from core.photo import Samples, eight_bits
from core.types import Photo, Pixels


class OutputFormat(StrEnum):
    """The container of a result. KEEP is the photo's own (PNG where that cannot be written)."""

    KEEP = "keep"
    PNG = "png"
    JPG = "jpg"
    WEBP = "webp"
    TIFF = "tiff"


_PILLOW_NAMES = {
    OutputFormat.PNG: "PNG",
    OutputFormat.JPG: "JPEG",
    OutputFormat.WEBP: "WEBP",
    OutputFormat.TIFF: "TIFF",
}
_SUFFIXES = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
}
_SIDE_LIMITS = {"JPEG": 65_500, "WEBP": 16_383}
_JPEG_SEGMENT_LIMITS = {"exif": 65_533, "xmp": 65_504}
_XMP_TAG = 700
_CLASSIC_TIFF_LIMIT = 4_000_000_000
_CHUNK_LIMIT = 2**30
_STRIP = 256  # rows that are converted at a time


def container(photo: Photo, wanted: OutputFormat) -> str:
    """The container that a photo is written in: PNG, JPEG, WEBP, TIFF or BMP."""
    if wanted is not OutputFormat.KEEP:
        return _PILLOW_NAMES[wanted]
    name = {"MPO": "JPEG"}.get(photo.format, photo.format)
    return name if name in _SUFFIXES else "PNG"


def suffix_for(name: str, current: str) -> str:
    """The file suffix of a container: the current one where it fits, else the usual one."""
    return current if current.lower() in _SUFFIXES[name] else _SUFFIXES[name][0]


def check_size(name: str, size: tuple[int, int], path: Path) -> None:
    """Raises PhotoError when a container cannot hold a picture of (width, height)."""
    limit = _SIDE_LIMITS.get(name)
    if limit is not None and max(size) > limit:
        raise PhotoError(
            f"'{path}' would be larger than {name} can hold ({limit} px); choose --format png or tiff."
        )


def write_photo(photo: Photo, rgb: Pixels, path: Path, name: str, quality: int = 95) -> list[str]:
    """Write `rgb`, a restored picture of `photo` (its depth, any whole enlargement), to `path`.

    `name` is a container of `container`; `quality` is 1 to 100 for JPEG and WebP (WebP 100 is lossless).
    Colour profile, EXIF, XMP and resolution go along. Returns sentences on what the container could not
    hold. Raises PhotoError.
    """
    notes: list[str] = []
    samples = merged_samples(photo, rgb)
    check_size(name, (rgb.shape[1], rgb.shape[0]), path)
    samples = _fitted(samples, name, notes)
    metadata = _fitted_metadata(photo.metadata, samples, name, notes)
    write_atomically(path, _encode(samples, name, quality, metadata))
    return notes


def merged_samples(photo: Photo, rgb: Pixels) -> Samples:
    """`rgb` with the photo's channels: grey stays grey while the picture is grey, alpha is carried along."""
    original = photo.samples
    is_grey = _is_grey(original) and bool((rgb[..., :1] == rgb[..., 1:]).all())
    colour = rgb[..., :1] if is_grey else rgb
    if _has_alpha(original):
        alpha = original[..., -1]
        if alpha.shape != rgb.shape[:2]:
            alpha = np.asarray(cv2.resize(alpha, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))
        return np.concatenate([colour, alpha[..., None]], axis=2)
    return colour[..., 0] if is_grey else colour


def _is_grey(samples: Samples) -> bool:
    return samples.ndim == 2 or samples.shape[2] == 2


def _has_alpha(samples: Samples) -> bool:
    return samples.ndim == 3 and samples.shape[2] in (2, 4)


def _fitted(samples: Samples, name: str, notes: list[str]) -> Samples:
    """The samples in the depth and channels that the container can hold."""
    if samples.dtype == np.uint16 and name not in ("PNG", "TIFF"):
        notes.append(f"{name} holds 8 bits a channel: the 16-bit samples were rounded")
        samples = _in_strips(eight_bits, samples)
    if name in ("JPEG", "BMP") and _has_alpha(samples):
        notes.append(f"{name} holds no transparency: the picture was laid on white")
        samples = _in_strips(_on_white, samples)
        samples = samples[..., 0] if samples.shape[2] == 1 else samples
    if name == "TIFF" and samples.dtype == np.uint16 and samples.ndim == 3 and samples.shape[2] == 2:
        samples = samples[..., [0, 0, 0, 1]]  # Few programs, and not Pillow, read 16-bit grey with alpha.
    return samples


def _in_strips(change: Callable[[Samples], Samples], samples: Samples) -> Samples:
    """`change`, which treats each pixel by itself, for some rows at a time: its intermediate copies stay small."""
    return np.concatenate([change(samples[top : top + _STRIP]) for top in range(0, len(samples), _STRIP)])


def _on_white(samples: Samples) -> Samples:
    alpha = samples[..., -1:].astype(np.float32) / 255
    return np.asarray(np.rint(samples[..., :-1] * alpha + 255 * (1 - alpha)), np.uint8)


def _fitted_metadata(metadata: dict[str, Any], samples: Samples, name: str, notes: list[str]) -> dict[str, Any]:
    """The metadata that the container can hold and that is true of the samples."""
    kept = dict(metadata)
    if name == "BMP":
        lost = sorted(
            {"icc_profile": "colour profile", "exif": "EXIF", "xmp": "XMP"}[k] for k in kept if k != "dpi"
        )
        if lost:
            notes.append(f"BMP holds no {', '.join(lost)} data: it was left out")
        return {key: kept[key] for key in ("dpi",) if key in kept}
    space = kept.get("icc_profile", b"RGB ".rjust(20))[16:20]  # ICC.1:2022, 7.2.6
    if space != b"RGB " and not (space == b"GRAY" and _is_grey(samples) and name != "WEBP"):
        notes.append("the colour profile is not for the picture's channels and was left out")
        del kept["icc_profile"]
    if name == "JPEG":
        for key, limit in _JPEG_SEGMENT_LIMITS.items():
            if len(kept.get(key, b"")) > limit:
                notes.append(f"the {key.upper()} data is larger than JPEG can hold and was left out")
                del kept[key]
    if name == "TIFF" and "exif" in kept:
        try:
            kept["exif"] = descriptive_exif(parsed_exif(kept["exif"]))
        except Exception:
            # Damage below the first directory, which the other containers take along unread.
            notes.append("the EXIF data is damaged and was left out")
            del kept["exif"]
    return kept


def _encode(samples: Samples, name: str, quality: int, metadata: dict[str, Any]) -> bytes:
    if name == "TIFF":
        return _tiff(samples, metadata)
    if samples.dtype == np.uint16:
        return _png16(samples, metadata)
    options: dict[str, Any] = dict(metadata)
    if name == "JPEG":
        # Full chroma resolution from 90 on: half of it is what makes lips and eyes bleed.
        options |= {"quality": quality, "subsampling": 0 if quality >= 90 else 2}
    elif name == "WEBP":
        options |= {"lossless": True, "exact": True} if quality == 100 else {"quality": quality}
    elif name == "PNG":
        options["compress_level"] = 4  # Photos get as small as at 6, in about half the time.
        if "xmp" in metadata:
            options["pnginfo"] = PngImagePlugin.PngInfo()
            options["pnginfo"].add(b"iTXt", _PNG_XMP + metadata["xmp"])
    return _saved(samples, name, options)


def _saved(samples: Samples, name: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, name, **options)
    return buffer.getvalue()


def _tiff(samples: Samples, metadata: dict[str, Any]) -> bytes:
    """An uncompressed TIFF: Pillow's compressed ones carry no EXIF directories."""
    exif = parsed_exif(metadata.get("exif", b""))
    if "xmp" in metadata:
        exif[_XMP_TAG] = metadata["xmp"]
    options = {**metadata, "exif": exif, "big_tiff": samples.nbytes > _CLASSIC_TIFF_LIMIT}
    if samples.dtype == np.uint8:
        return _saved(samples, "TIFF", options)
    import tifffile  # here, for it takes a moment and few photos need it

    # Pillow writes no 16-bit colour: it gets the bytes as 8-bit samples, twice as many a row, and the tags
    # are corrected afterwards.
    height, width = samples.shape[:2]
    channels = samples.shape[2:]
    halves = np.ascontiguousarray(samples, "<u2").view(np.uint8).reshape(height, 2 * width, *channels)
    buffer = io.BytesIO(_saved(halves, "TIFF", options))
    with tifffile.TiffFile(buffer, mode="r+") as file:
        tags = file.pages.first.tags
        tags["ImageWidth"].overwrite(width)
        tags["BitsPerSample"].overwrite((16,) * (channels[0] if channels else 1))
    return buffer.getvalue()


_PNG_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"  # keyword, no compression, no language


def _png16(samples: Samples, metadata: dict[str, Any]) -> bytes:
    """A 16-bit PNG; Pillow writes no 16-bit colour, OpenCV neither grey with alpha nor metadata."""
    height, width = samples.shape[:2]
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[samples[0, 0].size]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))]
    if "icc_profile" in metadata:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata["icc_profile"])))
    if "dpi" in metadata:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(value / 0.0254) for value in metadata["dpi"]), 1)))
    if "exif" in metadata:
        chunks.append((b"eXIf", metadata["exif"].removeprefix(EXIF_HEADER)))
    if "xmp" in metadata:
        chunks.append((b"iTXt", _PNG_XMP + metadata["xmp"]))
    packed = _packed_rows(samples)
    chunks += [(b"IDAT", packed[at : at + _CHUNK_LIMIT]) for at in range(0, len(packed), _CHUNK_LIMIT)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in [*chunks, (b"IEND", b"")])


def _packed_rows(samples: Samples) -> bytes:
    """The samples as PNG's image data, each row less the one above it (filter 2)."""
    packer, parts = zlib.compressobj(3), []
    above: npt.NDArray[np.uint8] | int = 0
    for top in range(0, len(samples), _STRIP):
        strip = samples[top : top + _STRIP]
        rows = np.ascontiguousarray(strip, ">u2").view(np.uint8).reshape(len(strip), -1)
        filtered = np.full((len(rows), rows.shape[1] + 1), 2, np.uint8)
        filtered[:, 1:] = rows
        filtered[0, 1:] -= np.asarray(above, np.uint8)
        filtered[1:, 1:] -= rows[:-1]
        above = rows[-1]
        parts.append(packer.compress(filtered.data))
    return b"".join([*parts, packer.flush()])


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
