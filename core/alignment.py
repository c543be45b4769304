"""Five landmarks -> similarity transform -> 512 px crop in the FFHQ position, and back.

Transforms are 2x3 matrices that map photo pixels to crop pixels; pixel centres are at integers.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from core.types import CROP_SIZE, Alignment, Matrix, Pixels

FFHQ_TEMPLATE = np.array(
    [
        [192.98138, 239.94708],
        [318.90277, 240.1936],
        [256.63416, 314.01935],
        [201.26117, 371.41043],
        [313.08905, 371.15118],
    ]
)
"""Where the landmarks of a face lie in a 512 px crop, (5, 2); the mean of FFHQ, as facexlib has it."""

_RIM = 64  # output pixels around a warped region that its filters and its reflection may reach
_EDGE_BLUR = 0.02  # of the crop's side, where the photo is continued beyond its edge
_EDGE_RAMP = 0.06  # of the crop's side, over which the continuation loses its detail


def fit_similarity(
    landmarks: npt.NDArray[np.float64],
    method: Alignment = Alignment.LMEDS,
    template: npt.NDArray[np.float64] = FFHQ_TEMPLATE,
) -> Matrix:
    """Fit rotation, uniform scale and translation that take `landmarks` (5, 2) to `template` (5, 2).

    LMEDS minimises the median of the squared distances, so that one wrong landmark does no harm (facexlib's
    choice); LEAST_SQUARES minimises their sum (closed form, Umeyama 1991, without reflection).

    Raises ValueError when the landmarks fall into one point.
    """
    points = np.asarray(landmarks, np.float64)
    if not np.isfinite(points).all() or np.ptp(points, axis=0).max() < 1e-6:
        raise ValueError("the landmarks do not span a face")
    if method is Alignment.LMEDS:
        matrix, _ = cv2.estimateAffinePartial2D(points, template, method=cv2.LMEDS)
        if matrix is not None and np.isfinite(matrix).all() and abs(np.linalg.det(matrix[:, :2])) > 1e-9:
            return np.asarray(matrix, np.float64)
    return _least_squares(points, template)


def _least_squares(points: npt.NDArray[np.float64], template: npt.NDArray[np.float64]) -> Matrix:
    # A similarity of the plane is one complex factor and one complex offset.
    centre, target = points.mean(axis=0), template.mean(axis=0)
    z = (points - centre) @ (1, 1j)
    w = (template - target) @ (1, 1j)
    factor = np.vdot(z, w) / np.vdot(z, z).real
    rotation = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([rotation, target - rotation @ centre])


def invert(matrix: Matrix) -> Matrix:
    """The exact inverse of an affine transform."""
    return np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def transform(matrix: Matrix, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Map points, shape (n, 2)."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float64)


def rescaled(matrix: Matrix, source: float = 1.0, target: float = 1.0) -> Matrix:
    """The same transform between a source enlarged `source` times and a target enlarged `target` times.

    Enlarging keeps pixel areas: centre x goes to (x + 1/2) * factor - 1/2, as cv2.resize does.
    """
    linear = matrix[:, :2] * (target / source)
    offset = (matrix[:, 2] + 0.5 - matrix[:, :2] @ [0.5, 0.5]) * target - 0.5 + linear @ [0.5, 0.5]
    return np.column_stack([linear, offset])


def shifted(matrix: Matrix, left: float, top: float) -> Matrix:
    """The same transform for a source whose first pixel is (left, top) of the old one."""
    return np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ [left, top]])


def warp(
    image: npt.NDArray[np.float32] | Pixels,
    matrix: Matrix,
    size: tuple[int, int],
    border: int = cv2.BORDER_REFLECT_101,
) -> npt.NDArray[np.float32]:
    """Resample `image` through `matrix` (image -> output) into (width, height) `size`, without aliasing.

    Only the part of `image` that the output shows is touched. Enlarging is bicubic; before shrinking by two
    or more that part is reduced by area averages, and what is left of the shrinking is done by a Gaussian of
    matching width.
    """
    left, top, right, bottom = source_region(matrix, size, (image.shape[1], image.shape[0]), margin=_RIM)
    if left == right or top == bottom:
        left, top, right, bottom = 0, 0, image.shape[1], image.shape[0]
    source = image[top:bottom, left:right].astype(np.float32)
    matrix = shifted(matrix, left, top)
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale < 0.5:
        factor = math.floor(1 / scale)
        height, width = source.shape[:2]
        reduced = (max(1, width // factor), max(1, height // factor))
        # Cut to whole cells so that the factor is exact.
        source = source[: reduced[1] * factor, : reduced[0] * factor] if min(width, height) >= factor else source
        ratio = reduced[0] / source.shape[1]
        source = np.asarray(cv2.resize(source, reduced, interpolation=cv2.INTER_AREA), np.float32)
        matrix = rescaled(matrix, source=ratio)
        scale /= ratio
    if scale < 1:
        # An output pixel covers 1/scale input pixels; a pixel itself blurs like a Gaussian of sigma 0.5.
        sigma = 0.5 * math.sqrt(max(0.0, 1 / scale**2 - 1))
        if sigma > 0.05:
            source = np.asarray(
                cv2.GaussianBlur(source, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32
            )
    if min(source.shape[:2]) == 1 and border == cv2.BORDER_REFLECT_101:
        border = cv2.BORDER_REPLICATE  # one line has no reflection, and OpenCV looks for it forever
    return np.asarray(cv2.warpAffine(source, matrix, size, flags=cv2.INTER_CUBIC, borderMode=border), np.float32)


def quantized(image: npt.NDArray[np.float32], dtype: npt.DTypeLike) -> Pixels:
    """Round float samples to `dtype` (uint8 or uint16) and its range."""
    info = np.iinfo(np.dtype(dtype))
    clipped = np.clip(image, info.min, info.max)
    return np.asarray(np.rint(clipped, out=clipped).astype(dtype))


def resize_crop(crop: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """A square picture (h, h, c) at (size, size): area averages when it shrinks, bicubic when it grows."""
    if crop.shape[0] == size:
        return crop
    way = cv2.INTER_AREA if size < crop.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (size, size), interpolation=way), np.float32)


def source_region(
    matrix: Matrix, target: tuple[int, int], source: tuple[int, int], margin: float = 0.0
) -> tuple[int, int, int, int]:
    """The source pixels (left, top, right, bottom), right and bottom excluded, that a target picture covers.

    `matrix` maps source to target; both sizes are (width, height); `margin` is in target pixels. The region is
    cut to the source and may be empty (left == right or top == bottom).
    """
    low, high = -0.5 - margin, np.array(target) - 0.5 + margin
    corners = transform(invert(matrix), np.array([[low, low], [high[0], low], [low, high[1]], high]))
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, source)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, source)
    return int(left), int(top), int(max(left, right)), int(max(top, bottom))


def region_of_crop(matrix: Matrix, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The photo pixels that a crop's square covers, of a photo of (width, height) `size`; see `source_region`."""
    return source_region(matrix, (CROP_SIZE, CROP_SIZE), size)


def cut_crop(image: Pixels, matrix: Matrix) -> Pixels:
    """Cut the 512 px crop that `matrix` (photo -> crop) describes, (512, 512, 3) of the image's depth.

    Beyond the photo's edge it is continued by its reflection, softened with the distance, so that a face cut
    by the edge has no hard line there and no second sharp face.
    """
    size = (image.shape[1], image.shape[0])
    left, top, right, bottom = region_of_crop(matrix, size)
    if left == right or top == bottom:
        raise ValueError("the crop lies outside the photo")
    crop = warp(image, matrix, (CROP_SIZE, CROP_SIZE))
    if not _lies_inside(matrix, *size):
        outside = _distance_outside(matrix, *size)
        soft = cv2.GaussianBlur(crop, (0, 0), _EDGE_BLUR * CROP_SIZE, borderType=cv2.BORDER_REFLECT_101)
        weight = np.clip(outside / (_EDGE_RAMP * CROP_SIZE), 0, 1)[..., None]
        crop += weight * (soft - crop)
    return quantized(crop, image.dtype)


def _lies_inside(matrix: Matrix, width: int, height: int) -> bool:
    """Whether every crop pixel lies between the photo's outermost pixel centres."""
    last = CROP_SIZE - 1.0
    corners = transform(invert(matrix), np.array([[0.0, 0.0], [last, 0.0], [0.0, last], [last, last]]))
    return bool((corners >= 0).all() and (corners <= (width - 1, height - 1)).all())


def _distance_outside(matrix: Matrix, width: int, height: int) -> npt.NDArray[np.float32]:
    """How far each crop pixel lies outside the photo, in crop pixels, (512, 512); 0 inside."""
    back = invert(matrix)
    grid = np.arange(CROP_SIZE)
    x = back[0, 0] * grid[None, :] + back[0, 1] * grid[:, None] + back[0, 2]
    y = back[1, 0] * grid[None, :] + back[1, 1] * grid[:, None] + back[1, 2]
    beyond_x = np.maximum(np.maximum(-x, x - (width - 1)), 0)
    beyond_y = np.maximum(np.maximum(-y, y - (height - 1)), 0)
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    return np.asarray(np.hypot(beyond_x, beyond_y) * scale, np.float32)
