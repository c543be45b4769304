"""JPEG: written with the tables that the photo came with, so that the second compression costs next to nothing."""

from __future__ import annotations

import functools
import io
import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin

from core.photos.iptc import JPEG_HEADER, as_resource
from core.photos.picture import Picture
from core.photos.texts import as_comment
from core.types import ColorModel

Table = tuple[int, ...]

QUALITY = 95
"""For photos that were no JPEG before."""

LEAST_QUALITY = 90
"""Of a photo's own tables no number is larger than this quality's: coarser ones would be seen in new faces."""

SEGMENT = 65_533
"""Bytes that one segment of metadata holds."""

XMP_LIMIT = SEGMENT - len(b"http://ns.adobe.com/xap/1.0/\0")

MAX_SCANS = 100
"""Passes of a JPEG over its picture; encoders make ten or so, and thousands in a small file take minutes."""

_FULL_CHROMA = 0
_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)  # but for those amid the data of a scan


@dataclass(frozen=True)
class JpegCoding:
    """How a JPEG was compressed: quantization tables of 64 numbers, Pillow's subsampling (0 to 2), scans."""

    luma: Table
    chroma: Table
    subsampling: int
    progressive: bool


def coding_of(image: Image.Image) -> JpegCoding | None:
    """How an opened JPEG is compressed, None where that is not known."""
    tables: dict[int, Any] = getattr(image, "quantization", {})
    try:
        used = [tuple(tables[layer[3]]) for layer in image.layer]  # type: ignore[attr-defined]
        subsampling = JpegImagePlugin.get_sampling(image) if len(used) == 3 else _FULL_CHROMA
    except (KeyError, IndexError, AttributeError):
        return None
    if not used or any(len(table) != 64 for table in used):
        return None
    # Inks are written with one table, the finest of each number, see `_tables`.
    luma = _finest(used) if len(used) == 4 else used[0]
    chroma = _finest(used[1:3]) if len(used) == 3 else luma
    return JpegCoding(luma, chroma, max(subsampling, _FULL_CHROMA), bool(image.info.get("progressive")))


def check_scans(jpeg: bytes) -> None:
    """Raises ValueError when a file is a JPEG of more than `MAX_SCANS`."""
    if not jpeg.startswith(b"\xff\xd8") or jpeg.count(_SCAN) <= MAX_SCANS:
        return
    # Other data may hold the same two bytes; the picture itself cannot (ITU-T T.81, B.1.1).
    scans, at = 0, 2
    while (found := _MARKER.search(jpeg, at)) is not None and found[0] != _END:
        scans += found[0] == _SCAN
        at = found.end() + int.from_bytes(jpeg[found.end() : found.end() + 2])
    if scans > MAX_SCANS:
        raise ValueError(f"a JPEG of {scans} scans")


def encode(picture: Picture, metadata: dict[str, Any], quality: int | None) -> bytes:
    """A JPEG of 8-bit grey, RGB or CMYK samples without alpha.

    `quality` is 1 to 100; None is the photo's own, where it was a JPEG, but `LEAST_QUALITY` at least.
    """
    options: dict[str, Any] = {
        key: metadata[key] for key in ("icc_profile", "exif", "xmp", "dpi") if key in metadata
    }
    if "texts" in metadata:
        options["comment"] = as_comment(metadata["texts"])
    coding: JpegCoding | None = metadata.get("jpeg")
    if quality is None and coding is not None:
        floor = _tables_of_quality(LEAST_QUALITY)
        options["qtables"] = [_finest([coding.luma, floor[0]]), _finest([coding.chroma, floor[1]])]
        options |= {"subsampling": coding.subsampling, "progressive": coding.progressive}
    else:
        quality = QUALITY if quality is None else quality
        # Full chroma resolution from 90 on: half of it is what makes lips and eyes bleed.
        options |= {"quality": quality, "subsampling": _FULL_CHROMA if quality >= 90 else 2}
    mode = {ColorModel.GREY: "L", ColorModel.RGB: "RGB", ColorModel.CMYK: "CMYK"}[picture.model]
    size = (picture.samples.shape[1], picture.samples.shape[0])
    buffer = io.BytesIO()
    Image.frombuffer(mode, size, np.ascontiguousarray(picture.samples)).save(buffer, "JPEG", **options)
    data = buffer.getvalue()
    return _with_iptc(data, metadata["iptc"]) if "iptc" in metadata else data


def _finest(tables: list[Table]) -> Table:
    return tuple(min(numbers) for numbers in zip(*tables, strict=True))


@functools.cache
def _tables_of_quality(quality: int) -> tuple[Table, Table]:
    """libjpeg's tables for luma and chroma."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
    tables = Image.open(buffer).quantization  # type: ignore[attr-defined]
    return tuple(tables[0]), tuple(tables[1])


def _with_iptc(data: bytes, iptc: bytes) -> bytes:
    """The file with a segment for IPTC data behind those that name the container and EXIF."""
    at = 2
    while data[at : at + 2] in (b"\xff\xe0", b"\xff\xe1"):
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    content = JPEG_HEADER + as_resource(iptc)
    return data[:at] + b"\xff\xed" + struct.pack(">H", len(content) + 2) + content + data[at:]
