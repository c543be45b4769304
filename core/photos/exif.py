"""EXIF data: carried byte for byte where that is possible, because maker notes hold offsets that do not survive
rewriting. What has to change goes into a new first directory behind all the rest."""

from __future__ import annotations

import struct
from collections.abc import Container, Mapping
from fractions import Fraction
from typing import NamedTuple

from PIL import ExifTags, Image

HEADER = b"Exif\0\0"

DAMAGED_EXIF = "the EXIF data is damaged and was left out"
"""The note where it is so damaged that it cannot go along; the picture itself is there."""

_Tag = ExifTags.Base
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_DESCRIPTIVE = (
    _Tag.DocumentName,
    _Tag.ImageDescription,
    _Tag.Make,
    _Tag.Model,
    _Tag.PageName,
    _Tag.Software,
    _Tag.DateTime,
    _Tag.Artist,
    _Tag.HostComputer,
    _Tag.Rating,
    _Tag.Copyright,
    *range(_Tag.XPTitle, _Tag.XPSubject + 1),  # Windows' title, comment, author, keywords and subject
)
_EMPTY = b"II*\0\x08\0\0\0" + bytes(6)  # one directory without entries
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_ENTRY = 12  # bytes


class Value(NamedTuple):
    """A tag's value in a directory: its type (EXIF 2.3, 4.6.2), how many there are, and its bytes."""

    kind: int
    number: int
    content: bytes


def upright_exif(exif: bytes) -> bytes:
    """The same EXIF data with orientation 1 and without the preview, which shows the photo unrestored.

    All else stays as it is, byte for byte. Raises struct.error for damaged data.
    """
    data = bytearray(exif.removeprefix(HEADER))
    order = _order(data)
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    for at in _entries(data, order, directory):
        if struct.unpack_from(f"{order}H", data, at) == (_Tag.Orientation,):
            struct.pack_into(f"{order}HIHH", data, at + 2, _SHORT, 1, 1, 0)
    end = directory + 2 + _ENTRY * len(_entries(data, order, directory))
    (second,) = struct.unpack_from(f"{order}I", data, end)
    struct.pack_into(f"{order}I", data, end, 0)  # there is no second directory, that of the preview
    return HEADER + bytes(data[: _begin_of_preview(data, order, second)])


def _begin_of_preview(data: bytearray, order: str, directory: int) -> int:
    """Where the JPEG that a directory tells of begins, if nothing follows it; else the end of the data.

    Cameras put it last, and together with what is added it may be more than a JPEG's segment holds.
    """
    try:
        tags = {
            tag: value
            for tag, _, _, value in (
                struct.unpack_from(f"{order}HHII", data, at) for at in _entries(data, order, directory)
            )
        }
    except struct.error:
        return len(data)
    begin, size = tags.get(_Tag.JpegIFOffset, 0), tags.get(_Tag.JpegIFByteCount, 0)
    is_last = begin + size <= len(data) and not any(data[begin + size :])
    return begin if is_last and data[begin : begin + 2] == b"\xff\xd8" else len(data)


def edited_exif(
    exif: bytes, size: tuple[int, int], dpi: tuple[float, float] | None = None, software: str | None = None
) -> bytes:
    """EXIF data (none where empty) that tells the picture's (width, height), resolution and last program.

    Raises struct.error for damaged data.
    """
    data = bytearray(exif.removeprefix(HEADER) or _EMPTY)
    order = _order(data)
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    entries = {
        struct.unpack_from(f"{order}H", data, at)[0]: bytes(data[at : at + _ENTRY])
        for at in _entries(data, order, directory)
    }
    if ExifTags.IFD.Exif in entries:
        _set_size(data, order, struct.unpack_from(f"{order}I", entries[ExifTags.IFD.Exif], 8)[0], size)
    changes = _changes(order, dpi, software)
    if changes:
        _append_directory(data, order, entries, changes)
    return HEADER + bytes(data) if changes or exif else b""


def _changes(order: str, dpi: tuple[float, float] | None, software: str | None) -> dict[int, Value]:
    changes = {}
    if software is not None:
        text = software.encode("ascii", "replace") + b"\0"
        changes[int(_Tag.Software)] = Value(_ASCII, len(text), text)
    if dpi is not None:
        for tag, value in zip((_Tag.XResolution, _Tag.YResolution), dpi, strict=True):
            ratio = Fraction(value).limit_denominator(10_000)
            content = struct.pack(f"{order}II", ratio.numerator, ratio.denominator)
            changes[int(tag)] = Value(_RATIONAL, 1, content)
        changes[int(_Tag.ResolutionUnit)] = Value(_SHORT, 1, struct.pack(f"{order}H", 2))  # inches
    return changes


def _append_directory(
    data: bytearray, order: str, entries: Mapping[int, bytes], changes: Mapping[int, Value]
) -> None:
    """Make a first directory of the entries and the changes at the end of the data."""
    made = dict(entries)
    for tag, value in changes.items():
        field = value.content
        if len(field) > 4:
            data += bytes(len(data) % 2)
            field = struct.pack(f"{order}I", len(data))
            data += value.content
        made[tag] = struct.pack(f"{order}HHI", tag, value.kind, value.number) + field.ljust(4, b"\0")
    data += bytes(len(data) % 2)
    struct.pack_into(f"{order}I", data, 4, len(data))
    data += struct.pack(f"{order}H", len(made)) + b"".join(made[tag] for tag in sorted(made)) + bytes(4)


def _set_size(data: bytearray, order: str, directory: int, size: tuple[int, int]) -> None:
    wanted = dict(zip((_Tag.ExifImageWidth, _Tag.ExifImageHeight), size, strict=True))
    for at in _entries(data, order, directory):
        (tag,) = struct.unpack_from(f"{order}H", data, at)
        if tag in wanted:
            struct.pack_into(f"{order}HII", data, at + 2, _LONG, 1, wanted[tag])


def _order(data: bytes | bytearray) -> str:
    """The byte order. Raises struct.error for data that do not begin as TIFF does."""
    if bytes(data[:4]) not in _ORDERS:
        raise struct.error(f"not TIFF: {bytes(data[:4])!r}")
    return _ORDERS[bytes(data[:4])]


def _entries(data: bytes | bytearray, order: str, directory: int) -> range:
    """Where the entries of a directory begin. Raises struct.error where they are not all there."""
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    end = directory + 2 + _ENTRY * count
    struct.unpack_from(f"{order}I", data, end)  # the offset of the next directory
    return range(directory + 2, end, _ENTRY)


def descriptive_exif(exif: Image.Exif, leave_out: Container[int] = ()) -> bytes:
    """What describes the photo, without the tags that describe one file's layout, and without those to
    `leave_out`; empty when there is nothing."""
    kept = Image.Exif()
    for tag in _DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for directory in _DIRECTORIES:
        tags = {
            tag: value
            for tag, value in exif.get_ifd(directory).items()
            if tag != ExifTags.IFD.Interop and tag not in leave_out
        }
        if tags:
            kept[directory] = tags
    return kept.tobytes() if len(kept) else b""


def shortened_exif(exif: bytes, limit: int) -> bytes:
    """What describes the photo in at most `limit` bytes, if need be without the notes of maker and user;
    empty where even that is more. Raises what Pillow raises for damaged data."""
    parsed = parsed_exif(exif)
    for leave_out in ((), (_Tag.MakerNote, _Tag.UserComment)):
        if len(shorter := descriptive_exif(parsed, leave_out)) <= limit:
            return shorter
    return b""


def parsed_exif(exif: bytes) -> Image.Exif:
    """EXIF data as Pillow's object. Raises what Pillow raises for damaged data."""
    parsed = Image.Exif()
    parsed.load(exif)
    return parsed
