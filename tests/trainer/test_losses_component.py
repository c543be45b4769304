"""The facial component loss against its formula, and the geometry of its patches."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import roi_align

from trainer.discriminators import FacialComponentDiscriminator
from trainer.losses.component import (
    COMPONENTS,
    ComponentLoss,
    component_discriminator_losses,
    component_patches,
    matching_distance,
    matching_weight,
    style_distance,
)

BOXES = torch.tensor([[[10.0, 12.0, 22.0, 24.0], [40.0, 12.0, 52.0, 24.0], [20.0, 38.0, 44.0, 58.0]]])
"""Left eye, right eye and mouth in an image of 64 px."""

Discriminators = dict[str, FacialComponentDiscriminator]


@pytest.fixture(scope="module")
def discriminators() -> Discriminators:
    torch.manual_seed(0)
    return {name: FacialComponentDiscriminator().double() for name in COMPONENTS}


@pytest.fixture
def images() -> tuple[Tensor, Tensor]:
    """Restored, with gradients, and truth: two of 64 px."""
    generator = torch.Generator().manual_seed(1)
    restored, truth = torch.rand(2, 2, 3, 64, 64, generator=generator, dtype=torch.float64) * 2 - 1
    return restored.requires_grad_(), truth


def two(boxes: Tensor) -> Tensor:
    """Different boxes for two samples."""
    return torch.cat((boxes, boxes + torch.tensor([1.5, -2.25, 3.0, -1.0])))


@pytest.mark.parametrize(("size", "eye", "mouth"), [(512, 80, 120), (256, 40, 60), (64, 10, 15)])
def test_patch_sizes(size: int, eye: int, mouth: int) -> None:
    patches = component_patches(torch.zeros(2, 3, size, size), two(BOXES))
    assert {name: tuple(patch.shape) for name, patch in patches.items()} == {
        "left_eye": (2, 3, eye, eye),
        "right_eye": (2, 3, eye, eye),
        "mouth": (2, 3, mouth, mouth),
    }


def test_patches_show_what_the_boxes_cover() -> None:
    # Each pixel tells its own column, row and sample; bilinear interpolation and means keep a ramp.
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    images = torch.stack([torch.stack((columns, rows, torch.full_like(rows, n))) for n in range(2)])
    boxes = two(BOXES)
    for index, patch in enumerate(component_patches(images, boxes).values()):
        for n in range(2):
            x0, y0, x1, y1 = boxes[n, index].tolist()
            cells = (torch.arange(patch.shape[-1]) + 0.5) / patch.shape[-1]
            torch.testing.assert_close(patch[n, 0, 0], x0 + cells * (x1 - x0), rtol=0, atol=1e-4)
            torch.testing.assert_close(patch[n, 1, :, 0], y0 + cells * (y1 - y0), rtol=0, atol=1e-4)
            assert (patch[n, 2] == n).all()


def test_flipped_images_have_flipped_patches(images: tuple[Tensor, Tensor]) -> None:
    boxes = two(BOXES)
    x0, y0, x1, y1 = boxes[:, [1, 0, 2]].unbind(-1)
    flipped = torch.stack((63 - x1, y0, 63 - x0, y1), -1)
    patches = component_patches(images[1], boxes)
    mirrored = component_patches(images[1].flip(3), flipped)
    for name, other in {"left_eye": "right_eye", "right_eye": "left_eye", "mouth": "mouth"}.items():
        torch.testing.assert_close(mirrored[name], patches[other].flip(3))


def test_patches_have_gradients() -> None:
    image = torch.rand(1, 1, 32, 32, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: tuple(component_patches(x, BOXES / 2).values()), image)


def test_boxes_keep_their_precision_under_bfloat16() -> None:
    image = torch.rand(1, 3, 512, 512).bfloat16()
    boxes = BOXES * 8 + 0.3
    for low, high in zip(
        component_patches(image, boxes).values(), component_patches(image.float(), boxes).values(), strict=True
    ):
        torch.testing.assert_close(low, high)


def test_boxes_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3, 4\)"):
        component_patches(torch.zeros(2, 3, 64, 64), BOXES)


def test_distances_by_hand() -> None:
    ones, zeros = torch.ones(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    # Gram of ones: 2 / (2 * 1 * 2) = 1/2 everywhere; of threes: 9/2.
    assert style_distance((ones, 3 * ones), (zeros, zeros)).item() == pytest.approx(0.5 * 0.5 + 4.5)
    assert matching_distance((ones, 3 * ones), (zeros, zeros)).item() == pytest.approx(0.5 + 3)


def test_component_loss_against_its_formula(discriminators: Discriminators, images: tuple[Tensor, Tensor]) -> None:
    restored, truth = images
    boxes = two(BOXES)
    terms = ComponentLoss(weight=2, style_weight=200, matching_weight=3)(discriminators, restored, truth, boxes)
    expected = {name: torch.zeros(()).double() for name in ("component", "component_style", "component_matching")}
    fakes, reals = component_patches(restored, boxes), component_patches(truth, boxes)
    for name, net in discriminators.items():
        logits, (fake1, fake2) = net(fakes[name]), net.features(fakes[name])
        real1, real2 = net.features(reals[name])
        grams = [torch.einsum("nchw,ndhw->ncd", x, x) / x[0].numel() for x in (fake1, real1, fake2, real2)]
        style = 0.5 * (grams[0] - grams[1]).abs().mean() + (grams[2] - grams[3]).abs().mean()
        matching = 0.5 * (fake1 - real1).abs().mean() + (fake2 - real2).abs().mean()
        adversarial = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
        expected["component"] = expected["component"] + 2 * adversarial
        expected["component_style"] = expected["component_style"] + 200 * style
        expected["component_matching"] = expected["component_matching"] + 3 * matching
    torch.testing.assert_close(terms, expected)
    for name, term in terms.items():
        found, wanted = (torch.autograd.grad(x, restored, retain_graph=True)[0] for x in (term, expected[name]))
        torch.testing.assert_close(found, wanted)


def test_same_images_have_no_style_or_matching_loss(
    discriminators: Discriminators, images: tuple[Tensor, Tensor]
) -> None:
    terms = ComponentLoss(matching_weight=1)(discriminators, images[1], images[1], two(BOXES))
    assert terms["component_style"].item() == 0
    assert terms["component_matching"].item() == 0


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        (ComponentLoss(weight=0, matching_weight=1), set()),
        (ComponentLoss(style_weight=0), {"component"}),
        (ComponentLoss(), {"component", "component_style"}),
        (ComponentLoss(style_weight=0, matching_weight=1), {"component", "component_matching"}),
    ],
    ids=["none", "discriminators", "style", "matching"],
)
def test_switches_of_figure_6(
    loss: ComponentLoss,
    names: set[str],
    discriminators: Discriminators,
    images: tuple[Tensor, Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passes: list[str] = []
    features = FacialComponentDiscriminator.features

    def counted(self: FacialComponentDiscriminator, patch: Tensor) -> tuple[Tensor, Tensor]:
        passes.append("truth" if not torch.is_grad_enabled() else "restored")
        return features(self, patch)

    monkeypatch.setattr(FacialComponentDiscriminator, "features", counted)
    assert loss(discriminators, *images, two(BOXES)).keys() == names
    assert passes.count("restored") == (3 if names else 0)
    assert passes.count("truth") == (3 if len(names) > 1 else 0)


def test_discriminators_learn_from_both_images(
    discriminators: Discriminators, images: tuple[Tensor, Tensor]
) -> None:
    restored, truth = images
    boxes = two(BOXES)
    networks = copy.deepcopy(discriminators)
    losses = component_discriminator_losses(networks, restored, truth, boxes)
    fakes, reals = component_patches(restored, boxes), component_patches(truth, boxes)
    for name, net in networks.items():
        expected = F.softplus(-net(reals[name])).mean() + F.softplus(net(fakes[name])).mean()
        torch.testing.assert_close(losses[name], expected)
    torch.stack(list(losses.values())).sum().backward()
    assert restored.grad is None
    assert all(parameter.grad is not None for net in networks.values() for parameter in net.parameters())


def test_matching_weight_equals_the_gradients(
    discriminators: Discriminators, images: tuple[Tensor, Tensor]
) -> None:
    restored, truth = images
    weight = matching_weight(discriminators, restored, truth, two(BOXES))
    terms = ComponentLoss(matching_weight=weight)(discriminators, restored, truth, two(BOXES))
    style, matching = (
        torch.autograd.grad(terms[name], restored, retain_graph=True)[0].norm()
        for name in ("component_style", "component_matching")
    )
    torch.testing.assert_close(matching, style)
    with pytest.raises(ValueError, match="cannot be measured"):
        matching_weight(discriminators, truth, truth, two(BOXES))


def test_patches_are_those_of_torchvision_with_as_many_samples() -> None:
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    box = torch.tensor([[10.3, 20.1, 24.9, 34.7], [30.0, 22.5, 47.2, 39.7], [5.0, 5.0, 15.0, 15.0]])
    boxes = torch.stack((box, box + 3.25))
    patches = component_patches(images, boxes)
    for index, name in enumerate(COMPONENTS):
        side = patches[name].shape[-1]
        expected = roi_align(images, list(boxes[:, index : index + 1]), side, sampling_ratio=2, aligned=False)
        torch.testing.assert_close(patches[name], expected, rtol=0, atol=1e-5)
