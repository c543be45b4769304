"""Adaptive augmentation: its transformations, their distributions, and how p follows the overfitting."""

import math

import cv2
import numpy as np
import pytest
import torch
from skimage.data import astronaut
from torch import Tensor

from trainer.adaptive_augmentation import AdaptiveAugmentation, colour_matrix, geometry_matrix, recoloured, warped
from trainer.losses.adversarial import R1Penalty

SIZE = 64


def faces(count: int) -> Tensor:
    """A real face, (count, 3, 64, 64) in [-1, 1]."""
    face = cv2.resize(astronaut()[:220, 110:330], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return (torch.from_numpy(face).permute(2, 0, 1).float() / 127.5 - 1).repeat(count, 1, 1, 1)


def psnr(x: Tensor, y: Tensor) -> float:
    return float(10 * torch.log10(4 / (x - y).square().mean()))


def looking(matrix: list[list[float]]) -> np.ndarray:
    """The (1, 3, 3) of two rows."""
    return np.array([[*matrix, [0, 0, 1]]], float)


def test_p_of_0_changes_nothing() -> None:
    images = faces(2)
    torch.testing.assert_close(AdaptiveAugmentation()(images, [1, 2]), faces(2), atol=0, rtol=0)


def test_a_sample_depends_on_its_image_and_seed_alone() -> None:
    augment = AdaptiveAugmentation(0.5)
    together = augment(faces(4), [5, 6, 7, 5])
    torch.testing.assert_close(together[0], together[3], atol=0, rtol=0)
    assert psnr(together[0], together[1]) < 30
    for index, seed in enumerate((5, 6, 7)):
        torch.testing.assert_close(together[index : index + 1], augment(faces(1), [seed]), atol=1e-6, rtol=0)


def test_each_image_needs_its_seed() -> None:
    with pytest.raises(ValueError, match="2 seeds for 3 images"):
        AdaptiveAugmentation(0.5)(faces(3), [1, 2])


def test_flips_turns_and_shifts_are_exact_but_for_the_filter() -> None:
    image = faces(1)
    assert psnr(warped(image, looking([[-1, 0, 0], [0, 1, 0]])), image.flip(3)) > 40
    # The pixel right of the centre (1, 0) comes from below it (0, 1): counterclockwise, with y downwards.
    assert psnr(warped(image, looking([[0, -1, 0], [1, 0, 0]])), image.rot90(1, (2, 3))) > 40
    shifted = warped(image, looking([[1, 0, 5], [0, 1, -3]]))
    assert psnr(shifted[..., 8:, :-8], image.roll((3, -5), (2, 3))[..., 8:, :-8]) > 40
    # Beyond the border lies the mirror image.
    assert psnr(shifted[..., 8:, -5:], image[..., 5:-3, -5:].flip(3)) > 35


def test_rotation_and_scale_are_those_of_opencv() -> None:
    image, angle, scale = faces(1), 0.3, 1.25
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    found = warped(image, looking([[cos, -sin, 2.5], [sin, cos, 1.0]]))[0].permute(1, 2, 0).numpy()
    centre = (SIZE - 1) / 2
    matrix = np.array([[cos, -sin, 2.5 + centre], [sin, cos, 1 + centre]])
    matrix[:, 2] -= matrix[:, :2] @ (centre, centre)
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    expected = cv2.warpAffine(image[0].permute(1, 2, 0).numpy(), matrix, (SIZE, SIZE), flags=flags)
    inside = slice(14, -14)
    # OpenCV rounds positions to 1/32 px; half a pixel would make 0.06.
    assert np.abs(found - expected)[inside, inside].mean() < 0.015


def test_shrinking_does_not_alias() -> None:
    stripes = torch.arange(SIZE).remainder(3).eq(0).float().expand(1, 3, SIZE, SIZE) * 3 - 1
    half = warped(stripes.contiguous(), looking([[2, 0, 0], [0, 2, 0]]))
    # A period of 3 px has no place at half the size; bilinear samples of it would spread by 0.7.
    assert float(half[..., 20:44, 20:44].std()) < 0.1


def test_an_untouched_image_stays_as_it_is_among_others() -> None:
    images = faces(2)
    out = warped(images, np.concatenate((looking([[1, 0, 0], [0, 1, 0]]), looking([[0, -1, 0], [1, 0, 0]]))))
    torch.testing.assert_close(out[0], images[0], atol=0, rtol=0)
    assert psnr(out[1], images[1]) < 20
    torch.testing.assert_close(recoloured(images, np.eye(4)[None].repeat(2, 0)), images, atol=0, rtol=0)


def test_geometry_has_the_papers_distributions() -> None:
    size = 1000
    forward = np.linalg.inv([geometry_matrix(np.random.default_rng(seed), 1.0, size) for seed in range(4000)])
    determinants = np.linalg.det(forward)
    assert np.mean(determinants < 0) == pytest.approx(0.5, abs=0.03)
    assert np.std(np.log2(np.abs(determinants)) / 2) == pytest.approx(0.2, rel=0.05)
    ratio = np.divide(*np.linalg.svd(forward[:, :2, :2], compute_uv=False).T)
    assert np.sqrt(np.mean((np.log2(ratio) / 2) ** 2)) == pytest.approx(0.2, rel=0.05)
    # Normal shifts of 0.125, and uniform ones up to that, which were scaled after they were drawn.
    scaled = math.exp((0.4 * math.log(2)) ** 2 / 2) ** 2
    expected = size * math.sqrt(0.125**2 + 0.25**2 / 12 * scaled)
    assert np.std(forward[:, :2, 2]) == pytest.approx(expected, rel=0.05)


def test_colours_have_the_papers_distributions() -> None:
    matrices = np.stack([colour_matrix(np.random.default_rng(seed), 1.0) for seed in range(4000)])
    grey = np.full(3, 3**-0.5)
    linear, shift = matrices[:, :3, :3], matrices[:, :3, 3] @ grey
    turned = linear @ grey
    contrast = turned @ grey
    np.testing.assert_allclose(turned, contrast[:, None] * grey, atol=1e-9)
    assert np.mean(contrast < 0) == pytest.approx(0.5, abs=0.03)
    assert np.std(np.log2(np.abs(contrast))) == pytest.approx(0.5, rel=0.05)
    assert np.std(shift / contrast) == pytest.approx(0.2 * math.sqrt(3), rel=0.05)
    saturation = np.sqrt(np.linalg.det(linear) / contrast**3)
    assert np.std(np.log2(saturation)) == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("p", [0.1, 0.6])
def test_each_transformation_has_probability_p(p: float) -> None:
    count, identity = 2000, 0
    geometry = [geometry_matrix(np.random.default_rng(seed), p, SIZE) for seed in range(count)]
    flips = np.mean(np.linalg.det(geometry) < 0)
    assert flips == pytest.approx(p / 2, abs=0.03)
    for seed in range(count):
        identity += np.array_equal(colour_matrix(np.random.default_rng(seed), p), np.eye(4))
    # Half of all luma flips flip nothing.
    assert identity / count == pytest.approx((1 - p) ** 4 * (1 - p / 2), abs=0.03)
    still = np.mean([np.array_equal(matrix, np.eye(3)) for matrix in geometry])
    # So do half of the flips and a quarter of the turns; both rotations together count once.
    assert still == pytest.approx((1 - p / 2) * (1 - p * 3 / 4) * (1 - p) ** 5, abs=0.03)


def test_it_can_be_differentiated_twice() -> None:
    augment = AdaptiveAugmentation(0.8)
    images = torch.rand(2, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    # Cubed, so that the second derivatives are not 0.
    assert torch.autograd.gradcheck(lambda x: augment(x, [3, 4]) ** 3, images, fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda x: augment(x, [3, 4]) ** 3, images, fast_mode=True)
    network = torch.nn.Conv2d(3, 1, 3).double()
    R1Penalty()(lambda x: network(augment(x, [3, 4])).square(), images, 0)["r1"].backward()
    assert network.weight.grad is not None
    assert float(network.weight.grad.norm()) > 0


def test_autocast_does_not_round_it() -> None:
    augment = AdaptiveAugmentation(0.8)
    with torch.autocast("cpu", torch.bfloat16):
        out = augment(faces(2), [3, 4])
    torch.testing.assert_close(out, augment(faces(2), [3, 4]), atol=0, rtol=0)


def test_p_follows_the_sign_of_the_logits() -> None:
    augment = AdaptiveAugmentation(every=4, images=1000)
    for sign in (1.0, 1.0, 0.5):
        augment.adapt(sign, 50)
    assert augment.p == 0
    augment.adapt(0.5, 50)
    assert augment.p == pytest.approx(0.2)
    for _ in range(8):
        augment.adapt(0.5, 20)
    assert augment.p == pytest.approx(0.04)
    for _ in range(4):
        augment.adapt(-1.0, 20)
    assert augment.p == 0
    for _ in range(100):
        augment.adapt(1.0, 50)
    assert augment.p == pytest.approx(0.8)


def test_the_state_holds_what_was_seen() -> None:
    first = AdaptiveAugmentation(0.3, every=2, images=1000)
    first.adapt(1.0, 100)
    second = AdaptiveAugmentation(every=2, images=1000)
    second.load_state(first.state())
    for augment in (first, second):
        augment.adapt(0.9, 100)
    assert first.p == second.p == pytest.approx(0.5)
