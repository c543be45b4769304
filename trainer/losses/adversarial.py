"""The logistic losses of generator and discriminator, and their regularisers (paper, section 3.5; StyleGAN2).

The paper writes the saturating form; what was trained, and is here, is the non-saturating one. Logits are positive
for "real". A discriminator is any callable from images to logits, so that augmentation can be put before it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.layers import at_least_float32
from trainer.losses.terms import Terms

Discriminator = Callable[[Tensor], Tensor]
"""Images (N, 3, H, W), RGB in [-1, 1] -> logits of any shape that starts with N."""


def logistic_loss(logits: Tensor, *, real: bool) -> Tensor:
    """The mean cross-entropy of `logits` and a label: softplus(-logits) if `real`, else softplus(logits)."""
    logits = at_least_float32(logits)
    return F.softplus(-logits if real else logits).mean()


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """mean softplus(-D(y)) + mean softplus(D(y_hat)); a scalar. It has no weight, as in the released code."""
    return logistic_loss(real_logits, real=True) + logistic_loss(fake_logits, real=False)


@dataclass(frozen=True)
class AdversarialLoss:
    """The generator's weight * mean softplus(-D(y_hat)); term "adversarial"."""

    weight: float = 0.1

    def __call__(self, discriminator: Discriminator, restored: Tensor) -> Terms:
        """`restored`: RGB in [-1, 1], (N, 3, S, S), attached to the generator."""
        if not self.weight:
            return {}
        return {"adversarial": self.weight * logistic_loss(discriminator(restored), real=True)}


@dataclass(frozen=True)
class R1Penalty:
    """Lazy R1: weight / 2 * |grad D(y)|^2 * every, on each `every`-th iteration; term "r1".

    The squared norm is summed over a sample's values and averaged over samples (Mescheder et al. 2018, equation 9;
    lazy regularisation: StyleGAN2, section 3.1).
    """

    weight: float = 10.0
    every: int = 16

    def is_due(self, step: int) -> bool:
        """Whether iteration `step`, counted from 0, has this penalty."""
        return self.weight != 0 and step % self.every == 0

    def __call__(self, discriminator: Discriminator, real: Tensor, step: int) -> Terms:
        """`real`: true images, RGB in [-1, 1], (N, 3, S, S); not changed."""
        if not self.is_due(step):
            return {}
        # Parameter gradients go through the gradient, so autograd must reach the images and keep its graph.
        real = real.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
        squared_norm = gradient.square().flatten(1).sum(1).mean()
        return {"r1": self.weight / 2 * self.every * squared_norm}


def path_length_penalty(
    images: Tensor, latents: Tensor, mean_path: Tensor, *, decay: float = 0.01, noise: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Path length regularisation of a StyleGAN2 generator (StyleGAN2, section 3.2 and appendix B).

    E (|J_w^T n|_2 - a)^2, where J_w^T n is the gradient of sum(images * n), n is normal noise divided by
    sqrt(H W), and a follows the mean length exponentially. With one latent a layer, the squared length is the
    mean over layers.

    images     (N, 3, H, W), computed from `latents`
    latents    (N, layers, D), w of each layer, requiring gradients
    mean_path  a, a scalar; start with 0 and keep it in the checkpoint
    decay      share of the new mean in a
    noise      normal noise shaped as images, None draws it

    Returns the penalty, differentiable and without weight, and the new a. StyleGAN2 has weight 2, every 4th
    iteration only and then times 4. This penalty compares samples with their mean, so it depends on the batch.
    """
    if noise is None:
        noise = torch.randn_like(images)
    height, width = images.shape[2:]
    projection = (images * noise).sum() / (height * width) ** 0.5
    (gradient,) = torch.autograd.grad(projection, latents, create_graph=True)
    lengths = gradient.square().sum(2).mean(1).sqrt()
    # As in StyleGAN2's code, a gradient goes through the new mean too.
    new_mean = mean_path + decay * (lengths.mean() - mean_path)
    return (lengths - new_mean).square().mean(), new_mean.detach()
