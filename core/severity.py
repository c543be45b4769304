"""How badly a face is degraded, as its pixels tell, and how much of a restoration suits it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.color import luma
from core.photos.picture import eight_bits
from core.types import Pixels

SEVERE = -1.34
"""`prominence` below which a face is severely degraded; docs/identity.md has the measurement."""

DIFFERENT, ALIKE = 0.65, 0.85
"""`agreement` up to which a face gains by all that a model makes of it, and from which a model's `sharp_strength`
suits it; docs/quality.md has the measurement."""

_FACE = slice(148, 420), slice(128, 384)  # rows, columns of the crop: brows to chin, no background
_QUARTER = 64, 68  # (width, height) of it at which eyes and mouth are a few pixels large
_NOTHING = 1e-2  # of 255 levels, so that a picture of one tone has ratios too


def advised_strength(pixels: Pixels, restored: Pixels, sharp_strength: float) -> float:
    """The strength, in [0, 1], that suits an aligned crop and what a model makes of it, both (512, 512, 3).

    1 up to an `agreement` of DIFFERENT, the model's `sharp_strength` from ALIKE on, and in between linear.
    """
    if sharp_strength == 1:
        return 1.0
    return float(np.interp(agreement(pixels, restored), (DIFFERENT, ALIKE), (1.0, sharp_strength)))


def agreement(pixels: Pixels, restored: Pixels) -> float:
    """How far a face and what a model makes of it have the same fine structure, in [-1, 1].

    The correlation of their brightness between Gaussian blurs of 1 and 2 px in aligned crops, (512, 512, 3). Where
    it is high the photo shows what the model shows too: it is sharp and clean, and little is left to be gained by
    a model's changes, whose errors remain. Blur, noise and compression lower it.
    """
    photo, model = (_fine_structure(picture) for picture in (pixels, restored))
    return float((photo * model).mean() / (photo.std() * model.std() + _NOTHING**2))


def prominence(pixels: Pixels) -> float:
    """How far eyes, brows and mouth stand out from the rest of a face: low where blur or noise has swallowed them.

    `pixels` is an aligned crop, (512, 512, 3). log10 of the product of two ratios: the 95th percentile of the
    brightness gradient at a quarter of the size to its median, which noise lowers, and the contrast of fine detail
    to all contrast, which blur lowers. Contrast itself does not count: a faded photo is no blurred one.
    """
    face = _brightness(pixels)
    small = cv2.resize(face, _QUARTER, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.6)
    gradient = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    high, middle = np.percentile(gradient, (95, 50))
    fine = (face - cv2.GaussianBlur(face, (0, 0), 1.5)).std()
    edges, detail = (high + _NOTHING) / (middle + _NOTHING), (fine + _NOTHING) / (small.std() + _NOTHING)
    return float(np.log10(edges * detail))


def _brightness(pixels: Pixels) -> npt.NDArray[np.float32]:
    """The luma of the face in a crop, (272, 256) in [0, 255]."""
    return luma(eight_bits(pixels[_FACE]).astype(np.float32))


def _fine_structure(pixels: Pixels) -> npt.NDArray[np.float32]:
    face = _brightness(pixels)
    band = cv2.GaussianBlur(face, (0, 0), 1.0) - cv2.GaussianBlur(face, (0, 0), 2.0)
    return np.asarray(band - band.mean(), np.float32)
