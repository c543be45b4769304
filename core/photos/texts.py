"""Captions that lie in a file beside EXIF, XMP and IPTC: the text chunks of PNG, the comments of JPEG and GIF."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

COMMENT = "Comment"
"""The keyword that PNG has for what JPEG and GIF have no keyword for."""

PNG_KINDS = (b"tEXt", b"zTXt", b"iTXt")

_OTHERS = ("XML:com.adobe.xmp", "Raw profile type ")  # metadata of other kinds, which begin so
_LONG = 1000  # bytes from which a text is packed


class Text(NamedTuple):
    """A caption: its keyword (of PNG, 11.3.3.1), the text, its language and the keyword in that, each "" for none.

    Bytes that are no UTF-8 are surrogates (Python's `surrogateescape`).
    """

    keyword: str
    text: str
    language: str = ""
    translated: str = ""


def from_png_chunk(kind: bytes, content: bytes) -> Text | None:
    """The caption in a text chunk that is sound; None for metadata of other kinds."""
    keyword, _, rest = content.partition(b"\0")
    name = keyword.decode("latin-1")
    if name.startswith(_OTHERS):
        return None
    if kind == b"tEXt":
        return Text(name, rest.decode("latin-1"))
    if kind == b"zTXt":
        return Text(name, _unpacked(rest[1:]).decode("latin-1"))
    language, translated, text = rest[2:].split(b"\0", 2)
    text = _unpacked(text) if rest[0] else text
    return Text(name, _decoded(text), language.decode("latin-1"), _decoded(translated))


def as_png_chunk(text: Text) -> tuple[bytes, bytes]:
    """Kind and content of the chunk that holds a caption: Latin-1 where that suffices, packed where it is long."""
    head, content = text.keyword.encode("latin-1") + b"\0", text.text.encode("utf-8", "surrogateescape")
    plain = _latin(text)
    if plain is not None:
        return (b"tEXt", head + plain) if len(plain) < _LONG else (b"zTXt", head + b"\0" + zlib.compress(plain))
    packed = len(content) >= _LONG
    names = text.language.encode("latin-1") + b"\0" + text.translated.encode("utf-8", "surrogateescape") + b"\0"
    return b"iTXt", head + bytes([packed, 0]) + names + (zlib.compress(content) if packed else content)


def from_comment(comment: bytes) -> tuple[Text, ...]:
    """The comment of a JPEG or GIF as captions; none where it is empty."""
    text = comment.rstrip(b"\0")
    return (Text(COMMENT, _decoded(text)),) if text else ()


def as_comment(texts: Iterable[Text]) -> bytes:
    """Captions as the comment of a JPEG: one beneath the other, with their keywords but for that of comments."""
    lines = (each.text if each.keyword == COMMENT else f"{each.keyword}: {each.text}" for each in texts)
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _unpacked(packed: bytes) -> bytes:
    """As much as there is of a text whose end may be missing."""
    return zlib.decompressobj().decompress(packed)


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _latin(text: Text) -> bytes | None:
    """The text in Latin-1, None where it is not or has a language."""
    if text.language or text.translated:
        return None
    try:
        return text.text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.text.encode("utf-8", "surrogateescape")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw  # What is no UTF-8 most likely is Latin-1.
    return None
