"""Photo -> faces, with facexlib's RetinaFace.

A RetinaFace sees faces of roughly 24 to 400 px. So a photo is looked at in a pyramid: first as a whole, reduced to
`OVERVIEW` px, then larger and larger in even steps up to two, in overlapping tiles of at most `TILE` px, until the
smallest face wanted is `SMALLEST_SEEN` px large for the detector (never above the photo's own size unless the
photo is tiny). Memory is bounded by the tile, and a face of `min_face` photo pixels is seen at that size however
large the photo is. Every face found is looked at again, upright and at the size the detector likes best: landmarks
from there are several times closer to the truth (benchmarks/alignment.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from core.alignment import FFHQ_TEMPLATE, fit_similarity, invert, transform, warp
from core.engines.engine import Engine
from core.progress import CancelToken
from core.retinaface import SAME_FACE, run_retinaface
from core.types import CROP_SIZE, Alignment, Face, Matrix, Pixels

OVERVIEW = 320  # px, long side of the first look
TILE = 1280  # px, largest picture the network is ever given
OVERLAP = 160  # px; larger faces are seen whole one level up
SMALLEST_SEEN = 24.0  # px, box of the smallest face that a RetinaFace finds reliably
LARGEST_SEEN = 480.0  # px; larger faces give wrong boxes and belong to a coarser level
MAX_ENLARGING = 2.0
CLOSE_UP = 256  # px, side of the upright second look
SURE = 0.9  # score from which a face is surely the right way up

PUBLISHED_THRESHOLD = 0.8
"""The score above which the published RetinaFace files take something for a face."""


class FaceDetector(Protocol):
    """Whatever finds faces."""

    def detect(
        self, image: Pixels, min_face: float | None = None, cancel: CancelToken | None = None
    ) -> list[Face]:
        """Faces of an RGB image (H, W, 3), largest first; `min_face` is the smallest box size in pixels."""
        ...


def default_min_face(width: int, height: int) -> float:
    """The smallest face looked for when the user names none: 24 px, or 1/150 of the long side."""
    return max(SMALLEST_SEEN, max(width, height) / 150)


class RetinaFaceDetector:
    """facexlib's RetinaFace (`mobile0.25` or `resnet50`) over a pyramid of tiles.

    `engine` maps BGR less `core.retinaface.MEAN_BGR`, (1, 3, H, W), to (1, anchors, 16): for each anchor four box
    offsets, the probabilities of no face and of a face, and ten landmark offsets. `exact` is the same network in
    float32 for the last look at a face, whose landmarks decide the alignment; `engine` itself when None.
    """

    def __init__(
        self,
        engine: Engine,
        score_threshold: float = PUBLISHED_THRESHOLD,
        second_look: bool = True,
        exact: Engine | None = None,
    ) -> None:
        self._engine = engine
        self._exact = exact or engine
        self._threshold = score_threshold
        self._second_look = second_look

    def lenient(self) -> RetinaFaceDetector:
        """The same detector, content with half the score: for places where somebody says that there is a face."""
        return RetinaFaceDetector(self._engine, self._threshold / 2, self._second_look, self._exact)

    def detect(
        self, image: Pixels, min_face: float | None = None, cancel: CancelToken | None = None
    ) -> list[Face]:
        """Faces of an RGB image (H, W, 3), uint8 or uint16, largest first, without duplicates.

        `min_face` is the smallest box size in pixels (`default_min_face` when None). Raises Cancelled.
        """
        height, width = image.shape[:2]
        smallest = default_min_face(width, height) if min_face is None else max(1.0, min_face)
        rgb = _eight_bits(image)
        found: list[Face] = []
        for scale in pyramid_scales(width, height, smallest):
            found += self._detect_level(rgb, scale, cancel)
        found = without_duplicates(found)
        if self._second_look:
            closer = (self._look_closer(rgb, face, cancel) for face in found)
            found = without_duplicates([face for face in closer if face is not None])
        faces = [face for face in found if face.size >= smallest]
        return sorted(faces, key=lambda face: face.size, reverse=True)

    def _detect_level(self, rgb: npt.NDArray[np.uint8], scale: float, cancel: CancelToken | None) -> list[Face]:
        height, width = rgb.shape[:2]
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if size != (width, height):
            rgb = _resized(rgb, size)
        factor = (width / size[0], height / size[1])
        faces: list[Face] = []
        for left, top, right, bottom in tiles(*size):
            if cancel is not None:
                cancel.raise_if_cancelled()
            found = run_retinaface(self._engine, _bgr(rgb[top:bottom, left:right]), self._threshold)
            credible = (f for f in found if SMALLEST_SEEN / 2 <= f.size <= LARGEST_SEEN)
            faces.extend(_moved(face, (left, top), factor) for face in credible)
        return faces

    def _look_closer(self, rgb: npt.NDArray[np.uint8], face: Face, cancel: CancelToken | None) -> Face | None:
        """The same face with the landmarks, box and score of a second look, upright and close up.

        None for a face that neither the second look confirms nor the first was sure of.
        """
        if cancel is not None:
            cancel.raise_if_cancelled()
        best: Face | None = None
        # The first landmarks are nearly always the right way up; only a doubtful face is turned.
        for quarter_turns in range(4):
            seen = self._close_up(rgb, face, quarter_turns)
            if seen is not None and (best is None or seen.score > best.score):
                best = seen
            if best is not None and best.score > max(SURE, self._threshold):
                break
        if best is not None and best.score >= self._threshold:
            return best
        return face if face.score >= SURE else None

    def _close_up(self, rgb: npt.NDArray[np.uint8], face: Face, quarter_turns: int) -> Face | None:
        middle = CLOSE_UP / 2 - 0.5
        turn = np.asarray(cv2.getRotationMatrix2D((middle, middle), 90.0 * quarter_turns, 1.0), np.float64)
        template = transform(turn, FFHQ_TEMPLATE * CLOSE_UP / CROP_SIZE)
        seen = face
        for first, engine in ((True, self._engine), (False, self._exact)):
            try:
                view = fit_similarity(seen.landmarks, Alignment.LEAST_SQUARES, template)
            except ValueError:
                return None
            found = run_retinaface(engine, _bgr(_view(rgb, view)), self._threshold * 0.7)
            faces = [face for face in found if _covers_centre(face)]
            if not faces:
                return None if first else seen
            seen = _mapped(max(faces, key=lambda f: f.size), invert(view))
            template = FFHQ_TEMPLATE * CLOSE_UP / CROP_SIZE
        return seen


def pyramid_scales(width: int, height: int, min_face: float) -> list[float]:
    """The sizes at which a photo is looked at, as factors of its own, coarse to fine in even steps up to 2."""
    finest = min(MAX_ENLARGING, SMALLEST_SEEN / min_face)
    coarsest = min(MAX_ENLARGING, OVERVIEW / max(width, height))
    if finest <= coarsest * 1.01:
        return [coarsest]
    steps = math.ceil(math.log2(finest / coarsest) - 5e-4)
    return [coarsest * (finest / coarsest) ** (step / steps) for step in range(steps + 1)]


def tiles(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping tiles (left, top, right, bottom) of at most TILE px that cover a picture evenly."""
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            yield left, top, right, bottom


def _spans(length: int) -> list[tuple[int, int]]:
    if length <= TILE:
        return [(0, length)]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    # No wider than needed: what overlaps more than OVERLAP is looked at twice for nothing.
    side = -(-(length + (count - 1) * OVERLAP) // count)
    starts = np.linspace(0, length - side, count).round().astype(int)
    return [(int(start), int(start) + side) for start in starts]


def without_duplicates(faces: list[Face]) -> list[Face]:
    """Of boxes that overlap by more than 0.4 (intersection over union), or of which one lies mostly (0.7) in
    the other, as the parts of a face seen at another size do, keep the one with the higher score."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: f.score, reverse=True):
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept


def _same(a: Face, b: Face) -> bool:
    width = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    if width <= 0 or height <= 0:
        return False
    both = width * height
    area_a, area_b = ((f.box[2] - f.box[0]) * (f.box[3] - f.box[1]) for f in (a, b))
    return both > SAME_FACE * (area_a + area_b - both) or both > 0.7 * min(area_a, area_b)


def _eight_bits(image: Pixels) -> npt.NDArray[np.uint8]:
    return (image >> 8).astype(np.uint8) if image.dtype == np.uint16 else np.asarray(image, np.uint8)


def _bgr(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The same in the order of channels that the network knows; of parts only, for the photo itself is large."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _resized(image: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    smaller = size[0] < image.shape[1]
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR), np.uint8
    )


def _view(rgb: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.clip(warp(rgb, matrix, (CLOSE_UP, CLOSE_UP)), 0, 255).astype(np.uint8))


def _covers_centre(face: Face) -> bool:
    left, top, right, bottom = face.box
    return left < CLOSE_UP / 2 < right and top < CLOSE_UP / 2 < bottom and face.size > CLOSE_UP / 5


def _moved(face: Face, offset: tuple[float, float], factor: tuple[float, float]) -> Face:
    """A face of a tile at `offset` of a resized picture, in the picture `factor` times as large."""
    shift = np.array(offset) + 0.5
    left, top, right, bottom = ((np.array(face.box).reshape(2, 2) + shift) * factor - 0.5).ravel().tolist()
    return replace(face, box=(left, top, right, bottom), landmarks=(face.landmarks + shift) * factor - 0.5)


def _mapped(face: Face, matrix: Matrix) -> Face:
    """A face seen through a similarity transform; its box stays upright, with the sides of the seen one."""
    left, top, right, bottom = face.box
    x, y = transform(matrix, np.array([[(left + right) / 2, (top + bottom) / 2]]))[0]
    half = np.array([right - left, bottom - top]) / 2 * np.hypot(matrix[0, 0], matrix[1, 0])
    if abs(matrix[1, 0]) > abs(matrix[0, 0]):
        half = half[::-1]
    box = (float(x - half[0]), float(y - half[1]), float(x + half[0]), float(y + half[1]))
    return Face(box, transform(matrix, face.landmarks), face.score)
