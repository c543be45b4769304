"""Crops through a network: range, size, depth, and outputs that are no picture."""

import numpy as np
import pytest
import torch
from torch import nn

from core.alignment import FFHQ_TEMPLATE
from core.parsing import ParseNetParser
from core.restoration import GFPGANRestorer
from core.types import Face, FaceCrop
from tests.conftest import smooth_photo

CPU = torch.device("cpu")


def crop(pixels: np.ndarray) -> FaceCrop:
    return FaceCrop(Face((0, 0, 512, 512), FFHQ_TEMPLATE, 1.0), np.eye(2, 3), pixels)


class Spy(nn.Module):
    """Passes pictures through, or `result` of them, and remembers what it was given."""

    def __init__(self, result=lambda image: image) -> None:
        super().__init__()
        self.result = result
        self.seen: list[torch.Tensor] = []
        self.autocast: list[bool] = []

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.seen.append(image)
        self.autocast.append(torch.is_autocast_enabled("cpu"))
        return self.result(image)


@pytest.mark.parametrize("size", [512, 256])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_network_sees_rgb_in_minus_one_to_one_at_its_own_size(size: int, dtype: type) -> None:
    network = Spy()
    pixels = smooth_photo(512, 512, dtype=dtype)
    pixels[..., 0] = np.iinfo(dtype).max
    (restored,) = GFPGANRestorer(network, size, CPU).restore([crop(pixels)])
    (seen,) = network.seen
    assert seen.shape == (1, 3, size, size)
    assert seen.dtype == torch.float32
    assert (seen[:, 0] == 1).all()
    assert seen.min() >= -1
    assert restored.network_size == size
    assert restored.restored.dtype == dtype
    difference = np.abs(restored.restored.astype(float) - pixels) / np.iinfo(dtype).max
    assert difference.max() < (1e-6 if size == 512 else 0.01)


def test_crops_go_through_as_one_batch_in_order() -> None:
    network = Spy()
    crops = [crop(np.full((512, 512, 3), value, np.uint8)) for value in (0, 100, 200)]
    restored = GFPGANRestorer(network, 512, CPU).restore(crops)
    assert [batch.shape[0] for batch in network.seen] == [3]
    assert [int(c.restored[0, 0, 0]) for c in restored] == [0, 100, 200]
    assert GFPGANRestorer(network, 512, CPU).restore([]) == []


def test_outputs_beyond_the_range_are_cut() -> None:
    (restored,) = GFPGANRestorer(Spy(lambda x: x * 5), 512, CPU).restore(
        [crop(np.full((512, 512, 3), 220, np.uint8))]
    )
    assert (restored.restored == 255).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_face_without_a_picture_fails_alone_and_is_never_black(bad: float) -> None:
    def second_breaks(images: torch.Tensor) -> torch.Tensor:
        out = images.clone()
        out[1, 0, 5, 5] = bad
        return out

    restored = GFPGANRestorer(Spy(second_breaks), 512, CPU).restore(
        [crop(smooth_photo(512, 512, i)) for i in range(3)]
    )
    assert [c.restored is None for c in restored] == [False, True, False]
    assert "left as it was" in restored[1].failure


def test_low_precision_that_breaks_is_run_again_in_float32() -> None:
    network = Spy(lambda x: x * float("nan") if torch.is_autocast_enabled("cpu") else x)
    pixels = smooth_photo(512, 512)
    (restored,) = GFPGANRestorer(network, 512, CPU, torch.bfloat16).restore([crop(pixels)])
    assert network.autocast == [True, False]
    assert restored.failure is None
    np.testing.assert_array_equal(restored.restored, pixels)


def test_the_parser_labels_restored_crops_alone() -> None:
    class Stripes(nn.Module):
        """Class 1 in the upper half, 13 in the lower."""

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, None]:
            assert image.abs().max() <= 1
            scores = torch.zeros(1, 19, *image.shape[2:])
            half = image.shape[2] // 2
            scores[:, 1, :half] = 1
            scores[:, 13, half:] = 1
            return scores, None

    plain = crop(smooth_photo(512, 512))
    restored = FaceCrop(plain.face, plain.matrix, plain.pixels, plain.pixels)
    one, other = ParseNetParser(Stripes(), CPU, size=256).parse([plain, restored])
    assert one.labels is None
    assert other.labels.shape == (256, 256)
    assert set(np.unique(other.labels[:128])) == {1}
    assert set(np.unique(other.labels[128:])) == {13}
