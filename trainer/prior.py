"""How a StyleGAN2, the generative facial prior, learns from scratch (Karras et al. 2020, StyleGAN2).

Logistic losses, lazy R1 and path length regularisation, style mixing, the generator's average, and adaptive
augmentation where there are few faces.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam

from core.networks.layers import at_least_float32
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.adaptive_augmentation import AdaptiveAugmentation
from trainer.averaging import ema_of
from trainer.discriminators import StyleGAN2Discriminator
from trainer.evaluation import variety
from trainer.losses.adversarial import R1Penalty, discriminator_loss, logistic_loss, path_length_penalty
from trainer.losses.terms import Terms
from trainer.optimizers import lazy_adam, load_adam, load_scaler
from trainer.processes import Processes
from trainer.types import Autocast, Batch, Values


class PriorTraining:
    """A generator, its average, its discriminator and their optimizers; a `trainer.types.Training`.

    It learns from the truths of its batches; their inputs and boxes are not looked at.

    generator, discriminator  for images of the same size S, in train mode, on one device
    rate          Adam's learning rate; the betas are (0, 0.99)
    r1            the discriminator's regulariser
    path_length   weight of the generator's, on each `path_every`-th step; 0 for none
    mixing        probability of style mixing
    ema           decay of the average per step
    augmentation  of what the discriminator sees; None for none
    autocast      the context of the forward passes; `half` scales losses for float16
    """

    def __init__(
        self,
        generator: StyleGAN2Generator,
        discriminator: StyleGAN2Discriminator,
        *,
        processes: Processes,
        rate: float = 2e-3,
        r1: R1Penalty | None = None,
        path_length: float = 2.0,
        path_every: int = 4,
        mixing: float = 0.9,
        ema: float = 0.5 ** (32 / 10_000),
        augmentation: AdaptiveAugmentation | None = None,
        autocast: Autocast = nullcontext,
        half: bool = False,
    ) -> None:
        self.generator, self.discriminator, self.processes = generator, discriminator, processes
        self.r1, self.path_length, self.path_every = r1 or R1Penalty(), path_length, path_every
        self.mixing, self.augmentation, self.autocast = mixing, augmentation, autocast
        self.average = ema_of(generator, ema)
        self.generator_adam = lazy_adam(generator, rate, path_every if path_length else None)
        self.discriminator_adam = lazy_adam(discriminator, rate, self.r1.every if self.r1.weight else None)
        device = next(generator.parameters()).device
        self.mean_path = torch.zeros((), device=device)
        self.scaler = torch.amp.GradScaler(device.type, enabled=half)

    @property
    def model(self) -> StyleGAN2Generator:
        """The averaged generator."""
        return cast(StyleGAN2Generator, self.average.module)

    def update(self, step: int, batches: Sequence[Batch], rate_share: float) -> Values:
        """See `trainer.types.Training`. A network whose regulariser is due takes a second optimizer step with it
        (StyleGAN2, appendix B).

        Reports "generator", which is the "total", and "discriminator"; "path_length" and "r1" where due;
        "real_logits", "fake_logits";
        "real_signs", the r_t of `AdaptiveAugmentation`, and its p as "augmentation"; "variety" (see `variety`)
        where a batch has two faces or more.
        """
        for adam in (self.generator_adam, self.discriminator_adam):
            for group in adam.param_groups:
                group["lr"] = adam.defaults["lr"] * rate_share
        sums: dict[str, Tensor] = {}
        self._step_generator(step, batches, sums)
        self._step_discriminator(step, batches, sums)
        self.average.update_parameters(self.generator)
        means = self.processes.mean(torch.stack(list(sums.values())))
        values: Values = dict(zip(sums, means.tolist(), strict=True))
        values["total"] = values["generator"]
        if self.augmentation is not None:
            images = sum(len(batch) for batch in batches) * self.processes.count
            self.augmentation.adapt(values["real_signs"], images)
            values["augmentation"] = self.augmentation.p
        return values

    def _step_generator(self, step: int, batches: Sequence[Batch], sums: dict[str, Tensor]) -> None:
        self.discriminator.requires_grad_(False)
        self._backward("generator", self.generator_terms, batches, sums)
        self._advance(self.generator, self.generator_adam)
        if self.path_length and step % self.path_every == 0:
            self._backward("path_length", self.path_terms, batches, sums)
            self._advance(self.generator, self.generator_adam)
        self.discriminator.requires_grad_(True)

    def _step_discriminator(self, step: int, batches: Sequence[Batch], sums: dict[str, Tensor]) -> None:
        self._backward("discriminator", self.discriminator_terms, batches, sums)
        self._advance(self.discriminator, self.discriminator_adam)
        if self.r1.is_due(step):
            self._backward("r1", lambda batch: self.r1_terms(step, batch), batches, sums)
            self._advance(self.discriminator, self.discriminator_adam)

    def generator_terms(self, batch: Batch) -> Terms:
        """The generator's logistic loss, on as many images as the batch has."""
        with self.autocast():
            images = self._generate(batch.seeds, Purpose.GENERATOR)
            logits = self.discriminator(self._augmented(images, batch.seeds, Purpose.AUGMENT_GENERATOR))
        return {"generator": logistic_loss(logits, real=True)}

    def path_terms(self, batch: Batch) -> Terms:
        """The path length regularisation, on half of a batch to save memory (ADA's code), in float32. Moves its
        mean."""
        seeds = batch.seeds[: max(1, len(batch) // 2)]
        drawn = draw(self.generator, seeds, Purpose.PATH_LENGTH, self.mixing, projection=True)
        latents = mixed_latents(self.generator, drawn)
        # Not __call__: what torch.compile makes of a network cannot be differentiated twice.
        images = self.generator.forward(latents, input_is_latent=True, noise=drawn.noises)
        penalty, mean = path_length_penalty(images, latents, self.mean_path, noise=drawn.projection)
        # Of a copy, which may change: this one belongs to the penalty's graph.
        self.mean_path = self.processes.mean(mean.clone())
        return {"path_length": self.path_length * self.path_every * penalty}

    def discriminator_terms(self, batch: Batch) -> Terms:
        """The discriminator's logistic loss, and what there is to measure about both networks."""
        with self.autocast():
            with torch.no_grad():
                fake = self._generate(batch.seeds, Purpose.FAKE)
            # One pass each: the minibatch standard deviation must not mix true and generated faces.
            real_logits = self.discriminator(self._augmented(batch.truths, batch.seeds, Purpose.AUGMENT_REAL))
            fake_logits = self.discriminator(self._augmented(fake, batch.seeds, Purpose.AUGMENT_FAKE))
        terms = {
            "discriminator": discriminator_loss(real_logits, fake_logits),
            "real_logits": real_logits.mean(),
            "fake_logits": fake_logits.mean(),
            "real_signs": real_logits.sign().mean(),
        }
        return terms | variety(at_least_float32(fake), batch.truths)

    def r1_terms(self, step: int, batch: Batch) -> Terms:
        """R1 of augmented true faces by the faces themselves, in float32."""

        def logits(faces: Tensor) -> Tensor:
            return self.discriminator.forward(self._augmented(faces, batch.seeds, Purpose.AUGMENT_REAL))

        return self.r1(logits, batch.truths, step)

    def _generate(self, seeds: Tensor, purpose: Purpose) -> Tensor:
        drawn = draw(self.generator, seeds, purpose, self.mixing)
        latents = mixed_latents(self.generator, drawn)
        images: Tensor = self.generator(latents, input_is_latent=True, noise=drawn.noises)
        return images

    def _augmented(self, images: Tensor, seeds: Tensor, purpose: Purpose) -> Tensor:
        return images if self.augmentation is None else self.augmentation(images, derived_seeds(seeds, purpose))

    def _backward(
        self, name: str, compute: Callable[[Batch], Terms], batches: Sequence[Batch], sums: dict[str, Tensor]
    ) -> None:
        """Accumulate the gradients of the term `name`, and all terms in `sums`, as means over `batches`."""
        for batch in batches:
            terms = compute(batch)
            self.scaler.scale(terms[name] / len(batches)).backward()
            for key, term in terms.items():
                share = term.detach().float() / len(batches)
                sums[key] = sums[key] + share if key in sums else share

    def _advance(self, network: nn.Module, adam: Adam) -> None:
        self.processes.average_gradients(network.parameters())
        self.scaler.step(adam)
        # The scaler wants this between two steps of an optimizer.
        self.scaler.update()
        adam.zero_grad()

    def release(self) -> None:
        """See `trainer.types.Training`: it keeps nothing of the kind."""

    def state(self) -> dict[str, Any]:
        """See `trainer.types.Training`. Tensors are not copied: the next update changes them."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.state_dict(),
            "generator_adam": self.generator_adam.state_dict(),
            "discriminator_adam": self.discriminator_adam.state_dict(),
            "scaler": self.scaler.state_dict(),
            "mean_path": self.mean_path,
            "augmentation": self.augmentation.state() if self.augmentation else {},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `trainer.types.Training`. The augmentation must be on or off as it was."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.average.load_state_dict(state["average"])
        load_adam(self.generator_adam, state["generator_adam"])
        load_adam(self.discriminator_adam, state["discriminator_adam"])
        load_scaler(self.scaler, state["scaler"])
        self.mean_path = state["mean_path"].to(self.mean_path.device)
        if self.augmentation is not None:
            self.augmentation.load_state(state["augmentation"])


class Purpose(enum.IntEnum):
    """What a sample's randomness is for: its own for each."""

    GENERATOR = 0
    PATH_LENGTH = 1
    FAKE = 2
    AUGMENT_GENERATOR = 3
    AUGMENT_FAKE = 4
    AUGMENT_REAL = 5


def derived_seeds(seeds: Tensor, purpose: Purpose) -> list[int]:
    """A seed of 63 bits for each of (N,) int64 seeds of at least 0, for that purpose alone."""
    # Spread over all bits: PyTorch's generator on the CPU looks at the lower 32 only.
    sources = [np.random.SeedSequence((purpose, seed)) for seed in seeds.tolist()]
    return [int(source.generate_state(1, np.uint64)[0]) >> 1 for source in sources]


@dataclass(frozen=True)
class Draw:
    """What N images are made from; each sample's comes from its own seed.

    z           (N, 2, style_dim), normal
    crossovers  (N,) int64, the first layer that takes the second z; num_latents for none
    noises      (N, 1, H, W) a layer, normal
    projection  (N, 3, S, S), normal, or (N, 0) where not asked for
    """

    z: Tensor
    crossovers: Tensor
    noises: list[Tensor]
    projection: Tensor


def draw(
    generator: StyleGAN2Generator, seeds: Tensor, purpose: Purpose, mixing: float, *, projection: bool = False
) -> Draw:
    """Draw for (N,) `seeds`, on their device, with style mixing at that probability (StyleGAN, section 3.1)."""
    shapes = [(2, generator.style_dim), *(buffer.shape[1:] for buffer in generator.noises.buffers())]
    shapes.append((3, generator.size, generator.size) if projection else (0,))
    sizes = [math.prod(shape) for shape in shapes]
    samples, crossovers = [], []
    for seed in derived_seeds(seeds, purpose):
        source = torch.Generator(seeds.device).manual_seed(seed)
        samples.append(torch.randn(sum(sizes), generator=source, device=seeds.device))
        random = np.random.default_rng(seed)
        mixed, crossover = random.random() < mixing, int(random.integers(1, generator.num_latents))
        crossovers.append(crossover if mixed else generator.num_latents)
    parts = torch.stack(samples).split(sizes, dim=1)
    z, *noises, normals = (part.view(len(seeds), *shape) for part, shape in zip(parts, shapes, strict=True))
    return Draw(z, torch.tensor(crossovers, device=seeds.device), noises, normals)


def mixed_latents(generator: StyleGAN2Generator, drawn: Draw) -> Tensor:
    """W+ (N, num_latents, style_dim): the first z's w up to each sample's crossover, then the second's."""
    first, second = (generator.latents(z) for z in drawn.z.unbind(1))
    layers = torch.arange(generator.num_latents, device=first.device)
    return torch.where((layers < drawn.crossovers[:, None])[:, :, None], first, second)
