"""JPEG 2000 of more than 8 bits, which Pillow reads as 8 where it has colours."""

from __future__ import annotations

import numpy as np

from core.photos.picture import Samples, widened

_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_BOX = b"jp2c"  # the box that holds the codestream
_START = b"\xff\x4f\xff\x51"  # of the codestream: the markers SOC and SIZ (ITU-T T.800, annex A)
_COUNT = 40  # bytes from there to the number of components; then come depth, columns and rows a sample of each
_YCC = b"colr\x01\0\0\0\0\0\x12"  # the box that says sYCC, which only Pillow turns into RGB (annex I.5.3.3)


def is_deep(data: bytes) -> bool:
    """Whether a file is a JPEG 2000 all of whose components have the same 9 to 16 bits, without a sign."""
    return 8 < _bits(data) <= 16


def deep_samples(data: bytes) -> Samples:
    """The samples spread over 16 bits, (H, W) or (H, W, C)."""
    import imagecodecs  # here, for it takes a moment and few photos need it

    return widened(np.asarray(imagecodecs.jpeg2k_decode(data)), (1 << _bits(data)) - 1)


def _bits(data: bytes) -> int:
    """Of each component; 0 where they differ, and where the file is left to Pillow."""
    start = data.find(_BOX + _START) + len(_BOX) if data.startswith(_SIGNATURE) else 0
    if data[start : start + len(_START)] != _START or _YCC in data[:start]:
        return 0
    components = start + _COUNT + 2
    end = components + 3 * int.from_bytes(data[start + _COUNT : components], "big")
    kinds = {data[at : at + 3] for at in range(components, end, 3)}
    kind = kinds.pop() if len(kinds) == 1 else b""
    # The highest bit is that of numbers with a sign.
    return kind[0] + 1 if kind[1:] == b"\x01\x01" else 0
