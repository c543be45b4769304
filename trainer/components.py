"""Where the eyes and the mouth of an aligned face are (paper, section 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.types import Box

_EYE_HALF = 0.205  # of the distance between the eyes; fitted to the published boxes, as is _MOUTH_HALF
_MOUTH_HALF = 0.45  # of the mouth's width
EYE_ENLARGEMENT = 1.4
_LEAST_HALF = 16 / 512  # of the picture's side


@dataclass(frozen=True)
class ComponentBoxes:
    """The squares that the component discriminators look at; left and right as seen in the picture.

    Boxes may reach beyond the picture.
    """

    left_eye: Box
    right_eye: Box
    mouth: Box

    def flipped(self, width: int) -> ComponentBoxes:
        """The boxes in the picture mirrored left to right, `width` pixels wide: the eyes change places."""
        return ComponentBoxes(
            _mirrored(self.right_eye, width), _mirrored(self.left_eye, width), _mirrored(self.mouth, width)
        )


def boxes_from_landmarks(landmarks: npt.ArrayLike, size: int) -> ComponentBoxes:
    """The boxes in an aligned picture of side `size` px, from its five landmarks, (5, 2), in its own pixels.

    The landmarks are left eye, right eye, nose, left and right corner of the mouth (`core.types.Face`). Half
    the side of an eye's box is 0.205 times the distance between the eyes, enlarged by 1.4; of the mouth's
    0.45 times the distance between its corners; each at least 16 * size / 512 px, before enlarging. The
    numbers are fitted to the published boxes of FFHQ. ValueError when the landmarks are not (5, 2) finite
    numbers.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape != (5, 2) or not np.isfinite(points).all():
        raise ValueError(f"five landmarks are needed, shape (5, 2), not {points.shape}, all finite")
    left, right, _, left_corner, right_corner = points
    least = _LEAST_HALF * size
    eye = EYE_ENLARGEMENT * max(_EYE_HALF * float(np.linalg.norm(right - left)), least)
    mouth = max(_MOUTH_HALF * float(np.linalg.norm(right_corner - left_corner)), least)
    return ComponentBoxes(square(left, eye), square(right, eye), square((left_corner + right_corner) / 2, mouth))


def flipped(truth: npt.NDArray[Any], boxes: ComponentBoxes) -> tuple[npt.NDArray[Any], ComponentBoxes]:
    """The picture (H, W, 3) mirrored left to right, contiguous, and its boxes, the eyes' swapped."""
    return np.ascontiguousarray(truth[:, ::-1]), boxes.flipped(truth.shape[1])


def square(centre: npt.ArrayLike, half: float) -> Box:
    """The box of side 2 * `half` px around `centre`, (x, y)."""
    x, y = np.asarray(centre, np.float64).tolist()
    return x - half, y - half, x + half, y + half


def _mirrored(box: Box, width: int) -> Box:
    left, top, right, bottom = box
    return width - 1 - right, top, width - 1 - left, bottom
