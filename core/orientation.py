"""Photos that lie on their side or upside down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from core.detection import SURE, FaceDetector, default_min_face, without_duplicates
from core.progress import CancelToken
from core.types import Detection, Face, Pixels

SMALL = 640  # px, long side of the turned photos that are only tried
_LEANING = 25.0  # degrees from upright; few people hold their heads further to a side


def detect_any_orientation(
    detector: FaceDetector, image: Pixels, min_face: float | None = None, cancel: CancelToken | None = None
) -> Detection:
    """Detect, and where no upright face is surely one try the photo, made small, turned by 90, 180, 270 degrees.

    The turn that shows most upright faces, weighed by their scores, is then looked at in full. Faces that lie
    in the photo as it is are kept beside those. Boxes and landmarks are always those of the photo as it is. The
    photo counts as turned where the faces do not only lean that way, as one head in a straight photo may. Raises
    Cancelled.
    """
    height, width = image.shape[:2]
    smallest = default_min_face(width, height) if min_face is None else min_face
    faces = detector.detect(image, smallest, cancel)
    if max((face.score for face in _upright(faces)), default=0.0) >= SURE:
        return Detection(tuple(faces))
    small, scale = _small(image)
    evidence = {0: _evidence(faces)}
    for turned in (90, 180, 270):
        evidence[turned] = _evidence(detector.detect(_untwisted(small, turned), smallest * scale, cancel))
    best = max(evidence, key=lambda turned: evidence[turned])
    if best == 0:
        return Detection(tuple(faces))
    found = detector.detect(_untwisted(image, best), smallest, cancel)
    mapped = [_in_photo(face, best, (width, height)) for face in found]
    together = without_duplicates([*mapped, *faces])
    tilt = float(np.median([abs(face.angle) for face in _upright(found)] or [0.0]))
    turned = best if tilt <= _LEANING else 0
    return Detection(tuple(sorted(together, key=lambda face: face.size, reverse=True)), turned)


def _upright(faces: Sequence[Face]) -> list[Face]:
    return [face for face in faces if abs(face.angle) < 45]


def _evidence(faces: Sequence[Face]) -> float:
    return sum(face.score for face in _upright(faces))


def _small(image: Pixels) -> tuple[Pixels, float]:
    height, width = image.shape[:2]
    scale = min(1.0, SMALL / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cast(Pixels, cv2.resize(image, size, interpolation=cv2.INTER_AREA)), scale


def _untwisted(image: Pixels, turned: int) -> Pixels:
    """A photo that was turned clockwise by `turned` degrees, upright."""
    return cast(Pixels, np.ascontiguousarray(np.rot90(image, turned // 90)))


def _in_photo(face: Face, turned: int, size: tuple[int, int]) -> Face:
    """Map a face of the upright photo back to the photo of this (width, height) as it is."""
    right, bottom = size[0] - 1, size[1] - 1
    x, y = np.vstack([face.landmarks, np.array(face.box).reshape(2, 2)]).T
    points = np.column_stack({90: (right - y, x), 180: (right - x, bottom - y), 270: (y, bottom - x)}[turned])
    (x0, y0), (x1, y1) = points[5:].min(axis=0).tolist(), points[5:].max(axis=0).tolist()
    return replace(face, box=(x0, y0, x1, y1), landmarks=points[:5])
