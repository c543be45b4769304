"""Faces are found at every size, once, in photos of every size."""

import itertools
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchvision.ops import nms

from core.assembly import load_detector
from core.detection import (
    CLOSE_UP,
    MAX_ENLARGING,
    OVERLAP,
    OVERVIEW,
    SMALLEST_SEEN,
    TILE,
    RetinaFaceDetector,
    default_min_face,
    pyramid_scales,
    tiles,
    without_duplicates,
)
from core.engines.engine import Engine, FloatArray, Target
from core.engines.opening import open_network
from core.errors import Cancelled
from core.models import find_model
from core.networks.loading import load_network
from core.orientation import detect_any_orientation
from core.progress import CancelToken
from core.retinaface import non_maximum_suppression, run_retinaface
from core.types import Face, Photo
from tests.conftest import face_at, smooth_photo

sizes = st.integers(1, 12_000)


class Noting:
    """An engine that notes down under its name what it is shown."""

    def __init__(self, engine: Engine, name: str, looks: list[tuple[str, tuple[int, ...]]]) -> None:
        self.target, self.size = engine.target, engine.size
        self._engine, self._name, self._looks = engine, name, looks

    def run(self, images: FloatArray) -> FloatArray:
        self._looks.append((self._name, images.shape))
        return self._engine.run(images)


@pytest.fixture(scope="module")
def detector() -> RetinaFaceDetector:
    return load_detector("bundled-detector")[0]


@given(width=sizes, height=sizes, min_face=st.floats(8, 500))
def test_the_pyramid_reaches_from_the_overview_to_the_smallest_face(
    width: int, height: int, min_face: float
) -> None:
    scales = pyramid_scales(width, height, min_face)
    assert scales[0] <= max(OVERVIEW / max(width, height), MAX_ENLARGING)
    assert scales[-1] * min_face >= 0.98 * min(SMALLEST_SEEN, MAX_ENLARGING * min_face)
    assert all(a < b <= 2.001 * a for a, b in itertools.pairwise(scales))


@given(width=sizes, height=sizes)
def test_tiles_are_bounded_and_show_every_small_face_whole(width: int, height: int) -> None:
    boxes = list(tiles(width, height))
    assert all(r - left <= TILE and b - t <= TILE for left, t, r, b in boxes)
    rng = np.random.default_rng(width * 7 + height)
    for _ in range(5):
        side = min(OVERLAP, width, height)
        x, y = rng.integers(0, width - side + 1), rng.integers(0, height - side + 1)
        assert any(left <= x and x + side <= r and t <= y and y + side <= b for left, t, r, b in boxes)
    assert min(box[0] for box in boxes) == 0
    assert max(box[2] for box in boxes) == width
    assert max(box[3] for box in boxes) == height


def test_of_duplicates_the_surest_is_kept() -> None:
    sure, doubtful = face_at(100, 100, 100, score=0.9), face_at(106, 98, 104, score=0.7)
    part = face_at(100, 100, 40, score=0.8)
    neighbour = face_at(180, 100, 100, score=0.6)
    assert without_duplicates([doubtful, part, neighbour, sure]) == [sure, neighbour]


def centre(face: Face) -> np.ndarray:
    return np.array(face.box).reshape(2, 2).mean(axis=0)


def test_the_face_of_a_real_photo_is_found_with_its_landmarks(
    detector: RetinaFaceDetector, wallet_photo: Photo
) -> None:
    (face,) = detector.detect(wallet_photo.rgb)
    assert np.hypot(*(centre(face) - [147, 78])) < 10
    assert 45 < face.size < 90
    left, right, nose, mouth_left, mouth_right = face.landmarks
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < nose[0] < mouth_right[0]
    assert left[1] < nose[1] < mouth_left[1]
    assert face.score > 0.8


def test_boxes_and_landmarks_are_those_that_facexlib_decodes(wallet_photo: Photo) -> None:
    path = find_model("bundled-detector", "detector").path
    bgr = np.ascontiguousarray(wallet_photo.rgb[:-3, :-6, ::-1])
    theirs: Any = load_network(path).module
    with torch.inference_mode():
        expected = theirs.detect_faces(bgr, 0.3, 0.4)
    found = run_retinaface(open_network(path, "detector", Target("pytorch", "cpu")).engine, bgr, 0.3)
    assert len(found) == len(expected) > 0
    for face, row in zip(found, expected, strict=True):
        np.testing.assert_allclose([*face.box, face.score, *face.landmarks.ravel()], row, rtol=2e-5)


boxes = arrays(np.float32, (30, 4), elements=st.floats(-20, 200, width=32))
few_scores = arrays(np.float32, (30,), elements=st.sampled_from([0.3, 0.5, 0.50001, 0.9]))


@given(corners=boxes, scores=few_scores, threshold=st.sampled_from([0.0, 0.3, 0.4, 1.0]))
def test_suppression_keeps_what_torchvision_keeps(
    corners: np.ndarray, scores: np.ndarray, threshold: float
) -> None:
    upright = np.sort(corners.reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    for rectangles in (corners, upright, upright[:0], np.round(upright / 40) * 40):
        count = len(rectangles)
        expected = nms(torch.from_numpy(rectangles), torch.from_numpy(scores[:count]), threshold).numpy()
        np.testing.assert_array_equal(non_maximum_suppression(rectangles, scores[:count], threshold), expected)


def test_the_last_look_is_the_exact_engines(wallet_photo: Photo) -> None:
    path = find_model("bundled-detector", "detector").path
    opened = open_network(path, "detector", Target("pytorch", "cpu")).engine
    looks: list[tuple[str, tuple[int, ...]]] = []
    detector = RetinaFaceDetector(Noting(opened, "first", looks), 0.6, exact=Noting(opened, "exact", looks))
    assert len(detector.detect(wallet_photo.rgb)) == 1
    close_up = (1, 3, CLOSE_UP, CLOSE_UP)
    assert looks[-2:] == [("first", close_up), ("exact", close_up)]
    assert [name for name, _ in looks[:-1]] == ["first"] * (len(looks) - 1)


def test_16_bits_find_the_same_face(detector: RetinaFaceDetector, wallet_photo: Photo) -> None:
    deep = wallet_photo.rgb.astype(np.uint16) * 257
    (one,), (other,) = detector.detect(wallet_photo.rgb), detector.detect(deep)
    np.testing.assert_allclose(one.landmarks, other.landmarks)


def test_a_face_below_the_smallest_wanted_is_left_out(detector: RetinaFaceDetector, wallet_photo: Photo) -> None:
    assert detector.detect(wallet_photo.rgb, min_face=200) == []


def test_a_picture_without_faces_has_none(detector: RetinaFaceDetector) -> None:
    assert detect_any_orientation(detector, smooth_photo(500, 400)).faces == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (3, 2), (900, 5)])
def test_tiny_pictures_do_no_harm(detector: RetinaFaceDetector, shape: tuple[int, int]) -> None:
    assert detect_any_orientation(detector, np.zeros((*shape, 3), np.uint8)).faces == ()


@pytest.mark.slow
def test_a_large_photo_keeps_its_small_face(detector: RetinaFaceDetector, wallet_photo: Photo) -> None:
    # 24 megapixels: at the overview's size this face would be 4 px.
    photo = np.full((4000, 6000, 3), 140, np.uint8)
    photo[2500 : 2500 + 333, 4300 : 4300 + 333] = wallet_photo.rgb
    assert default_min_face(6000, 4000) == 40
    (face,) = detector.detect(photo)
    assert np.hypot(*(centre(face) - [4300 + 147, 2500 + 78])) < 10


@pytest.mark.slow
def test_a_face_that_fills_a_large_photo_is_found_once(detector: RetinaFaceDetector, wallet_photo: Photo) -> None:
    portrait = cv2.resize(wallet_photo.rgb[:150, 75:225], (2400, 2400), interpolation=cv2.INTER_CUBIC)
    faces = detector.detect(portrait)
    assert len(faces) == 1
    assert faces[0].size > 800


@pytest.mark.parametrize("degrees", [-35, 20, 40])
def test_a_tilted_face_is_aligned_to_its_tilt(
    detector: RetinaFaceDetector, wallet_photo: Photo, degrees: float
) -> None:
    upright = detector.detect(wallet_photo.rgb)[0]
    middle = (147.0, 78.0)
    turn = cv2.getRotationMatrix2D(middle, -degrees, 1)
    tilted = cv2.warpAffine(wallet_photo.rgb, turn, (333, 333), borderMode=cv2.BORDER_REFLECT_101)
    face = max(detector.detect(tilted), key=lambda f: -np.hypot(*(centre(f) - middle)))
    assert face.angle - upright.angle == pytest.approx(degrees, abs=8)
    expected = upright.landmarks @ turn[:, :2].T + turn[:, 2]
    assert np.abs(face.landmarks - expected).max() < 0.12 * face.size


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_on_its_side_is_found_out(detector: RetinaFaceDetector, wallet_photo: Photo, turns: int) -> None:
    # np.rot90 turns anticlockwise.
    photo = np.ascontiguousarray(np.rot90(wallet_photo.rgb, -turns))
    found = detect_any_orientation(detector, photo)
    (upright,) = detector.detect(wallet_photo.rgb)
    assert len(found.faces) == 1
    face = found.faces[0]
    assert found.turned == 90 * turns
    expected = (upright.angle + 90 * turns + 180) % 360 - 180
    assert abs((face.angle - expected + 180) % 360 - 180) < 12
    x, y = upright.landmarks.T
    mapped = {1: (333 - y, x), 2: (333 - x, 333 - y), 3: (y, 333 - x)}[turns]
    assert np.abs(face.landmarks - np.column_stack(mapped)).max() < 0.15 * upright.size


class Blind:
    """A detector that sees only faces of one direction: pictures whose first pixel is white."""

    def detect(self, image, min_face=None, cancel=None):
        if image[0, 0, 0] < 200:
            return []
        return [face_at(100, 60, 60)]


@pytest.mark.parametrize(("corner", "turned"), [((0, 0), 0), ((0, -1), 90), ((-1, -1), 180), ((-1, 0), 270)])
def test_turned_photos_are_mapped_back(corner: tuple[int, int], turned: int) -> None:
    photo = np.zeros((300, 500, 3), np.uint8)
    photo[corner] = 255
    found = detect_any_orientation(Blind(), photo)
    assert found.turned == turned
    (face,) = found.faces
    assert face.angle == pytest.approx((turned + 180) % 360 - 180, abs=0.2)
    expected = {0: (100, 60), 90: (499 - 60, 100), 180: (499 - 100, 299 - 60), 270: (60, 299 - 100)}[turned]
    np.testing.assert_allclose(centre(face), expected)


def test_a_lying_face_does_not_hide_that_the_photo_is_turned() -> None:
    class Mixed:
        """Sees one face on its side in the photo as it is, and three upright ones once it is turned."""

        def detect(self, image, min_face=None, cancel=None):
            if image.shape[:2] == (300, 500):
                return [face_at(420, 90, 60, degrees=90)]
            if image[0, 0, 0] < 200:
                return []
            return [face_at(90, 500 - 420 - 1, 60, score=0.95), face_at(200, 60, 70), face_at(150, 300, 80)]

    photo = np.zeros((300, 500, 3), np.uint8)
    photo[0, -1] = 255
    found = detect_any_orientation(Mixed(), photo)
    assert found.turned == 90
    assert len(found.faces) == 3
    assert all(abs(face.angle - 90) < 1 for face in found.faces)


@pytest.mark.parametrize(("leans", "turned"), [(0, 90), (20, 90), (-20, 90), (33, 0), (-33, 0)])
def test_a_head_that_leans_far_is_found_but_turns_no_photo(leans: float, turned: int) -> None:
    class Leaning:
        """Sees a face that leans, in pictures whose first pixel is white."""

        def detect(self, image, min_face=None, cancel=None):
            return [] if image[0, 0, 0] < 200 else [face_at(100, 60, 60, degrees=leans)]

    photo = np.zeros((300, 500, 3), np.uint8)
    photo[0, -1] = 255
    found = detect_any_orientation(Leaning(), photo)
    assert found.turned == turned
    assert [face.angle for face in found.faces] == [pytest.approx(90 + leans, abs=0.2)]


def test_cancelling_stops_between_tiles(detector: RetinaFaceDetector) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        detector.detect(np.zeros((100, 100, 3), np.uint8), cancel=token)
