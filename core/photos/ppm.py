"""PPM of more than 8 bits, which Pillow reads as 8."""

from __future__ import annotations

import re

import numpy as np

from core.photos.picture import Samples, widened

_HEADER = re.compile(rb"P6" + 3 * rb"(?:\s|#[^\r\n]*[\r\n])+(\d{1,9})" + rb"\s")
"""Width, height and the highest sample; comments may stand between (the manual page ppm of Netpbm)."""


def is_deep(data: bytes) -> bool:
    """Whether a file is a binary PPM whose samples take two bytes."""
    header = _HEADER.match(data[:4096])
    return header is not None and 255 < int(header[3]) <= 65535


def deep_samples(data: bytes) -> Samples:
    """The samples of such a file spread over 16 bits, (H, W, 3)."""
    header = _HEADER.match(data[:4096])
    assert header is not None
    width, height, highest = map(int, header.groups())
    samples = np.frombuffer(data, ">u2", height * width * 3, header.end()).reshape(height, width, 3)
    return widened(samples, highest)
