"""Faces with a part of another one."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.alignment import FFHQ_TEMPLATE
from tests.conftest import smooth_photo
from trainer import face_mixing
from trainer.face_mixing import ALIKE, mixed, partners
from trainer.types import Picture

SIZE = 512
PARTS = len(face_mixing._PARTS)
GREY = np.full((SIZE, SIZE, 3), 128, np.uint8)
WHERE = {"eye": FFHQ_TEMPLATE[0], "nose": FFHQ_TEMPLATE[2], "mouth": FFHQ_TEMPLATE[3:].mean(0)}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class Part(np.random.Generator):
    """Draws this part of a face: 0 the eyes, 1 the lower half, 2 all of it, 3 the nose, 4 the mouth."""

    def __init__(self, number: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.number = number

    def integers(self, *_: Any, **__: Any) -> Any:
        return self.number


def striped(across: float) -> Picture:
    """Stripes of that many pixels, in all brightnesses alike."""
    wave = 128 + 100 * np.sin(2 * np.pi * np.arange(SIZE) / across)
    return np.repeat(np.broadcast_to(wave, (SIZE, SIZE))[..., None], 3, axis=2).astype(np.uint8)


def has_changed(picture: Picture, face: Picture, place: np.ndarray) -> bool:
    x, y = np.rint(place).astype(int)
    near = slice(y - 2, y + 3), slice(x - 6, x + 7)
    return bool(np.abs(picture[near].astype(int) - face[near]).max() > 20)


def test_who_looks_the_same_way_can_lend_a_part() -> None:
    off = ALIKE * SIZE
    others = np.array([FFHQ_TEMPLATE + np.array([right, 0]) for right in (0.0, 0.9 * off, 1.1 * off)])
    assert partners(FFHQ_TEMPLATE, others, SIZE).tolist() == [1]
    assert partners(others[2], others, SIZE).tolist() == [1]
    assert partners(FFHQ_TEMPLATE + 300, others, SIZE).tolist() == []


def test_each_part_is_another_one_s_and_the_border_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_mixing, "_VARIETY", 0.0)
    face, other = striped(8), striped(22)
    inside = {"eye"}, {"nose", "mouth"}, {"eye", "nose", "mouth"}, {"nose"}, {"mouth"}
    outside = {"mouth"}, {"eye"}, set[str](), {"eye"}, {"eye"}
    for part in range(PARTS):
        picture = mixed(face, FFHQ_TEMPLATE, other, FFHQ_TEMPLATE, Part(part))
        assert picture.shape == face.shape
        assert picture.dtype == np.uint8
        changed = {name for name, place in WHERE.items() if has_changed(picture, face, place)}
        assert inside[part] <= changed
        assert not outside[part] & changed
        for border in (np.s_[:16], np.s_[-16:], np.s_[:, :16], np.s_[:, -16:]):
            assert np.array_equal(picture[border], face[border])


def test_chance_chooses_the_part_and_its_size() -> None:
    face, other = striped(8), striped(22)
    pictures = [mixed(face, FFHQ_TEMPLATE, other, FFHQ_TEMPLATE, rng(seed)) for seed in range(12)]
    areas = {int((picture != face).any(axis=2).sum()) for picture in pictures}
    assert len(areas) == len(pictures)
    assert max(areas) > 4 * min(areas)


@pytest.mark.parametrize(("part", "place"), [(0, "eye"), (1, "mouth"), (2, "nose"), (3, "nose"), (4, "mouth")])
def test_within_the_part_nothing_of_the_face_itself_is_left(part: int, place: str) -> None:
    face, other = striped(8), striped(22)
    picture = mixed(face, FFHQ_TEMPLATE, other, FFHQ_TEMPLATE, Part(part))
    x, y = np.rint(WHERE[place]).astype(int)
    found, expected = (image[y, x - 20 : x + 21].astype(float) for image in (picture, other))
    assert np.corrcoef(found[:, 0], expected[:, 0])[0, 1] > 0.99


def test_the_same_state_gives_the_same_face_and_a_face_mixed_with_itself_stays_itself() -> None:
    face, other = smooth_photo(SIZE, SIZE, 1), smooth_photo(SIZE, SIZE, 2)
    first, again = (mixed(face, FFHQ_TEMPLATE, other, FFHQ_TEMPLATE, rng(3)) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, face)
    itself = mixed(face, FFHQ_TEMPLATE, face, FFHQ_TEMPLATE, rng())
    assert np.abs(itself.astype(int) - face).max() <= 1


@pytest.mark.parametrize("seed", range(6))
def test_what_lies_at_the_other_ones_landmarks_comes_to_the_face_s_own(seed: int) -> None:
    moved = FFHQ_TEMPLATE + rng(seed).uniform(-8, 8, (5, 2))
    other = GREY.copy()
    for x, y in moved:
        cv2.circle(other, (round(x), round(y)), 5, (255, 255, 255), -1)
    noisy = np.asarray(GREY + rng(seed).integers(-60, 60, GREY.shape), np.uint8)
    picture = mixed(noisy, FFHQ_TEMPLATE, other, moved, rng(seed))
    plain = mixed(noisy, FFHQ_TEMPLATE, GREY, moved, rng(seed))
    brighter = picture.astype(int).sum(2) - plain.astype(int).sum(2)
    assert (brighter > 60).any()
    _, _, measures, centres = cv2.connectedComponentsWithStats((brighter > 60).astype(np.uint8))
    for centre, area in zip(centres[1:], measures[1:, cv2.CC_STAT_AREA], strict=True):
        if area > 75:  # whole dots, none that the part's border cuts
            assert np.linalg.norm(FFHQ_TEMPLATE - centre, axis=1).min() < 1.5


def test_it_takes_the_face_s_colours() -> None:
    """A dark, flat face lends to a bright one without leaving a dark or flat patch."""
    pattern = smooth_photo(SIZE, SIZE, 1)
    bright, dark = (np.asarray(pattern * share + base, np.uint8) for share, base in ((0.3, 150), (0.23, 20)))
    for part in range(PARTS):
        picture = mixed(bright, FFHQ_TEMPLATE, dark, FFHQ_TEMPLATE, Part(part))
        assert np.abs(picture.astype(int) - bright).max() <= 4


def test_fine_structure_changes_over_a_narrow_seam_and_coarse_over_a_wide_one() -> None:
    """Of a checkerboard the amplitude, of a tone the tone itself, along a line across the seam."""
    mask = (np.arange(256) >= 128).astype(np.float32) * np.ones((256, 1), np.float32)
    board = 40 * (-1.0) ** np.add.outer(np.arange(256), np.arange(256))
    widths = []
    for structure in (board, np.full((256, 256), 40.0)):
        inside = np.repeat(structure[..., None], 3, axis=2).astype(np.float32)
        share = np.abs(face_mixing._blended(np.zeros_like(inside), inside, mask)[128, :, 0]) / 40
        widths.append(int(((share > 0.1) & (share < 0.9)).sum()))
    assert widths[0] <= 4
    assert 30 <= widths[1] <= 100


def test_no_edge_is_left_where_the_part_was_put() -> None:
    """Two ramps, across and down, in each other's places."""
    ramp = np.broadcast_to(np.linspace(40, 215, SIZE)[:, None], (SIZE, SIZE, 3))
    face, other = np.asarray(ramp, np.uint8), np.asarray(ramp.transpose(1, 0, 2), np.uint8)
    for part in range(PARTS):
        picture = mixed(face, FFHQ_TEMPLATE, other, FFHQ_TEMPLATE, Part(part)).astype(int)
        assert np.abs(picture - face).max() > 10
        assert max(np.abs(np.diff(picture, axis=axis)).max() for axis in (0, 1)) <= 8


def test_landmarks_in_one_place_do_not_fold_the_warp() -> None:
    points, other_points = FFHQ_TEMPLATE.copy(), FFHQ_TEMPLATE.copy()
    points[4] = points[3] + [0.1, 0]
    other_points[4] = points[3] + [8, 0]
    ramp = np.asarray(np.broadcast_to(np.linspace(40, 215, SIZE)[:, None], (SIZE, SIZE, 3)), np.uint8)
    picture = mixed(ramp, points, ramp, other_points, Part(1))
    assert np.abs(picture.astype(int) - ramp).max() <= 8


@settings(deadline=None, max_examples=40)
@given(
    around=st.sampled_from([FFHQ_TEMPLATE, np.zeros((5, 2)), np.full((5, 2), 500.0)]),
    off=arrays(np.float64, (5, 2), elements=st.floats(-600, 600)),
    part=st.integers(0, PARTS - 1),
)
def test_no_plausible_landmarks_make_it_fail(around: np.ndarray, off: np.ndarray, part: int) -> None:
    face, other = striped(8), striped(22)
    picture = mixed(face, around + off, other, around + off + 1, Part(part))
    assert picture.shape == face.shape
    assert picture.dtype == np.uint8
