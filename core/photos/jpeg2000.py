"""JPEG 2000 of more than 8 bits, which Pillow reads as 8 where it has colours."""

from __future__ import annotations

import numpy as np

from core.photos.picture import Samples, widened

_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_START = b"\xff\x4f\xff\x51"  # of the codestream: the markers SOC and SIZ (ITU-T T.800, annex A)
_DEPTH = 42  # bytes from there to the first component's depth
_YCC = b"colr\x01\0\0\0\0\0\x12"  # the box that says sYCC, which only Pillow turns into RGB (annex I.5.3.3)


def is_deep(data: bytes) -> bool:
    """Whether a file is a JPEG 2000 of 9 to 16 bits without a sign."""
    return 8 < _bits(data) <= 16


def deep_samples(data: bytes) -> Samples:
    """The samples spread over 16 bits, (H, W) or (H, W, C)."""
    import imagecodecs  # here, for it takes a moment and few photos need it

    return widened(np.asarray(imagecodecs.jpeg2k_decode(data)), _bits(data))


def _bits(data: bytes) -> int:
    if not data.startswith((_SIGNATURE, _START)) or _YCC in data[:4096]:
        return 0
    at = data.find(_START)
    # The highest bit is that of numbers with a sign.
    return data[at + _DEPTH] + 1 if at >= 0 and at + _DEPTH < len(data) else 0
