"""How badly a face is degraded, as its pixels tell, and how much of a restoration suits it."""

from __future__ import annotations

import cv2
import numpy as np

from core.photos.picture import eight_bits
from core.types import Pixels

SEVERE = -1.34
"""`prominence` below which a face is severely degraded; docs/identity.md has the measurement."""

BLURRED, SHARP = -1.1, -0.75
"""`prominence` up to which a face gains by all that a model makes of it, and from which a model's `sharp_strength`
suits it; docs/quality.md has the measurement."""

_FACE = slice(148, 420), slice(128, 384)  # rows, columns of the crop: brows to chin, no background
_QUARTER = 64, 68  # (width, height) of it at which eyes and mouth are a few pixels large
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_NOTHING = 1e-2  # of 255 levels, so that a picture of one tone has ratios too


def advised_strength(pixels: Pixels, sharp_strength: float) -> float:
    """The strength that suits an aligned crop, (512, 512, 3), in [0, 1]: `sharp_strength`, which its model has for
    sharp faces, the nearer the sharper the crop is; 1 where it is blurred."""
    if sharp_strength == 1:
        return 1.0
    return float(np.interp(prominence(pixels), (BLURRED, SHARP), (1.0, sharp_strength)))


def prominence(pixels: Pixels) -> float:
    """How far eyes, brows and mouth stand out from the rest of a face: low where blur or noise has swallowed them.

    `pixels` is an aligned crop, (512, 512, 3). log10 of the product of two ratios: the 95th percentile of the
    brightness gradient at a quarter of the size to its median, which noise lowers, and the contrast of fine detail
    to all contrast, which blur lowers. Contrast itself does not count: a faded photo is no blurred one.
    """
    face = (eight_bits(pixels).astype(np.float32) @ _LUMA)[_FACE]
    small = cv2.resize(face, _QUARTER, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.6)
    gradient = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    high, middle = np.percentile(gradient, (95, 50))
    fine = (face - cv2.GaussianBlur(face, (0, 0), 1.5)).std()
    edges, detail = (high + _NOTHING) / (middle + _NOTHING), (fine + _NOTHING) / (small.std() + _NOTHING)
    return float(np.log10(edges * detail))
