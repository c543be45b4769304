"""A picture whose faces are blended anew, in place and in their own regions alone."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core.canvas
from core.canvas import Canvas, FaceLayers
from core.compositing import FaceLayer
from core.enlargement import enlarged
from core.types import BlendOptions, ColorMode
from tests.conftest import crop_of, face_at, flat, smooth_photo

PHOTO = smooth_photo(420, 380, 4)
# The second and third overlap, the last lies over the photo's edge, the first was not restored.
CROPS = [
    crop_of(PHOTO, face_at(60, 60, 90)),
    crop_of(PHOTO, face_at(200, 170, 220, 20), smooth_photo(512, 512, 1)),
    crop_of(PHOTO, face_at(270, 240, 160, -30), smooth_photo(512, 512, 2)),
    crop_of(PHOTO, face_at(400, 360, 150), flat((200, 30, 30))),
]
START = BlendOptions()
BLENDS = st.builds(
    BlendOptions, st.sampled_from([0.0, 0.4, 1.0]), st.sampled_from(ColorMode), st.booleans(), st.booleans()
)


def composed(blends: list[BlendOptions], upscale: int) -> np.ndarray:
    picture = enlarged(PHOTO, upscale)
    FaceLayers(PHOTO, CROPS, upscale, monochrome=False).lay(picture, blends)
    return picture


def canvas(upscale: int = 1, memory: int = core.canvas.MEMORY) -> Canvas:
    layers = FaceLayers(PHOTO, CROPS, upscale, monochrome=False, memory=memory)
    return Canvas(composed([START] * len(CROPS), upscale), layers, START)


@settings(deadline=None, max_examples=30)
@given(
    changes=st.lists(st.dictionaries(st.integers(0, 3), BLENDS), max_size=4),
    upscale=st.sampled_from([1, 2]),
    memory=st.sampled_from([0, 1_500_000, core.canvas.MEMORY]),
)
def test_after_any_changes_it_is_what_composing_anew_gives(
    changes: list[Mapping[int, BlendOptions]], upscale: int, memory: int
) -> None:
    panel = canvas(upscale, memory)
    image = panel.image
    for per_face in changes:
        before = panel.image.copy()
        regions = panel.recomposite(per_face=per_face)
        wanted = [per_face.get(index, START) for index in range(len(CROPS))]
        np.testing.assert_array_equal(panel.image, composed(wanted, upscale))
        elsewhere = np.ones(panel.image.shape[:2], bool)
        for region in regions:
            elsewhere[region.slices()] = False
        np.testing.assert_array_equal(panel.image[elsewhere], before[elsewhere])
    assert panel.image is image


def test_what_did_not_change_is_not_drawn() -> None:
    panel = canvas()
    assert panel.recomposite() == []
    assert panel.recomposite(per_face={0: BlendOptions(0.5)}) == []  # never restored
    (region,) = panel.recomposite(per_face={3: BlendOptions(0.5)})
    assert region.right == 420
    assert region.bottom == 380
    assert max(region.size) < 150
    assert panel.recomposite(per_face={3: BlendOptions(0.5)}) == []
    assert len(panel.recomposite(BlendOptions(0.2))) == 3


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The indices of the crops whose layers are made, as they are made."""
    original, made = core.canvas.face_layer, []

    def spy(photo, crop, *args) -> FaceLayer | None:
        made.append(CROPS.index(crop))
        return original(photo, crop, *args)

    monkeypatch.setattr(core.canvas, "face_layer", spy)
    return made


def test_a_change_of_strength_makes_a_layer_once(made: list[int]) -> None:
    panel = canvas()
    made.clear()
    for strength in (0.1, 0.5, 0.9):
        panel.recomposite(per_face={3: BlendOptions(strength)})
    assert sorted(made) == [2, 3]  # the squares of the crops overlap
    panel.recomposite(per_face={3: BlendOptions(match_grain=True)})
    assert sorted(made) == [2, 3, 3]


def test_each_face_is_laid_at_the_strength_advised_for_it_where_none_is_given() -> None:
    advised = [0.3, 0.6, 1.0, 0.0]
    crops = [replace(crop, advised_strength=strength) for crop, strength in zip(CROPS, advised, strict=True)]
    found, expected = (enlarged(PHOTO, 1) for _ in range(2))
    FaceLayers(PHOTO, crops, 1, monochrome=False).lay(found, [BlendOptions(strength=None)] * len(crops))
    FaceLayers(PHOTO, CROPS, 1, monochrome=False).lay(expected, [BlendOptions(strength) for strength in advised])
    np.testing.assert_array_equal(found, expected)


def test_layers_are_kept_up_to_a_limit_the_one_used_last_always(made: list[int]) -> None:
    layers = FaceLayers(PHOTO, CROPS, 1, monochrome=False)
    sizes = [layer.nbytes for index in (1, 2, 3) if (layer := layers.layer(index, START))]
    made.clear()
    two = FaceLayers(PHOTO, CROPS, 1, monochrome=False, memory=sizes[1] + sizes[2])
    for index in (1, 2, 3, 2, 3, 1, 1):
        two.layer(index, START)
    assert made == [1, 2, 3, 1]
