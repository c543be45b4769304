"""Crops through a network: range, size, depth, and outputs that are no picture."""

from collections.abc import Callable

import numpy as np
import pytest

from core.alignment import FFHQ_TEMPLATE
from core.engines.engine import Precision, Target
from core.parsing import ParseNetParser
from core.restoration import NetworkRestorer
from core.severity import advised_strength
from core.types import Face, FaceCrop
from tests.conftest import smooth_photo


def crop(pixels: np.ndarray) -> FaceCrop:
    return FaceCrop(Face((0, 0, 512, 512), FFHQ_TEMPLATE, 1.0), np.eye(2, 3), pixels)


class Spy:
    """Passes pictures through, or `result` of them, and remembers what it was given."""

    target = Target("pytorch", "cpu", Precision.BF16)

    def __init__(self, result: Callable[[np.ndarray], np.ndarray] = np.copy, size: int = 512) -> None:
        self.result = result
        self.size = size
        self.seen: list[np.ndarray] = []

    def run(self, images: np.ndarray) -> np.ndarray:
        self.seen.append(images)
        return self.result(images)


@pytest.mark.parametrize("size", [512, 256])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_network_sees_rgb_in_minus_one_to_one_at_its_own_size(size: int, dtype: type) -> None:
    engine = Spy(size=size)
    pixels = smooth_photo(512, 512, dtype=dtype)
    pixels[..., 0] = np.iinfo(dtype).max
    (restored,) = NetworkRestorer(engine).restore([crop(pixels)])
    (seen,) = engine.seen
    assert seen.shape == (1, 3, size, size)
    assert seen.dtype == np.float32
    assert (seen[:, 0] == 1).all()
    assert seen.min() >= -1
    assert restored.network_size == size
    assert restored.restored.dtype == dtype
    difference = np.abs(restored.restored.astype(float) - pixels) / np.iinfo(dtype).max
    assert difference.max() < (1e-6 if size == 512 else 0.01)


def test_a_restored_crop_has_the_strength_that_suits_it() -> None:
    flat, sharp = np.full((512, 512, 3), 90, np.uint8), smooth_photo(512, 512)
    sharp[::8] //= 2
    found = NetworkRestorer(Spy(), sharp_strength=0.4).restore([crop(flat), crop(sharp)])
    assert [c.advised_strength for c in found] == [advised_strength(c.pixels, c.restored, 0.4) for c in found]
    assert {c.advised_strength for c in NetworkRestorer(Spy()).restore([crop(sharp)])} == {1.0}
    assert found[1].advised_strength < 1


def test_crops_go_through_as_one_batch_in_order() -> None:
    engine = Spy()
    crops = [crop(np.full((512, 512, 3), value, np.uint8)) for value in (0, 100, 200)]
    restored = NetworkRestorer(engine).restore(crops)
    assert [batch.shape[0] for batch in engine.seen] == [3]
    assert [int(c.restored[0, 0, 0]) for c in restored] == [0, 100, 200]
    assert NetworkRestorer(engine).restore([]) == []


def test_a_self_ensemble_is_the_mean_with_the_mirror_image() -> None:
    """A network that brightens what lies on the left brightens both sides by half."""

    def brighter_left(images: np.ndarray) -> np.ndarray:
        return images + np.where(np.arange(images.shape[-1]) < 256, 0.4, 0).astype(np.float32)

    engine, picture = Spy(brighter_left), np.full((512, 512, 3), 100, np.uint8)
    picture[:, :100] = 60
    (restored,) = NetworkRestorer(engine, self_ensemble=True).restore([crop(picture)])
    found = restored.restored.astype(int) - picture
    assert np.abs(found - 0.2 * 127.5).max() <= 1
    as_it_is, mirror_image = engine.seen
    assert np.array_equal(as_it_is, mirror_image[..., ::-1])
    assert not np.array_equal(as_it_is, mirror_image)


def test_a_self_ensemble_without_a_number_is_made_again_in_float32() -> None:
    def mirrored_breaks(images: np.ndarray) -> np.ndarray:
        return images * (np.nan if images[0, 0, 0, 0] > images[0, 0, 0, -1] else 1)

    picture = np.full((512, 512, 3), 100, np.uint8)
    picture[:, :100] = 60
    exact = Spy()
    (restored,) = NetworkRestorer(Spy(mirrored_breaks), lambda: exact, self_ensemble=True).restore([crop(picture)])
    assert restored.failure is None
    assert np.abs(restored.restored.astype(int) - picture).max() <= 1
    assert len(exact.seen) == 2


def test_outputs_beyond_the_range_are_cut() -> None:
    (restored,) = NetworkRestorer(Spy(lambda x: x * 5)).restore([crop(np.full((512, 512, 3), 220, np.uint8))])
    assert (restored.restored == 255).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_face_without_a_picture_fails_alone_and_is_never_black(bad: float) -> None:
    def second_breaks(images: np.ndarray) -> np.ndarray:
        out = images.copy()
        out[1, 0, 5, 5] = bad
        return out

    restored = NetworkRestorer(Spy(second_breaks)).restore([crop(smooth_photo(512, 512, i)) for i in range(3)])
    assert [c.restored is None for c in restored] == [False, True, False]
    assert "left as it was" in restored[1].failure


def test_low_precision_that_breaks_is_run_again_in_float32() -> None:
    def second_breaks(images: np.ndarray) -> np.ndarray:
        return np.stack([images[0], images[1] * np.nan])

    exact = Spy()
    crops = [crop(smooth_photo(512, 512, seed)) for seed in range(2)]
    restored = NetworkRestorer(Spy(second_breaks), lambda: exact).restore(crops)
    assert [len(images) for images in exact.seen] == [1]
    for before, after in zip(crops, restored, strict=True):
        assert after.failure is None
        np.testing.assert_array_equal(after.restored, before.pixels)


def test_without_memory_for_one_face_the_faces_stay_and_say_so() -> None:
    def no_memory(images: np.ndarray) -> np.ndarray:
        raise MemoryError

    restored = NetworkRestorer(Spy(no_memory)).restore([crop(smooth_photo(512, 512, i)) for i in range(2)])
    assert all(c.restored is None and "memory" in c.failure for c in restored)


def test_a_parser_without_memory_loses_no_face() -> None:
    def no_memory(images: np.ndarray) -> np.ndarray:
        raise MemoryError

    plain = crop(smooth_photo(512, 512))
    restored = FaceCrop(plain.face, plain.matrix, plain.pixels, plain.pixels)
    assert ParseNetParser(Spy(no_memory)).parse([restored]) == [restored]


def test_the_parser_labels_restored_crops_alone() -> None:
    def stripes(image: np.ndarray) -> np.ndarray:
        """Class 1 in the upper half, 13 in the lower."""
        assert image.shape == (1, 3, 256, 256)
        assert np.abs(image).max() <= 1
        scores = np.zeros((1, 19, 256, 256), np.float32)
        scores[:, 1, :128] = 1
        scores[:, 13, 128:] = 1
        return scores

    plain = crop(smooth_photo(512, 512))
    restored = FaceCrop(plain.face, plain.matrix, plain.pixels, plain.pixels)
    one, other = ParseNetParser(Spy(stripes, 256)).parse([plain, restored])
    assert one.labels is None
    assert other.labels.shape == (256, 256)
    assert set(np.unique(other.labels[:128])) == {1}
    assert set(np.unique(other.labels[128:])) == {13}
