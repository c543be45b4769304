"""Faces that a detector misses and a user points at."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from core.alignment import FFHQ_TEMPLATE, fit_similarity, invert, transform
from core.detection import FaceDetector, RetinaFaceDetector
from core.progress import CancelToken
from core.types import Alignment, Box, Face, Pixels

FACE_BOX = np.array([[111.0, 85.0], [385.0, 476.0]])
"""Two corners of the box that RetinaFace puts around a face, in the face's 512 px crop: medians over 49 faces."""

_SEEN_AT = 160  # px, long side of the box as the detector is shown it
_AROUND = 0.75  # of the box's sides, what is shown around it
_LARGEST_FACTOR = 8.0


def find_face_in(
    detector: FaceDetector, image: Pixels, box: Box, cancel: CancelToken | None = None
) -> Face | None:
    """The face of an RGB image (H, W, 3) that somebody says is in `box`, or None where none is to be seen.

    The detector is shown the surroundings of the box at the size it likes best, and is content with less than
    elsewhere. Raises Cancelled.
    """
    left, top, right, bottom = box
    height, width = image.shape[:2]
    aside, above = (right - left) * _AROUND, (bottom - top) * _AROUND
    x0, y0 = max(0, round(left - aside)), max(0, round(top - above))
    x1, y1 = min(width, round(right + aside) + 1), min(height, round(bottom + above) + 1)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    part = image[y0:y1, x0:x1]
    factor = min(_SEEN_AT / max(right - left, bottom - top, 1.0), _LARGEST_FACTOR)
    size = (max(1, round((x1 - x0) * factor)), max(1, round((y1 - y0) * factor)))
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    shown = cast(Pixels, cv2.resize(part, size, interpolation=way))
    looking = detector.lenient() if isinstance(detector, RetinaFaceDetector) else detector
    scale = np.array([part.shape[1] / size[0], part.shape[0] / size[1]])
    faces = [_moved(face, scale, (x0, y0)) for face in looking.detect(shown, _SEEN_AT / 4, cancel)]
    meant = [face for face in faces if _is_centred_in(face, box)]
    return max(meant, key=lambda face: face.score, default=None)


def face_from_points(left_eye: npt.ArrayLike, right_eye: npt.ArrayLike, mouth: npt.ArrayLike) -> Face:
    """A face whose eyes and middle of the mouth are at these points (x, y), photo pixels; left and right as seen.

    The nose and the corners of the mouth are where the mean face has them, when it is stretched onto the three
    points. Raises ValueError for points that span no face.
    """
    points = np.array([left_eye, right_eye, mouth], np.float64)
    template = np.array([FFHQ_TEMPLATE[0], FFHQ_TEMPLATE[1], FFHQ_TEMPLATE[3:].mean(axis=0)])
    sides = points[1:] - points[0]
    area = abs(float(sides[0, 0] * sides[1, 1] - sides[0, 1] * sides[1, 0]))
    if not area > 0.05 * float((sides**2).sum()):  # nor where there is a nan
        raise ValueError("these points span no face")
    onto = np.asarray(cv2.getAffineTransform(template.astype(np.float32), points.astype(np.float32)), np.float64)
    landmarks = transform(onto, FFHQ_TEMPLATE)
    landmarks[:2] = points[:2]
    return Face(_box_around(landmarks), landmarks, 1.0)


def _box_around(landmarks: npt.NDArray[np.float64]) -> Box:
    """An upright box of the size that the detector would give a face with these landmarks."""
    back = invert(fit_similarity(landmarks, Alignment.LEAST_SQUARES))
    x, y = transform(back, FACE_BOX.mean(axis=0)[None])[0].tolist()
    half_width, half_height = ((FACE_BOX[1] - FACE_BOX[0]) / 2 * np.hypot(back[0, 0], back[1, 0])).tolist()
    if abs(back[1, 0]) > abs(back[0, 0]):  # it lies on its side
        half_width, half_height = half_height, half_width
    return x - half_width, y - half_height, x + half_width, y + half_height


def _moved(face: Face, scale: npt.NDArray[np.float64], offset: tuple[int, int]) -> Face:
    def back(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray((points + 0.5) * scale - 0.5 + offset, np.float64)

    left, top, right, bottom = back(np.array(face.box).reshape(2, 2)).ravel().tolist()
    return replace(face, box=(left, top, right, bottom), landmarks=back(face.landmarks))


def _is_centred_in(face: Face, box: Box) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
