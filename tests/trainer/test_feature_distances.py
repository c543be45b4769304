import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.losses.feature_distances import l1_distance, lpips_distance


def l1_by_autograd(found: Tensor, expected: Tensor) -> Tensor:
    return (found - expected).abs().mean((1, 2, 3))


def lpips_by_autograd(found: Tensor, expected: Tensor) -> Tensor:
    return (F.normalize(found, dim=1) - F.normalize(expected, dim=1)).square().sum(1).mean((1, 2))


BOTH = pytest.mark.parametrize(
    ("distance", "by_autograd"), [(l1_distance, l1_by_autograd), (lpips_distance, lpips_by_autograd)]
)


def features(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Two maps as different as a restored face's and its truth's."""
    source = torch.Generator().manual_seed(0)
    expected = torch.rand(2, 5, 4, 3, generator=source, dtype=torch.float64)
    found = expected + 0.2 * torch.randn(expected.shape, generator=source, dtype=torch.float64)
    return found.to(dtype).requires_grad_(), expected.to(dtype)


def gradient(distance, found: Tensor, expected: Tensor) -> Tensor:
    # Each sample's own share, so that none can take another's.
    total = (distance(found, expected) * torch.tensor([1.0, 3.0], dtype=torch.float64)).sum()
    return torch.autograd.grad(total, found)[0]


@BOTH
def test_distances_and_their_gradients_are_the_formulas(distance, by_autograd):
    found, expected = features()
    torch.testing.assert_close(distance(found, expected), by_autograd(found, expected))
    torch.testing.assert_close(gradient(distance, found, expected), gradient(by_autograd, found, expected))
    assert torch.autograd.gradcheck(distance, (found, expected))


@BOTH
def test_half_precision_costs_the_gradient_one_rounding(distance, by_autograd):
    found, expected = features(torch.bfloat16)
    assert distance(found, expected).dtype == torch.float32
    mine = gradient(distance, found, expected)
    assert mine.dtype == torch.bfloat16
    exact = gradient(by_autograd, found.detach().double().requires_grad_(), expected.double())
    assert (mine.double() - exact).abs().max() < 2**-7 * exact.abs().max()


def test_features_without_a_direction_get_no_gradient():
    found, expected = features()
    found.data[:, :, 1, 1] = 0
    distances = lpips_distance(found, expected)
    torch.testing.assert_close(distances, lpips_by_autograd(found, expected))
    (slope,) = torch.autograd.grad(distances.sum(), found)
    assert not slope[:, :, 1, 1].any()
    assert slope[:, :, 0, 0].abs().min() > 0


def test_nothing_is_pulled_towards_a_truth_without_a_direction():
    found, expected = features()
    expected[:, :, 1, 1] = 0
    torch.testing.assert_close(lpips_distance(found, expected), lpips_by_autograd(found, expected))
    mine, theirs = gradient(lpips_distance, found, expected), gradient(lpips_by_autograd, found, expected)
    torch.testing.assert_close(mine, theirs)


def test_a_head_weighs_channels():
    found, expected = features()
    head = torch.tensor([1.0, 0.0, 2.0, 0.5, 0.0], dtype=torch.float64)
    difference = F.normalize(found, dim=1) - F.normalize(expected, dim=1)
    expected_distance = (difference.square() * head.view(1, -1, 1, 1)).sum(1).mean((1, 2))
    torch.testing.assert_close(lpips_distance(found, expected, head), expected_distance.detach())
