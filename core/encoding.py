"""Writing photos: samples inside the faces changed, everything else the photo's own."""

from __future__ import annotations

import io
import struct
import zlib
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image

from core.errors import PhotoError
from core.files import write_atomically
from core.photo import ORIENTATION_TAG, Samples
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
_SIDE_LIMITS = {"JPEG": 65_535, "WEBP": 16_383}


def container(photo: Photo, wanted: OutputFormat) -> str:
    """The container that a photo is written in: PNG, JPEG, WEBP, TIFF or BMP."""
    if wanted is not OutputFormat.KEEP:
        return _PILLOW_NAMES[wanted]
    name = {"MPO": "JPEG"}.get(photo.format, photo.format)
    return name if name in _SUFFIXES else "PNG"


def suffix_for(name: str, current: str) -> str:
    """The file suffix of a container: the current one where it fits, else the usual one."""
    return current if current.lower() in _SUFFIXES[name] else _SUFFIXES[name][0]


def write_photo(photo: Photo, rgb: Pixels, path: Path, name: str, quality: int = 95) -> list[str]:
    """Write `rgb`, a restored picture of `photo` (its depth, any whole enlargement), to `path`.

    `name` is a container of `container`; `quality` is 1 to 100 for JPEG and WebP (WebP 100 is lossless).
    Colour profile, EXIF, XMP and resolution go along. Returns sentences on what the container could not
    hold. Raises PhotoError.
    """
    notes: list[str] = []
    samples = merged_samples(photo, rgb)
    limit = _SIDE_LIMITS.get(name)
    if limit is not None and max(samples.shape[:2]) > limit:
        raise PhotoError(
            f"'{path}' would be larger than {name} can hold ({limit} px); choose --format png or tiff."
        )
    data = _encode(_fitted(samples, name, notes), name, quality, _upright_metadata(photo.metadata))
    write_atomically(path, data)
    return notes


def merged_samples(photo: Photo, rgb: Pixels) -> Samples:
    """`rgb` with the photo's channels: grey stays grey while the picture is grey, alpha is carried along."""
    original = photo.samples
    was_grey = original.ndim == 2 or original.shape[2] == 2
    is_grey = was_grey and bool((rgb[..., :1] == rgb[..., 1:]).all())
    colour = rgb[..., :1] if is_grey else rgb
    if original.ndim == 3 and original.shape[2] in (2, 4):
        alpha = original[..., -1]
        if alpha.shape != rgb.shape[:2]:
            alpha = np.asarray(cv2.resize(alpha, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))
        return np.concatenate([colour, alpha[..., None]], axis=2)
    return colour[..., 0] if is_grey else colour


def _fitted(samples: Samples, name: str, notes: list[str]) -> Samples:
    """The samples in the depth and channels that the container can hold."""
    if samples.dtype == np.uint16 and name not in ("PNG", "TIFF"):
        notes.append(f"{name} holds 8 bits a channel: the 16-bit samples were rounded")
        samples = np.asarray((samples.astype(np.uint32) + 128) // 257, np.uint8)
    if name in ("JPEG", "BMP") and samples.ndim == 3 and samples.shape[2] in (2, 4):
        notes.append(f"{name} holds no transparency: the picture was laid on white")
        alpha = samples[..., -1:].astype(np.float32) / 255
        flat = samples[..., :-1] * alpha + 255 * (1 - alpha)
        samples = np.rint(flat).astype(np.uint8)
        samples = samples[..., 0] if samples.shape[2] == 1 else samples
    return samples


def _upright_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata for samples that were turned upright: the EXIF orientation is reset."""
    kept = dict(metadata)
    if "exif" in kept:
        exif = Image.Exif()
        exif.load(kept["exif"])
        exif[ORIENTATION_TAG] = 1
        kept["exif"] = exif.tobytes()
    return kept


def _encode(samples: Samples, name: str, quality: int, metadata: dict[str, Any]) -> bytes:
    if samples.dtype == np.uint16:
        return _png16(samples, metadata) if name == "PNG" else _tiff16(samples, metadata)
    options: dict[str, Any] = dict(metadata)
    if name == "JPEG":
        # Full chroma resolution from 90 on: half of it is what makes lips and eyes bleed.
        options |= {"quality": quality, "subsampling": 0 if quality >= 90 else 2, "optimize": True}
    elif name == "WEBP":
        options |= {"lossless": True} if quality == 100 else {"quality": quality}
    elif name == "TIFF":
        options |= {"compression": "tiff_deflate"}
        options.pop("xmp", None)
    elif name == "BMP":
        options = {key: options[key] for key in ("dpi",) if key in options}
    elif name == "PNG":
        options.pop("xmp", None)
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, name, **options)
    return buffer.getvalue()


def _tiff16(samples: Samples, metadata: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    colour = samples.ndim == 3 and samples.shape[2] > 2
    tifffile.imwrite(
        buffer,
        samples,
        photometric="rgb" if colour else "minisblack",
        extrasamples=["unassalpha"] if samples.ndim == 3 and samples.shape[2] in (2, 4) else None,
        planarconfig="contig" if samples.ndim == 3 else None,
        compression="zlib",
        iccprofile=metadata.get("icc_profile"),
        resolution=metadata.get("dpi"),
        resolutionunit="INCH" if "dpi" in metadata else None,
        metadata=None,
    )
    return buffer.getvalue()


def _png16(samples: Samples, metadata: dict[str, Any]) -> bytes:
    if samples.ndim == 3 and samples.shape[2] == 2:
        samples = np.concatenate([np.repeat(samples[..., :1], 3, axis=2), samples[..., 1:]], axis=2)
    if samples.ndim == 3:
        samples = samples[..., [2, 1, 0, 3][: samples.shape[2]]]
    _, encoded = cv2.imencode(".png", samples)
    data = encoded.tobytes()
    # OpenCV writes no colour profile: put the metadata chunks right after the header (8 + 25 bytes).
    chunks = b""
    if "icc_profile" in metadata:
        chunks += _png_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata["icc_profile"]))
    if "dpi" in metadata:
        x, y = (round(float(value) / 0.0254) for value in metadata["dpi"])
        chunks += _png_chunk(b"pHYs", struct.pack(">IIB", x, y, 1))
    if "exif" in metadata:
        chunks += _png_chunk(b"eXIf", metadata["exif"].removeprefix(b"Exif\0\0"))
    return data[:33] + chunks + data[33:]


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
