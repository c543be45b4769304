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


def sound_png(data: bytes, notes: list[str]) -> bytes:
    """A PNG file without profile and text chunks that are damaged or unpack to more than `MAX_METADATA` in all.

    Pillow would refuse the whole photo for them. Files of other containers are returned as they are.
    """
    if not data.startswith(_PNG):
        return data
    kept: list[bytes] = []
    begin, room = 0, MAX_METADATA
    for kind, at, end in _metadata_chunks(data):
        size = _unpacked_size(kind, memoryview(data)[at + 8 : end - 4], room)
        if (
            size is None
            or size > room
            or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end])
        ):
            notes.append(
                f"a {kind.decode()} chunk of metadata was left out: it is damaged, or larger than any in use"
            )
            kept.append(data[begin:at])
            begin = end
        else:
            room -= size
    return b"".join([*kept, data[begin:]]) if kept else data


def _metadata_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each chunk of metadata, as far as there are whole chunks."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf"):
            yield kind, at, end
        at = end


def _unpacked_size(kind: bytes, content: memoryview, room: int) -> int | None:
    """Bytes of metadata in a chunk, None where it is damaged; of more than `room` no more than one is unpacked.

    PNG, third edition, 11.3.2.3 and 11.3.3.
    """
    if kind in (b"tEXt", b"eXIf"):
        return len(content)
    head = bytes(content[:4096])  # what precedes the text is short
    try:
        keyword = head.index(0)
        if kind == b"iTXt":
            is_packed, method = head[keyword + 1 : keyword + 3]
            text = head.index(0, head.index(0, keyword + 3) + 1) + 1
            if not is_packed:
                return len(content)
        else:
            method, text = head[keyword + 1], keyword + 2
        return None if method else len(zlib.decompressobj().decompress(content[text:], room + 1))
    except (ValueError, IndexError, zlib.error):
        return None
