"""Who is where in a photo, as its XMP packet tells (MWG's regions, and Microsoft's): turned with the photo.

Both are fractions of the picture as it is stored, MWG's around their middle (Guidelines for handling image
metadata 2.0 of the Metadata Working Group).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

_AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
_DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
_RECTANGLE = "{http://ns.microsoft.com/photo/1.2/t/Region#}Rectangle"
_TOLD = re.compile(rb"xmp/sType/Area#|photo/1\.2/t/Region#")


def upright_regions(xmp: bytes, orientation: int, size: tuple[int, int]) -> bytes:
    """The packet with its regions turned like the picture, which has (width, height) once it is upright.

    It is returned unchanged where it has no regions, where they are those of the upright picture already, and
    where it is not well-formed.
    """
    if orientation == 1 or not _TOLD.search(xmp):
        return xmp
    from lxml import etree  # here, for it takes a moment and few photos need it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        root = etree.fromstring(xmp.strip(b"\0 \t\r\n"), parser)
    except etree.XMLSyntaxError:
        return xmp
    if orientation >= 5 and _is_upright(root, size):
        return xmp
    for element in root.iter(etree.Element):
        with suppress(ValueError, TypeError):  # what is no number, or is missing, stays as it is
            _turn(element, orientation)
    packet = etree.tostring(root.getroottree(), encoding="utf-8")
    return bytes(packet)


def _is_upright(root: Any, size: tuple[int, int]) -> bool:
    """Whether the regions tell of a picture that is as high and wide as the one that is turned."""
    width, height = size
    for element in root.iter():
        with suppress(ValueError, TypeError):
            told = float(_value(element, f"{_DIMENSIONS}w")), float(_value(element, f"{_DIMENSIONS}h"))
            return bool(width != height and (told[0] > told[1]) == (width > height))
    return False


def _turn(element: Any, orientation: int) -> None:
    if _value(element, f"{_AREA}x") is not None and _value(element, f"{_AREA}unit") in (None, "normalized"):
        x, y = (float(_value(element, f"{_AREA}{name}")) for name in "xy")
        for name, value in zip("xy", _turned(x, y, orientation), strict=True):
            _set(element, f"{_AREA}{name}", f"{value:.6g}")
        if orientation >= 5:
            _swap(element, f"{_AREA}w", f"{_AREA}h")
    if orientation >= 5 and _value(element, f"{_DIMENSIONS}w") is not None:
        _swap(element, f"{_DIMENSIONS}w", f"{_DIMENSIONS}h")
    if (corner := _value(element, _RECTANGLE)) is not None:
        x, y, width, height = (float(value) for value in corner.split(","))
        x, y = _turned(x + width / 2, y + height / 2, orientation)
        width, height = (height, width) if orientation >= 5 else (width, height)
        turned = (x - width / 2, y - height / 2, width, height)
        _set(element, _RECTANGLE, ", ".join(f"{value:.6g}" for value in turned))


def _turned(x: float, y: float, orientation: int) -> tuple[float, float]:
    """Where a place of the stored picture, in fractions of it, lies in the upright one (EXIF 2.3, tag 0x0112)."""
    return {
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (1 - y, x),
        7: (1 - y, 1 - x),
        8: (y, 1 - x),
    }.get(orientation, (x, y))


def _value(element: Any, name: str) -> Any:
    """A property, which is an attribute or a child; None where there is none."""
    return element.get(name) if element.get(name) is not None else element.findtext(name)


def _set(element: Any, name: str, value: str) -> None:
    if element.get(name) is not None:
        element.set(name, value)
    else:
        element.find(name).text = value


def _swap(element: Any, first: str, second: str) -> None:
    one, other = _value(element, first), _value(element, second)
    if one is not None and other is not None:
        _set(element, first, other)
        _set(element, second, one)
