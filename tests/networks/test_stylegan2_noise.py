"""The noise and bias of a style convolution, which training on processors adds in a way of its own."""

import pytest
import torch
from torch import Tensor

from core.networks.stylegan2 import add_noise_and_bias


def gradients(x: Tensor, noise: Tensor, bias: Tensor) -> list[Tensor]:
    """The sum, and what a loss over it gives to `x`, `noise` and `bias`."""
    leaves = [each.clone().requires_grad_() for each in (x, noise, bias)]
    total = leaves[0] * 1  # a leaf cannot be added to in place
    add_noise_and_bias(total, leaves[1], leaves[2])
    total.square().sum().backward()
    return [total.detach(), *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("samples_of_noise", [1, 3])
def test_bfloat16_is_added_as_everything_else_is(samples_of_noise):
    source = torch.Generator().manual_seed(0)
    x = torch.randn(3, 5, 6, 4, generator=source).to(memory_format=torch.channels_last)
    noise = torch.randn(samples_of_noise, 1, 6, 4, generator=source)
    bias = torch.randn(1, 5, 1, 1, generator=source)
    half = [each.bfloat16() for each in (x, noise, bias)]
    exact = gradients(*(each.double() for each in half))
    for found, expected in zip(gradients(*half), exact, strict=True):
        assert found.shape == expected.shape
        assert (found - expected).abs().max() < 2**-6 * expected.abs().max()
