"""How large a photo and its metadata may be: files can claim, or unpack to, any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from core.errors import PhotoError

MAX_PIXELS = 300_000_000
"""Larger pictures are refused before they are decoded (decompression bombs), unless more is asked for."""

MAX_METADATA = 32_000_000
"""Bytes of a profile, of EXIF or of XMP data beyond which it is left out; few have more than a million."""

_MAX_BYTES_PER_PIXEL = 16  # four channels of 32 bits

# Our own limits are checked before anything is decoded; Pillow's refuse the whole photo for a large profile.
Image.MAX_IMAGE_PIXELS = None
PngImagePlugin.MAX_TEXT_CHUNK = MAX_METADATA
PngImagePlugin.MAX_TEXT_MEMORY = 4 * MAX_METADATA


def file_limit(max_pixels: int) -> int:
    """The most bytes that a file with a photo of `max_pixels` may have."""
    return max_pixels * _MAX_BYTES_PER_PIXEL + MAX_METADATA


def check_pixels(path: Path, size: tuple[int, int], pixel_bytes: int = 1, *, max_pixels: int) -> None:
    """Raises PhotoError when a picture of (width, height) has more than `max_pixels`, or more bytes than as many
    pixels of the widest usual kind; ValueError when it has no pixel."""
    width, height = size
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width} x {height} px")
    claimed, most = width * height * pixel_bytes / 1e9, max_pixels * _MAX_BYTES_PER_PIXEL / 1e9
    if width * height > max_pixels:
        excess = f"{width} x {height} px, more than {max_pixels / 1e6:g} megapixels"
    elif claimed > most:
        excess = f"{claimed:.1f} GB of samples, more than a photo of the largest size may have ({most:.1f} GB)"
    else:
        return
    raise PhotoError(
        f"'{path}' claims {excess}; make it smaller, or raise --max-megapixels if it is a photo you trust."
    )


def bounded(metadata: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """The metadata without what is larger than `MAX_METADATA`, which is noted."""
    names = {"icc_profile": "colour profile", "exif": "EXIF data", "xmp": "XMP data", "iptc": "IPTC data"}
    kept = {}
    for key, value in metadata.items():
        if isinstance(value, bytes) and len(value) > MAX_METADATA:
            notes.append(f"the {names.get(key, key)} of {len(value) / 1e6:.0f} MB was left out")
        else:
            kept[key] = value
    return kept
