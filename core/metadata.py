"""What a photo's file says about it: colour profile, EXIF, XMP, resolution."""

from __future__ import annotations

import math
import re
import struct
from typing import Any

from PIL import ExifTags, Image

EXIF_HEADER = b"Exif\0\0"

_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_DESCRIPTIVE = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.HostComputer,
    ExifTags.Base.Rating,
    ExifTags.Base.Copyright,
)

_MAX_DPI = 65_535


def read_metadata(image: Image.Image, notes: list[str]) -> tuple[dict[str, Any], int]:
    """The metadata of a loaded picture, for samples that are turned upright, and its EXIF orientation (1 to 8).

    The keys, each only where there is something: `icc_profile`, `exif` (begins with EXIF_HEADER), `xmp`, all
    bytes, and `dpi`, a pair of finite positive floats. Damaged EXIF data is left out, with a note.
    """
    metadata: dict[str, Any] = {}
    for key in ("icc_profile", "xmp"):
        if isinstance(value := image.info.get(key), bytes) and value:
            metadata[key] = value
    if "xmp" in metadata:
        metadata["xmp"] = re.sub(rb'(tiff:Orientation(?:="|>))[0-9]', rb"\g<1>1", metadata["xmp"])
    if (dpi := _resolution(image)) is not None:
        metadata["dpi"] = dpi
    orientation = 1
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        raw = image.info.get("exif")
        if kept := upright_exif(raw) if raw else descriptive_exif(exif):
            metadata["exif"] = kept
    except Exception:
        # Whatever a decoder makes of damaged metadata, the picture itself is there.
        notes.append("the EXIF data is damaged and was left out")
    return metadata, orientation if orientation in range(1, 9) else 1


def upright_exif(exif: bytes) -> bytes:
    """The same EXIF data with orientation 1 and without the preview, which shows the photo unrestored.

    All else stays as it is, byte for byte: maker notes hold offsets that do not survive rewriting. Raises
    struct.error for data cut short.
    """
    data = bytearray(exif.removeprefix(EXIF_HEADER))
    order = "<" if data.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    end = directory + 2 + 12 * count
    for entry in range(directory + 2, end, 12):
        if struct.unpack_from(f"{order}H", data, entry) == (ExifTags.Base.Orientation,):
            struct.pack_into(f"{order}HIHH", data, entry + 2, 3, 1, 1, 0)  # one unsigned short of value 1
    struct.pack_into(f"{order}I", data, end, 0)  # there is no second directory, that of the preview
    return EXIF_HEADER + bytes(data)


def descriptive_exif(exif: Image.Exif) -> bytes:
    """What describes the photo, without the tags that describe one file's layout; empty when there is nothing."""
    kept = Image.Exif()
    for tag in _DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for directory in _DIRECTORIES:
        tags = {tag: value for tag, value in exif.get_ifd(directory).items() if tag != ExifTags.IFD.Interop}
        if tags:
            kept[directory] = tags
    return kept.tobytes() if len(kept) else b""


def parsed_exif(exif: bytes) -> Image.Exif:
    """EXIF data as Pillow's object. Raises what Pillow raises for damaged data."""
    parsed = Image.Exif()
    parsed.load(exif)
    return parsed


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if all(math.isfinite(v) and 0 < v <= _MAX_DPI for v in (x, y)) else None
