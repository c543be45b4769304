"""JPEG files cut short, as broken downloads and dying cards leave them: the rows that are there are a photo."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

_END = b"\xff\xd9"
_LEAST = 0.5  # share of the rows below which the photo is lost rather than damaged


def load_whole_or_cut(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image:
    """Decode an opened picture; where it is a JPEG whose end is missing, as much as there is, which is noted.

    `data` is the file's. The missing rows are grey. Raises what Pillow raises, also when less than half is there.
    """
    try:
        image.load()
    except OSError:
        if image.format not in ("JPEG", "MPO"):
            raise
        cut = Image.open(io.BytesIO(data + _END), formats=["JPEG"])
        cut.load()
        missing = _missing_rows(np.asarray(cut)) / cut.height
        if missing > 1 - _LEAST:
            raise
        notes.append(_sentence(missing, bool(cut.info.get("progressive"))))
        return cut
    return image


def _missing_rows(samples: npt.NDArray[np.uint8]) -> int:
    """How many rows at the bottom hold nothing: libjpeg leaves what it has no data for at middle grey."""
    rows = samples.reshape(len(samples), -1)
    if rows[-1, 0] not in (127, 128):
        return 0
    there = np.flatnonzero((rows != rows[-1, 0]).any(axis=1))
    return len(rows) - 1 - int(there[-1]) if len(there) else len(rows)


def _sentence(missing: float, progressive: bool) -> str:
    if missing >= 0.005:
        return f"the file is cut short: the lowest {missing:.0%} of the picture is missing and left grey"
    if progressive:
        return "the file is cut short: some of the picture's detail is missing"
    return "the file is cut short: at most a strip at the lower edge is missing"
