"""IPTC-IIM data (captions of agencies and archives) in the wrappings that containers have for it."""

from __future__ import annotations

import struct
from binascii import Error, unhexlify

PNG_KEYWORD = "Raw profile type iptc"
"""The text chunk in which ImageMagick puts it, and where other programs look for it."""

JPEG_HEADER = b"Photoshop 3.0\0"

RESOURCE_NUMBER = 0x0404
"""Of IPTC data among Photoshop's image resources."""

_RESOURCE = b"8BIM"


def from_resources(resources: bytes) -> bytes:
    """The IPTC data among Photoshop's image resources; empty where there is none."""
    at = 0
    while resources[at : at + 4] == _RESOURCE and at + 7 <= len(resources):
        (number,) = struct.unpack_from(">H", resources, at + 4)
        name = resources[at + 6] + 1
        begin = at + 6 + name + name % 2 + 4
        if begin > len(resources):
            break
        (size,) = struct.unpack_from(">I", resources, begin - 4)
        if number == RESOURCE_NUMBER:
            return resources[begin : begin + size]
        at = begin + size + size % 2
    return b""


def as_resource(iptc: bytes) -> bytes:
    """IPTC data as a Photoshop image resource without a name."""
    return _RESOURCE + struct.pack(">HHI", RESOURCE_NUMBER, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)


def from_png_text(text: str) -> bytes:
    """The IPTC data in a PNG's text; empty where it is none.

    Its lines are a name, which may have spaces (ExifTool's has), how many bytes there are, and the bytes in
    hexadecimal.
    """
    lines = text.strip("\n").split("\n")
    try:
        packed = unhexlify("".join(lines[2:]).replace(" ", ""))
    except (Error, ValueError):
        return b""
    # Some programs wrap the data in a resource there too.
    return from_resources(packed) or packed


def as_png_text(iptc: bytes) -> str:
    """IPTC data as a PNG's text."""
    packed = as_resource(iptc)
    lines = "\n".join(packed[at : at + 36].hex() for at in range(0, len(packed), 36))
    return f"\niptc\n{len(packed):8}\n{lines}\n"
