"""Damage to files, the same for the same numbers."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.fuzz.seeds import RGB, heic, saved, tiff

_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 400  # bytes in which most of a file's structure lies
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(kind: str, seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    """A damaged file: `number` of the endless list that belongs to a kind of seeds and a `seed`."""
    chance = random.Random(f"{kind} {seed} {number}")
    chosen = chance.choice(seeds)
    if chosen.startswith(_PNG) and chance.random() < 0.3:
        return _with_rows(chosen, lambda rows: _damaged(rows, chance, seeds))
    data = _damaged(chosen, chance, seeds)
    if kind in _WRAPPINGS:
        return chance.choice(_WRAPPINGS[kind])(data)
    # Else most damage to a PNG would end at a wrong checksum.
    return _with_checksums(data) if data.startswith(_PNG) and chance.random() < 0.8 else data


def _damaged(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 1, 2))):
        damaged = chance.choice(_DAMAGES)(damaged, chance, seeds)
    return bytes(damaged)


def _somewhere(data: bytearray, chance: random.Random) -> int:
    """A place in the file, half of them near its beginning."""
    length = len(data) if chance.random() < 0.5 else min(len(data), _HEAD)
    return chance.randrange(length + 1)


def _flip(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        at = _somewhere(data, chance)
        data[at : at + 1] = bytes([chance.randrange(256)])
    return data


def _cut(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    return data[: _somewhere(data, chance)]


def _take_out(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    at = _somewhere(data, chance)
    del data[at : at + chance.choice((1, 4, 12, 64, 1000))]
    return data


def _repeat(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    at = _somewhere(data, chance)
    part = data[at : at + chance.choice((4, 12, 64, 1000))]
    to = _somewhere(data, chance)
    data[to:to] = part * chance.choice((1, 1, 2, 50))
    return data


def _repeat_segment(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    """One more of a chunk, box or segment: what lies from one plausible length to its end."""
    for _ in range(60):
        at = _somewhere(data, chance)
        length = int.from_bytes(data[at : at + chance.choice((2, 4))])
        if 4 < length < len(data) - at:
            part = data[at : at + length + chance.choice((0, 2, 12))]
            data[at:at] = part * chance.choice((1, 3))
            break
    return data


def _extreme(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    at, size = _somewhere(data, chance), chance.choice((1, 2, 2, 4, 4, 8))
    value = chance.choice(_EXTREMES) & ((1 << 8 * size) - 1)
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))
    return data


def _fill(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    at, size = _somewhere(data, chance), chance.choice((4, 16, 200))
    data[at : at + size] = bytes([chance.choice((0, 0xFF, chance.randrange(256)))]) * size
    return data


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> bytearray:
    other = chance.choice(seeds)
    at = _somewhere(data, chance)
    return data[:at] + other[at if chance.random() < 0.5 else _somewhere(bytearray(other), chance) :]


_DAMAGES: tuple[Callable[[bytearray, random.Random, Sequence[bytes]], bytearray], ...] = (
    _flip, _flip, _cut, _take_out, _repeat, _repeat_segment, _extreme, _extreme, _fill, _splice,
)  # fmt: skip


def _chunks(png: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of the whole chunks of a PNG."""
    at = len(_PNG)
    while at + 12 <= len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        if end > len(png):
            return
        yield at, end
        at = end


def _with_checksums(png: bytes) -> bytes:
    """A PNG whose chunks, as far as they are whole, have the checksums of their content."""
    kept = bytearray(png)
    for at, end in _chunks(png):
        kept[end - 4 : end] = zlib.crc32(png[at + 4 : end - 4]).to_bytes(4)
    return bytes(kept)


def _with_rows(png: bytes, damage: Callable[[bytes], bytes]) -> bytes:
    """A sound PNG whose rows, each behind its filter, are damaged before they are packed."""
    chunks = list(_chunks(png))
    packed = b"".join(png[at + 8 : end - 4] for at, end in chunks if png[at + 4 : at + 8] == b"IDAT")
    rows = zlib.compress(damage(zlib.decompress(packed)), 1)
    others = [png[at:end] for at, end in chunks if png[at + 4 : at + 8] != b"IDAT"]
    return b"".join([_PNG, *others[:-1], chunk(b"IDAT", rows), others[-1]])


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


_JPEG = saved(RGB, "JPEG")
_WHOLE_PNG = saved(RGB, "PNG")


def in_jpeg(marker: int, head: bytes) -> Callable[[bytes], bytes]:
    """Puts a block behind a head into a segment of a JPEG."""

    def wrap(block: bytes) -> bytes:
        content = (head + block)[:65_533]
        return b"".join(
            [_JPEG[:2], bytes((0xFF, marker)), struct.pack(">H", len(content) + 2), content, _JPEG[2:]]
        )

    return wrap


def _in_png(kind: bytes, head: bytes = b"", pack: Callable[[bytes], bytes] = bytes) -> Callable[[bytes], bytes]:
    def wrap(block: bytes) -> bytes:
        return _WHOLE_PNG[:33] + chunk(kind, head + pack(block)) + _WHOLE_PNG[33:]

    return wrap


def _by_pillow(container: str, key: str, head: bytes = b"") -> Callable[[bytes], bytes]:
    return lambda block: saved(RGB[:16, :16].copy(), container, **{key: head + block})


def _in_tiff(tag: int, samples: np.ndarray = RGB, photometric: str = "rgb") -> Callable[[bytes], bytes]:
    return lambda block: tiff(samples, photometric, extratags=[(tag, 7, len(block), block, True)])


def _in_heic(key: str) -> Callable[[bytes], bytes]:
    room = b"II*\0" + b"room" * 1000
    data = heic(RGB[:16, :16].copy(), **{key: room})
    return lambda block: data.replace(room, block[: len(room)].ljust(len(room), b"\0"))


def _as_text(iptc: bytes) -> bytes:
    return b"\niptc\n%8d\n" % len(iptc) + iptc.hex().encode()


_EXIF = b"Exif\0\0"
_WRAPPINGS: dict[str, list[Callable[[bytes], bytes]]] = {
    "exif": [
        in_jpeg(0xE1, _EXIF),
        _in_png(b"eXIf"),
        _by_pillow("WEBP", "exif", _EXIF),
        _in_heic("exif"),
    ],
    "xmp": [
        in_jpeg(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        _in_png(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"),
        _by_pillow("WEBP", "xmp"),
        _in_tiff(700),
        _in_heic("xmp"),
    ],
    "iptc": [
        in_jpeg(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x17"),
        _in_png(b"zTXt", b"Raw profile type iptc\0\0", lambda block: zlib.compress(_as_text(block))),
        _in_tiff(33723),
        _in_tiff(34377),
    ],
    "icc": [
        in_jpeg(0xE2, b"ICC_PROFILE\0\1\1"),
        _in_png(b"iCCP", b"profile\0\0", zlib.compress),
        _by_pillow("WEBP", "icc_profile"),
        _in_tiff(34675),
        _in_tiff(34675, RGB[..., 0], "minisblack"),
        _in_tiff(34675, np.dstack([RGB, RGB[..., 0]]), "separated"),
    ],
}
