"""Photos that lie on their side or upside down."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from core.detection import SURE, FaceDetector
from core.progress import CancelToken
from core.types import Detection, Face, Pixels

SMALL = 640  # px, long side of the turned photos


def detect_any_orientation(
    detector: FaceDetector, image: Pixels, min_face: float | None = None, cancel: CancelToken | None = None
) -> Detection:
    """Detect, and where no face is surely one try the photo, made small, turned by 90, 180 and 270 degrees.

    A turned photo is believed when it shows a sure face, or any face where the photo as it is shows none.
    Boxes and landmarks are always those of the photo as it is. Raises Cancelled.
    """
    faces = detector.detect(image, min_face, cancel)
    if _best_score(faces) >= SURE:
        return Detection(tuple(faces))
    height, width = image.shape[:2]
    scale = min(1.0, SMALL / max(width, height))
    small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(image, small_size, interpolation=cv2.INTER_AREA), image.dtype)
    smallest = None if min_face is None else min_face * scale
    best: list[Face] = []
    turned = 0
    for quarter_turns in (1, 3, 2):
        candidates = detector.detect(np.ascontiguousarray(np.rot90(small, quarter_turns)), smallest, cancel)
        upright = [face for face in candidates if abs(face.angle) < 45]
        if _best_score(upright) > _best_score(best):
            best, turned = upright, 90 * quarter_turns
    if faces and _best_score(best) < SURE:
        return Detection(tuple(faces))
    factors = (width / small_size[0], height / small_size[1])
    return Detection(tuple(_unturned(face, turned, small_size, factors) for face in best), turned)


def _best_score(faces: list[Face]) -> float:
    return max((face.score for face in faces), default=0.0)


def _unturned(face: Face, turned: int, size: tuple[int, int], factors: tuple[float, float]) -> Face:
    """Map a face of `np.rot90(small, turned / 90)` back to `small`, of this size, and enlarge it."""
    width, height = size
    x, y = np.vstack([face.landmarks, np.array(face.box).reshape(2, 2)]).T
    mapped = {0: (x, y), 90: (width - y, x), 180: (width - x, height - y), 270: (y, height - x)}[turned]
    points = np.column_stack(mapped) * factors
    left, top = points[5:].min(axis=0).tolist()
    right, bottom = points[5:].max(axis=0).tolist()
    return replace(face, box=(left, top, right, bottom), landmarks=points[:5])
