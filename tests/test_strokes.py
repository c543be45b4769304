"""The brush that limits the restoration, and pictures composed with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.result import RestoredFaces
from core.strokes import Stroke, coverage, draw
from core.types import BlendOptions, Photo, Region, RestoreOptions
from tests.conftest import crop_of, face_at, flat, smooth_photo

points = st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 90)), min_size=1, max_size=5).map(tuple)


def test_without_strokes_there_is_no_coverage() -> None:
    assert coverage([], (10, 10)) is None


@pytest.mark.parametrize("softness", [0.0, 0.5, 1.0])
def test_the_edge_is_half_transparent_at_the_radius(softness: float) -> None:
    mask = coverage([Stroke(((50.0, 50.0),), 20.0, softness=softness)], (101, 101))
    assert mask is not None
    assert mask[50, 50] == 0 or softness == 1.0
    assert mask[50, 70] == pytest.approx(127, abs=45)
    assert mask[50, 95] == 255
    fade = np.unique(mask[50, 50:]).size
    assert fade > 15 if softness else fade <= 6


@settings(deadline=None)
@given(points, st.floats(0.5, 30), st.floats(0, 1), st.booleans())
def test_outside_its_box_nothing_is_touched(
    path: tuple[tuple[float, float], ...], radius: float, softness: float, erases: bool
) -> None:
    before = np.full((70, 100), 128, np.uint8)
    after = before.copy()
    left, top, right, bottom = draw(Stroke(path, radius, erases, softness), after)
    outside = np.ones(before.shape, bool)
    outside[top:bottom, left:right] = False
    np.testing.assert_array_equal(after[outside], before[outside])
    assert (after <= before).all() if erases else (after >= before).all()


@settings(deadline=None)
@given(points, st.floats(1, 30))
def test_painting_back_over_an_erasure_undoes_it(path: tuple[tuple[float, float], ...], radius: float) -> None:
    mask = coverage([Stroke(path, radius), Stroke(path, radius * 2 + 3, erases=False, softness=0.0)], (100, 70))
    assert mask is not None
    assert mask.min() == 255


@pytest.mark.parametrize("options", [{"radius": 0.0}, {"radius": 1.0, "softness": 1.5}])
def test_brushes_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a brush has a radius"):
        Stroke(((1.0, 1.0),), **options)  # type: ignore[arg-type]


# Composed with it.


def restored(upscale: int, mask: np.ndarray | None, dtype: type = np.uint8) -> RestoredFaces:
    pixels = smooth_photo(160, 120, seed=5, dtype=dtype)
    faces = [face_at(60, 60, 90), face_at(100, 60, 60)]
    top = np.iinfo(dtype).max
    colour = (top // 2, top // 5, top // 5)
    crops = tuple(crop_of(pixels, face, flat(colour, dtype)) for face in faces)
    return RestoredFaces(
        photo=Photo(pixels, pixels), options=RestoreOptions(upscale=upscale), crops=crops, coverage=mask
    )


@pytest.mark.parametrize("upscale", [1, 2])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_where_all_is_erased_the_photo_is_as_it_was(upscale: int, dtype: type) -> None:
    nothing = np.zeros((120, 160), np.uint8)
    result = restored(upscale, nothing, dtype).composed()
    np.testing.assert_array_equal(result.image, result.base)
    everything = np.full((120, 160), 255, np.uint8)
    np.testing.assert_array_equal(
        restored(upscale, everything, dtype).composed().image, restored(upscale, None, dtype).composed().image
    )


@pytest.mark.parametrize("upscale", [1, 2, 4])
def test_limiting_a_canvas_gives_what_composing_anew_gives(upscale: int) -> None:
    random = np.random.default_rng(3)
    canvas = restored(upscale, None).composed().canvas()
    masks: list[np.ndarray | None] = []
    for _ in range(4):
        path = tuple(map(tuple, random.uniform(20, 120, (3, 2))))
        masks.append(coverage([Stroke(path, float(random.uniform(3, 20)))], (160, 120)))
    blend = BlendOptions(0.6)
    canvas.recomposite(blend)
    for mask in [*masks, None, masks[0]]:
        canvas.limit(mask)
        anew = restored(upscale, mask).composed().recomposite(blend)
        np.testing.assert_array_equal(canvas.image, anew)


@pytest.mark.parametrize("upscale", [1, 2])
@pytest.mark.parametrize("erases", [True, False])
def test_a_stroke_drawn_bit_by_bit_is_the_stroke(upscale: int, erases: bool) -> None:
    random = np.random.default_rng(4)
    begun = (Stroke(((30.0, 60.0), (120.0, 70.0)), 30.0),)
    points = tuple(map(tuple, random.uniform(20, 120, (12, 2)).tolist()))
    stroke = Stroke(points, 9.0, erases, 0.7)
    canvas = restored(upscale, coverage(begun, (160, 120))).composed().canvas()
    mask, drawn = canvas.copy_of_coverage(), 0
    for count in (1, 2, 5, 12):
        box = draw(replace(stroke, points=points[max(0, drawn - 1) : count]), mask)
        before, drawn = canvas.image.copy(), count
        regions = canvas.limit(mask, Region(*box))
        for region in regions:
            before[region.slices()] = canvas.image[region.slices()]
        np.testing.assert_array_equal(before, canvas.image, "only what it tells of is redrawn")
    whole = restored(upscale, coverage((*begun, stroke), (160, 120))).composed()
    np.testing.assert_array_equal(canvas.image, whole.image)
    assert canvas.limit(coverage((*begun, stroke), (160, 120))) == []


def test_only_faces_under_the_brush_are_redrawn() -> None:
    canvas = restored(1, None).composed().canvas()
    mask = coverage([Stroke(((20.0, 60.0),), 8.0)], (160, 120))
    regions = canvas.limit(mask)
    assert len(regions) == 1
    assert canvas.limit(mask) == []
    assert canvas.limit(mask.copy() if mask is not None else None) == []
