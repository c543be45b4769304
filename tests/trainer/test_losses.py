"""L1, pyramid, logistic, R1 and path length losses, and the Gram matrix, against their formulas."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.losses.adversarial import (
    AdversarialLoss,
    R1Penalty,
    discriminator_loss,
    logistic_loss,
    path_length_penalty,
)
from trainer.losses.reconstruction import L1Loss, PyramidLoss
from trainer.losses.terms import gram, mean_l1


def normal(*shape: int, seed: int = 0, requires_grad: bool = False) -> Tensor:
    """Seeded float64 values."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_(requires_grad)


def never(*_: object) -> Tensor:
    """A network that must not be asked."""
    raise AssertionError("computed although it is switched off")


def test_l1_by_hand() -> None:
    restored, truth = torch.tensor([[[[1.0, -1.0]]]]), torch.tensor([[[[0.5, 0.0]]]])
    assert L1Loss()(restored, truth)["l1"].item() == pytest.approx(0.1 * 0.75)
    assert L1Loss(weight=0)(restored, truth) == {}


def test_l1_of_random_images() -> None:
    x, y = normal(2, 3, 8, 8, seed=1), normal(2, 3, 8, 8, seed=2)
    assert mean_l1(x, y).item() == pytest.approx(float(np.abs(x.numpy() - y.numpy()).mean()), rel=1e-12)
    assert torch.autograd.gradcheck(mean_l1, (x.requires_grad_(), y.requires_grad_()))


def test_distances_do_not_broadcast() -> None:
    with pytest.raises(ValueError, match="cannot compare"):
        mean_l1(torch.zeros(2, 3, 4, 4), torch.zeros(1, 3, 4, 4))


def test_distances_of_half_precision_are_float32() -> None:
    x = torch.full((1, 4, 64, 64), 60.0, dtype=torch.float16)
    assert mean_l1(x, torch.zeros_like(x)).dtype == torch.float32
    assert gram(x).unique().item() == pytest.approx(60**2 / 4)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(gram(x.float() / 7), gram(x.double() / 7).float(), rtol=1e-5, atol=0)


def test_gram_by_hand() -> None:
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    torch.testing.assert_close(gram(features), torch.tensor([[[5.0, 11.0], [11.0, 25.0]]]) / 4)


def test_gram_of_random_features() -> None:
    x = normal(2, 5, 4, 3, requires_grad=True)
    torch.testing.assert_close(gram(x), torch.einsum("nchw,ndhw->ncd", x, x) / (5 * 4 * 3))
    assert torch.autograd.gradcheck(gram, x)


def test_pyramid_by_hand() -> None:
    truth = torch.zeros(1, 1, 4, 4)
    truth[..., 0, 0] = 1.6
    levels = [torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 4, 4)]
    # 4 px: 1.6 / 16; 2 px: (1.6 / 4) / 4.
    assert PyramidLoss()(levels, truth, 0)["pyramid"].item() == pytest.approx(0.1 + 0.1)


def test_pyramid_halves_bilinearly() -> None:
    truth = normal(2, 3, 32, 32)
    levels = [normal(2, 3, size, size, seed=size) for size in (8, 16, 32)]
    half = F.interpolate(truth, scale_factor=0.5, mode="bilinear", align_corners=False)
    quarter = F.interpolate(half, scale_factor=0.5, mode="bilinear", align_corners=False)
    expected = sum((x - y).abs().mean() for x, y in zip(levels, (quarter, half, truth), strict=True))
    found = PyramidLoss(weight=3)(levels, truth, 0)["pyramid"]
    torch.testing.assert_close(found, 3 * expected)
    torch.testing.assert_close(
        PyramidLoss(weight=3)([x.flip(3) for x in levels], truth.flip(3), 0)["pyramid"], found
    )


def test_pyramid_has_gradients_at_each_level() -> None:
    levels = [normal(1, 2, size, size, seed=size, requires_grad=True) for size in (2, 4)]
    truth = normal(1, 2, 4, 4)
    assert torch.autograd.gradcheck(lambda *pyramid: PyramidLoss()(pyramid, truth, 0)["pyramid"], levels)


def test_pyramid_is_dropped() -> None:
    loss, image = PyramidLoss(drop_after=50_000), torch.ones(1, 3, 8, 8)
    assert loss.is_on(49_999)
    assert not loss.is_on(50_000)
    assert loss([image], image, 49_999).keys() == {"pyramid"}
    assert loss([image], image, 50_000) == {}
    assert PyramidLoss().is_on(10**9)
    assert PyramidLoss(weight=0)([image], image, 0) == {}


def test_pyramid_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot compare"):
        PyramidLoss()([torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 32, 32)], torch.zeros(1, 3, 32, 32), 0)


def test_logistic_losses_by_hand() -> None:
    logits = torch.tensor([0.0, math.log(3)])
    # softplus(-ln 3) = ln(4/3), softplus(ln 3) = ln 4.
    assert logistic_loss(logits, real=True).item() == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)
    assert logistic_loss(logits, real=False).item() == pytest.approx((math.log(2) + math.log(4)) / 2)


def test_logistic_losses_of_random_logits() -> None:
    real, fake = normal(5, 1, seed=1, requires_grad=True), normal(5, 1, seed=2, requires_grad=True)
    x, y = real.detach().numpy(), fake.detach().numpy()
    expected = np.log1p(np.exp(-x)).mean() + np.log1p(np.exp(y)).mean()
    assert discriminator_loss(real, fake).item() == pytest.approx(float(expected), rel=1e-12)
    cross_entropy = F.binary_cross_entropy_with_logits
    torch.testing.assert_close(logistic_loss(real, real=True), cross_entropy(real, torch.ones_like(real)))
    torch.testing.assert_close(logistic_loss(real, real=False), cross_entropy(real, torch.zeros_like(real)))
    assert torch.autograd.gradcheck(discriminator_loss, (real, fake))


def test_logistic_losses_stay_finite() -> None:
    assert logistic_loss(torch.tensor([-1e4]), real=True).item() == 1e4
    assert logistic_loss(torch.tensor([1e4]), real=True).item() == 0


def test_adversarial_loss() -> None:
    image = normal(2, 3, 4, 4, requires_grad=True)
    found = AdversarialLoss()(lambda x: x.sum((1, 2, 3)), image)["adversarial"]
    torch.testing.assert_close(found, 0.1 * F.softplus(-image.sum((1, 2, 3))).mean())
    found.backward()
    assert (image.grad < 0).all()
    assert AdversarialLoss(weight=0)(never, image) == {}


def test_r1_of_a_linear_discriminator() -> None:
    slope = torch.tensor([1.0, 2.0, -2.0])
    found = R1Penalty()(lambda x: (x * slope.view(3, 1, 1)).sum((1, 2, 3)), torch.zeros(4, 3, 1, 1), 0)
    assert found["r1"].item() == pytest.approx(10 / 2 * 9 * 16)


def test_r1_against_its_formula() -> None:
    # D(y) = sum(v * tanh(u * y)) per sample; its gradient by y is v * u * (1 - tanh^2).
    u, v = normal(3, 4, 4, seed=1, requires_grad=True), normal(3, 4, 4, seed=2, requires_grad=True)
    images = normal(2, 3, 4, 4, seed=3)

    def penalty(u: Tensor, v: Tensor) -> Tensor:
        return R1Penalty()(lambda x: (v * (u * x).tanh()).sum((1, 2, 3)), images, 32)["r1"]

    gradient = v * u * (1 - (u * images).tanh() ** 2)
    expected = 5 * 16 * (gradient**2).sum((1, 2, 3)).mean()
    torch.testing.assert_close(penalty(u, v), expected)
    for found, wanted in zip(
        torch.autograd.grad(penalty(u, v), (u, v)), torch.autograd.grad(expected, (u, v)), strict=True
    ):
        torch.testing.assert_close(found, wanted)
    assert torch.autograd.gradcheck(penalty, (u, v))


def test_r1_is_lazy_and_leaves_images_alone() -> None:
    image = torch.zeros(1, 3, 4, 4)
    assert [step for step in range(40) if R1Penalty().is_due(step)] == [0, 16, 32]
    assert R1Penalty()(never, image, 15) == {}
    assert R1Penalty(weight=0)(never, image, 0) == {}
    R1Penalty()(nn.Sequential(nn.Flatten(), nn.Linear(48, 1)), image, 0)
    assert not image.requires_grad


def test_path_length_of_a_linear_generator() -> None:
    # images = w0 * a + w1 * b: the gradients by w are inner products of a and b with the noise.
    latents = normal(2, 2, 1, seed=1, requires_grad=True)
    patterns, noise = normal(2, 3, 4, 4, seed=2), normal(2, 3, 4, 4, seed=3)
    images = torch.einsum("nld,lchw->nchw", latents, patterns)
    mean_path = torch.tensor(0.5, dtype=torch.float64)
    penalty, new_mean = path_length_penalty(images, latents, mean_path, decay=0.1, noise=noise)

    jacobian = torch.einsum("nchw,lchw->nl", noise, patterns).numpy() / 4  # sqrt(4 * 4)
    lengths = np.sqrt((jacobian**2).mean(1))
    mean = 0.9 * 0.5 + 0.1 * lengths.mean()
    assert new_mean.item() == pytest.approx(float(mean), rel=1e-12)
    assert penalty.item() == pytest.approx(float(((lengths - mean) ** 2).mean()), rel=1e-12)
    assert not new_mean.requires_grad


def test_path_length_trains_the_generator() -> None:
    latents, noise = normal(2, 2, 3, seed=1, requires_grad=True), normal(2, 1, 2, 2, seed=2)

    def penalty(weights: Tensor) -> Tensor:
        images = (latents.flatten(1) @ weights).tanh().view(2, 1, 2, 2)
        return path_length_penalty(images, latents, weights.new_tensor(1.0), noise=noise)[0]

    assert torch.autograd.gradcheck(penalty, normal(6, 4, seed=3, requires_grad=True))


def test_path_length_draws_noise() -> None:
    latents = normal(2, 1, 3, requires_grad=True)
    images = latents.flatten(1)[:, :, None, None].expand(-1, -1, 8, 8)
    torch.manual_seed(0)
    first = path_length_penalty(images, latents, torch.zeros((), dtype=torch.float64))[0]
    second = path_length_penalty(images, latents, torch.zeros((), dtype=torch.float64))[0]
    assert first.item() != second.item()
    # The expected squared gradient is one a channel: three of them, in one layer.
    assert first.sqrt().item() == pytest.approx(math.sqrt(3), rel=1)


@pytest.mark.parametrize(
    "loss", [L1Loss(), PyramidLoss(), AdversarialLoss()], ids=lambda loss: type(loss).__name__
)
def test_two_halves_have_the_gradient_of_the_whole(loss: L1Loss | PyramidLoss | AdversarialLoss) -> None:
    image, truth = normal(4, 3, 8, 8, seed=1, requires_grad=True), normal(4, 3, 8, 8, seed=2)

    def value(image: Tensor, truth: Tensor) -> Tensor:
        if isinstance(loss, PyramidLoss):
            terms = loss([F.avg_pool2d(image, 2), image], truth, 0)
        elif isinstance(loss, AdversarialLoss):
            terms = loss(lambda x: (x**2).mean((1, 2, 3)), image)
        else:
            terms = loss(image, truth)
        return sum(terms.values(), start=torch.zeros(()))

    (whole,) = torch.autograd.grad(value(image, truth), image)
    halves = (value(image[:2], truth[:2]) + value(image[2:], truth[2:])) / 2
    torch.testing.assert_close(torch.autograd.grad(halves, image)[0], whole)
