"""AVIF of more than 8 bits, which Pillow reads as 8."""

from __future__ import annotations

import numpy as np

from core.photos.picture import Samples, widened

_HIGH, _TWELVE = 0x40, 0x20  # bits of the third byte of an av1C box (AV1 in ISOBMFF, 2.3.3)


def is_deep(data: bytes) -> bool:
    """Whether a file is an AVIF of 10 or 12 bits."""
    return _bits(data) > 8


def deep_samples(data: bytes) -> Samples:
    """The samples spread over 16 bits, (H, W) or (H, W, C), not turned."""
    import imagecodecs  # here, for it takes a moment and few photos need it

    return widened(np.asarray(imagecodecs.avif_decode(data)), (1 << _bits(data)) - 1)


def _bits(data: bytes) -> int:
    if data[4:8] != b"ftyp" or b"avif" not in data[8:64]:
        return 0
    at = data[:65536].find(b"av1C")
    flags = data[at + 6] if at >= 0 and at + 6 < len(data) else 0
    return 8 if not flags & _HIGH else 12 if flags & _TWELVE else 10
