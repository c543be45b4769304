"""Where in a crop the face is: masks of shape (MASK_SIZE, MASK_SIZE), float32 in [0, 1].

Every mask falls to 0 before the crop's border, so that no edge of the box can ever show, and all its
feathers are fractions of the crop, that is of the face.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.alignment import transform
from core.types import CROP_SIZE, FaceCrop

MASK_SIZE = 256
"""Masks are smooth: half the crop's resolution carries them."""

Mask = npt.NDArray[np.float32]

_FACE_LABELS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15)
"""ParseNet's classes that are restored: skin, nose, glasses, eyes, brows, ears, mouth, lips, hair, earrings.
Background (0), hat (14), necklace (16), neck (17) and clothes (18) are left as they are."""

_PARSING_FEATHER = 0.035  # sigma, of the crop's side
_OVAL_INNER, _OVAL_OUTER = 0.82, 1.20  # radii between which the oval of a face fades out
_BORDER_RAMP = 0.10  # of the crop's side


def face_mask(crop: FaceCrop) -> Mask:
    """The mask of a crop: from its label map where it has one, else from its landmarks; all 1 where the
    whole photo is the face (`crop.whole`)."""
    if crop.whole:
        return np.ones((MASK_SIZE, MASK_SIZE), np.float32)
    if crop.labels is not None:
        return mask_from_labels(crop.labels)
    return mask_from_landmarks(transform(crop.matrix, crop.face.landmarks))


def mask_from_labels(labels: npt.NDArray[np.uint8]) -> Mask:
    """Feathered mask of a ParseNet label map, shape (h, w), any size; holes and specks are removed."""
    inside = np.isin(labels, _FACE_LABELS).astype(np.uint8)
    inside = np.asarray(cv2.resize(inside * 255, (MASK_SIZE, MASK_SIZE), interpolation=cv2.INTER_AREA), np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    inside = np.asarray(
        cv2.morphologyEx(cv2.morphologyEx(inside, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
    )
    soft = cv2.GaussianBlur(inside.astype(np.float32) / 255, (0, 0), _PARSING_FEATHER * MASK_SIZE)
    # The blur reaches out of the face as far as into it; start the fall at the outline, not outside it.
    return np.asarray(_smoothstep((soft - 0.15) / 0.7) * _border_ramp(), np.float32)


def mask_from_landmarks(landmarks: npt.NDArray[np.float64]) -> Mask:
    """Feathered oval from brow to chin and ear to ear around landmarks (5, 2) in crop pixels.

    Its axes follow the line from the eyes to the mouth, and it narrows to the chin. Of a face that is turned
    more is seen away from the nose, so the oval moves there; and as its eyes come close together, the
    distance from eyes to mouth decides the width.
    """
    points = (landmarks + 0.5) * (MASK_SIZE / CROP_SIZE) - 0.5
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    down = mouth - eyes
    length = max(float(np.hypot(*down)), 1.0)
    eye_distance = float(np.hypot(*(points[1] - points[0])))
    aside = float((points[2] - eyes) @ (down[1], -down[0])) / length
    centre = eyes + 0.42 * down - 0.5 * aside * np.array([down[1], -down[0]]) / length
    height, width = 1.45 * length, max(1.22 * eye_distance, 1.12 * length)
    y, x = np.mgrid[:MASK_SIZE, :MASK_SIZE].astype(np.float32)
    along = ((x - centre[0]) * down[0] + (y - centre[1]) * down[1]) / length
    across = ((x - centre[0]) * down[1] - (y - centre[1]) * down[0]) / length
    radius = np.hypot(along / height, across / (width * (1 - 0.12 * np.clip(along / height, 0, 1))))
    return np.asarray(
        _smoothstep((_OVAL_OUTER - radius) / (_OVAL_OUTER - _OVAL_INNER)) * _border_ramp(), np.float32
    )


def _smoothstep(value: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    clipped = np.clip(value, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped))


def _border_ramp() -> npt.NDArray[np.floating]:
    """0 on the crop's border, 1 from `_BORDER_RAMP` inwards, without a corner in its slope."""
    position = np.arange(MASK_SIZE)
    inwards = np.minimum(position, MASK_SIZE - 1 - position) / (_BORDER_RAMP * MASK_SIZE)
    ramp = _smoothstep(inwards)
    return np.outer(ramp, ramp)
