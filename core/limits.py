"""How large a photo and what its file says about it may be: files can claim, or unpack to, any size."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from core.errors import PhotoError

MAX_PIXELS = 300_000_000
"""Larger pictures are refused before they are decoded (decompression bombs), unless more is asked for."""

MAX_METADATA = 32_000_000
"""Bytes of a profile, of EXIF or of XMP data beyond which it is left out; few have more than a million."""

_MAX_BYTES_PER_PIXEL = 16  # four channels of 32 bits
_PNG = b"\x89PNG\r\n\x1a\n"

# Our own limits are checked before anything is decoded; Pillow's refuse the whole photo for a large profile.
Image.MAX_IMAGE_PIXELS = None
PngImagePlugin.MAX_TEXT_CHUNK = MAX_METADATA
PngImagePlugin.MAX_TEXT_MEMORY = 4 * MAX_METADATA


def file_limit(max_pixels: int) -> int:
    """The most bytes that a file with a photo of `max_pixels` may have."""
    return max_pixels * _MAX_BYTES_PER_PIXEL + MAX_METADATA


def check_pixels(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    """Raises PhotoError when a picture of (width, height) has more than `max_pixels`."""
    width, height = size
    if width * height > max_pixels:
        raise PhotoError(
            f"'{path}' claims {width} x {height} px, more than {max_pixels / 1e6:g} megapixels; make it smaller, "
            "or raise --max-megapixels if it is a photo you trust."
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


def without_text_bombs(data: bytes, notes: list[str]) -> bytes:
    """A PNG file without the profile and text chunks that would unpack to more than `MAX_METADATA` in all.

    Files of other containers are returned as they are.
    """
    if not data.startswith(_PNG):
        return data
    kept: list[bytes] = []
    begin, room = 0, MAX_METADATA
    for kind, at, end in _chunks(data):
        size = _unpacked_size(kind, memoryview(data)[at + 8 : end - 4], room)
        if size > room:
            notes.append(f"a {kind.decode()} chunk of metadata was left out: it is larger than any in use")
            kept.append(data[begin:at])
            begin = end
        else:
            room -= size
    return b"".join([*kept, data[begin:]]) if kept else data


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each whole chunk, until one is none."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        yield kind, at, end
        at = end


def _unpacked_size(kind: bytes, content: memoryview, room: int) -> int:
    """Bytes of metadata in a chunk, 0 for other chunks; of more than `room` no more than one is unpacked."""
    if kind in (b"tEXt", b"eXIf"):
        return len(content)
    if kind in (b"zTXt", b"iCCP"):
        return _inflated_size(_after(content, 1)[1:], room)
    if kind == b"iTXt":
        fields = _after(content, 1)
        text = _after(fields[2:], 2)
        return _inflated_size(text, room) if bytes(fields[:1]) == b"\1" else len(content)
    return 0


def _after(content: memoryview, zeros: int) -> memoryview:
    """What follows so many zero bytes; empty when there are fewer."""
    head = bytes(content[:4096])  # keywords have at most 79 bytes
    at = -1
    for _ in range(zeros):
        at = head.find(b"\0", at + 1)
        if at < 0:
            return content[:0]
    return content[at + 1 :]


def _inflated_size(packed: memoryview, room: int) -> int:
    try:
        return len(zlib.decompressobj().decompress(packed, room + 1))
    except zlib.error:
        return len(packed)
