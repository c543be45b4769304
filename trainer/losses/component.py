"""Facial component loss: eyes and mouth, each with a discriminator of its own (paper, section 3.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.layers import at_least_float32
from trainer.discriminators import FacialComponentDiscriminator
from trainer.losses.adversarial import Discriminator, discriminator_loss, logistic_loss
from trainer.losses.terms import Terms, gram, mean_l1

COMPONENTS = {"left_eye": 80, "right_eye": 80, "mouth": 120}
"""The components in the order of their boxes, and the side of their patches in pixels, for images of 512 px."""

_FEATURE_WEIGHTS = (0.5, 1.0)

ComponentDiscriminators = Mapping[str, FacialComponentDiscriminator]
"""A discriminator for each of `COMPONENTS`, not wrapped for several processes."""


def component_patches(images: Tensor, boxes: Tensor) -> dict[str, Tensor]:
    """Cut the components out by ROI-align: (N, 3, S, S) -> name -> (N, 3, P, P), P = 80 S / 512 or 120 S / 512.

    boxes: (N, 3, 4), each sample's x0, y0, x1, y1 of left eye, right eye and mouth, in pixels of these images with
    pixel centres at integers. That is torchvision's `aligned=False`, which the released code uses: a box around a
    landmark is centred on it, and flipped it is S - 1 - x1, y0, S - 1 - x0, y1. ValueError for another shape.
    """
    count, _, size, _ = images.shape
    if boxes.shape != (count, len(COMPONENTS), 4):
        raise ValueError(f"boxes must be ({count}, {len(COMPONENTS)}, 4), not {tuple(boxes.shape)}")
    images = at_least_float32(images)
    boxes = boxes.to(images)
    return {
        name: _aligned(images, boxes[:, index], round(side * size / 512))
        for index, (name, side) in enumerate(COMPONENTS.items())
    }


def _aligned(images: Tensor, boxes: Tensor, side: int) -> Tensor:
    """ROI-align (He et al. 2017) with 2 x 2 samples a cell; beyond the image its border goes on.

    torchvision's takes tens of gigabytes where its compiled operators do not load.
    """
    places = (torch.arange(2 * side, device=images.device, dtype=images.dtype) + 0.5) / (2 * side)
    x = boxes[:, :1] + places * (boxes[:, 2:3] - boxes[:, :1])
    y = boxes[:, 1:2] + places * (boxes[:, 3:] - boxes[:, 1:2])
    grid = torch.stack((x[:, None].expand(-1, 2 * side, -1), y[..., None].expand(-1, -1, 2 * side)), dim=-1)
    grid = grid * (2 / (images.shape[-1] - 1)) - 1
    samples = F.grid_sample(images, grid, padding_mode="border", align_corners=True)
    return F.avg_pool2d(samples, 2)


def style_distance(found: Sequence[Tensor], expected: Sequence[Tensor]) -> Tensor:
    """0.5 * |Gram(psi_1(y_hat)) - Gram(psi_1(y))|_1 + |Gram(psi_2(y_hat)) - Gram(psi_2(y))|_1, means; a scalar."""
    return matching_distance([gram(x) for x in found], [gram(x) for x in expected])


def matching_distance(found: Sequence[Tensor], expected: Sequence[Tensor]) -> Tensor:
    """0.5 * |psi_1(y_hat) - psi_1(y)|_1 + |psi_2(y_hat) - psi_2(y)|_1, means; a scalar (figure 6)."""
    first, second = (
        weight * mean_l1(x, y) for weight, x, y in zip(_FEATURE_WEIGHTS, found, expected, strict=True)
    )
    return first + second


@dataclass(frozen=True)
class ComponentLoss:
    """The generator's loss, summed over left eye, right eye and mouth.

    weight           lambda_local; term "component", mean softplus(-D(patch)) over the patch's logits. 0 switches
                     all three off: features of discriminators that nobody trains mean nothing
    style_weight     lambda_fs; term "component_style", see `style_distance`
    matching_weight  of the ablation in figure 6; term "component_matching", see `matching_distance`
    """

    weight: float = 1.0
    style_weight: float = 200.0
    matching_weight: float = 0.0

    def __call__(
        self, discriminators: ComponentDiscriminators, restored: Tensor, truth: Tensor, boxes: Tensor
    ) -> Terms:
        """`restored` and `truth`: RGB in [-1, 1], (N, 3, S, S); `boxes` as in `component_patches`."""
        if not self.weight:
            return {}
        compares = bool(self.style_weight or self.matching_weight)
        with torch.no_grad():
            real = component_patches(truth, boxes) if compares else {}
        adversarial, style, matching = [], [], []
        for name, patch in component_patches(restored, boxes).items():
            logits, found = discriminators[name].logits_and_features(patch)
            adversarial.append(logistic_loss(logits, real=True))
            if compares:
                with torch.no_grad():
                    expected = discriminators[name].features(real[name])
            if self.style_weight:
                style.append(style_distance(found, expected))
            if self.matching_weight:
                matching.append(matching_distance(found, expected))
        terms = {"component": self.weight * torch.stack(adversarial).sum()}
        if style:
            terms["component_style"] = self.style_weight * torch.stack(style).sum()
        if matching:
            terms["component_matching"] = self.matching_weight * torch.stack(matching).sum()
        return terms


def component_discriminator_losses(
    discriminators: Mapping[str, Discriminator], restored: Tensor, truth: Tensor, boxes: Tensor
) -> Terms:
    """What each component's discriminator learns from, by the names of `COMPONENTS`; see `discriminator_loss`.

    Arguments as in `ComponentLoss`, except that wrapped discriminators are welcome; `restored` gets no gradient.
    """
    fakes, reals = component_patches(restored.detach(), boxes), component_patches(truth, boxes)
    losses: Terms = {}
    for name in COMPONENTS:
        # One pass for both, which is the same because these discriminators do not look across samples.
        real_logits, fake_logits = discriminators[name](torch.cat((reals[name], fakes[name]))).chunk(2)
        losses[name] = discriminator_loss(real_logits, fake_logits)
    return losses


def matching_weight(
    discriminators: ComponentDiscriminators,
    restored: Tensor,
    truth: Tensor,
    boxes: Tensor,
    style_weight: float = 200.0,
) -> float:
    """The `matching_weight` whose term has the gradient norm of the style term of `style_weight` (figure 6).

    Measured once at the start, as the norm of the gradient by the restored images of this batch. ValueError where
    the features do not differ, so that there is no gradient to measure.
    """
    restored = restored.detach().requires_grad_()
    terms = ComponentLoss(style_weight=1.0, matching_weight=1.0)(discriminators, restored, truth, boxes)
    style, matching = (
        float(torch.autograd.grad(terms[name], restored, retain_graph=True)[0].norm())
        for name in ("component_style", "component_matching")
    )
    if not matching:
        raise ValueError("the restored faces are the true ones, so the weight cannot be measured")
    return style_weight * style / matching
