"""PNG: 8 and 16 bits of grey and RGB, with or without alpha, through libpng."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.limits import MAX_METADATA
from core.photos import exif, iptc, texts
from core.photos.picture import Picture, Samples

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 25  # the chunk IHDR
_METRE = 0.0254  # inches
_TOLD = (*texts.PNG_KINDS, b"tIME", b"cICP", b"sRGB", b"gAMA", b"cHRM")


def is_deep(data: bytes) -> bool:
    """Whether a file is a PNG of 16 bits, which Pillow reads as 8."""
    return data.startswith(_SIGNATURE) and data[24:25] == b"\x10"


def deep_samples(data: bytes) -> Samples:
    """The samples of a 16-bit PNG, (H, W) or (H, W, C); a transparent colour becomes alpha."""
    import imagecodecs  # here, for it takes a moment and few photos need it

    return np.asarray(imagecodecs.png_decode(data))


def without_damaged_metadata(data: bytes, notes: list[str]) -> bytes:
    """A PNG file without profile and text chunks that are damaged or unpack to more than `MAX_METADATA` in all.

    Pillow would refuse the whole photo for them. Files of other containers are returned as they are.
    """
    if not data.startswith(_SIGNATURE):
        return data
    kept: list[bytes] = []
    begin, room = 0, MAX_METADATA
    for kind, at, end in _chunks_to_check(data):
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


def _chunks_to_check(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each chunk that Pillow checks, as far as there are whole chunks."""
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf"):
            yield kind, at, end
        at = end


def _unpacked_size(kind: bytes, content: memoryview, room: int) -> int | None:
    """Bytes of metadata in a chunk, None where it is damaged; of more than `room` at most `room` + 1 are unpacked.

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


def chunks_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each whole chunk that tells of the colours, is a caption, or is the time of a change.

    What tells of the colours counts only before the picture's own chunks (PNG, third edition, 5.6).
    """
    at, kind, in_picture = len(_SIGNATURE), b"", False
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        in_picture = in_picture or kind == b"IDAT"
        tells = kind in _TOLD and (not in_picture or kind in (*texts.PNG_KINDS, b"tIME"))
        if tells and at + 12 + length <= len(data):
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def descriptions(chunks: Sequence[tuple[bytes, bytes]]) -> dict[str, Any]:
    """What sound chunks tell beside what Pillow reads: `texts`, a tuple of Text, and `modified`, tIME's content;
    each only where there is something."""
    found = [texts.from_png_chunk(kind, content) for kind, content in chunks if kind in texts.PNG_KINDS]
    told = tuple(text for text in found if text is not None)
    times = [content for kind, content in chunks if kind == b"tIME" and len(content) == 7]
    return ({"texts": told} if told else {}) | ({"modified": times[0]} if times else {})


def encode(picture: Picture, metadata: dict[str, Any]) -> bytes:
    """A PNG of 8- or 16-bit samples with all metadata."""
    import imagecodecs

    # Photos get as small as with all filters, in half the time.
    filters = imagecodecs.PNG.FILTER.SUB | imagecodecs.PNG.FILTER.UP
    samples = np.array(picture.samples, order="C")  # a view of width 1 has strides that libpng's wrapper refuses
    data = imagecodecs.png_encode(samples, level=4, filter=filters)
    chunks = b"".join(_chunk(kind, content) for kind, content in _metadata_chunks(metadata))
    return b"".join([data[:_HEADER_END], chunks, memoryview(data)[_HEADER_END:]])


def _metadata_chunks(metadata: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    chunks = []
    if "icc_profile" in metadata:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata["icc_profile"])))
    if "dpi" in metadata:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(value / _METRE) for value in metadata["dpi"]), 1)))
    if "exif" in metadata:
        chunks.append((b"eXIf", metadata["exif"].removeprefix(exif.HEADER)))
    if "xmp" in metadata:
        chunks.append((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata["xmp"]))  # as it is, in no language
    if "iptc" in metadata:
        text = iptc.as_png_text(metadata["iptc"]).encode("ascii")
        chunks.append((b"zTXt", iptc.PNG_KEYWORD.encode("ascii") + b"\0\0" + zlib.compress(text)))
    if "modified" in metadata:
        chunks.append((b"tIME", metadata["modified"]))
    chunks += [texts.as_png_chunk(text) for text in metadata.get("texts", ())]
    return chunks


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
