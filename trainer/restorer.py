"""How a GFP-GAN learns: one step of the generator, one of its discriminators (paper, section 3.5 and 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import Adam

from core.networks.gfpgan import GFPGAN
from trainer.averaging import ema_of
from trainer.build import Criteria
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator
from trainer.evaluation import variety
from trainer.graphed import GraphedPass
from trainer.losses.adversarial import discriminator_loss
from trainer.losses.component import component_discriminator_losses, matching_weight
from trainer.losses.terms import Terms
from trainer.optimizers import fuses, lazy_adam, load_adam, load_scaler
from trainer.processes import Processes
from trainer.sizes import enlarged, reduced
from trainer.types import Autocast, Batch, Values


@dataclass(frozen=True)
class Rates:
    """Adam's learning rate and betas of the generator, the discriminators' rate as a share of it, the average's
    decay, and the steps before the generator listens to its discriminators."""

    generator: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.99)
    discriminators: float = 1.0
    ema: float = 0.5 ** (32 / 10_000)
    delay: int = 0


class RestorerTraining:
    """A generator, its average, its discriminators and their optimizers; a `trainer.types.Training`.

    generator     in train mode; parameters that require no gradients are left alone (a frozen prior)
    whole         the discriminator of whole faces, None where the adversarial term is off
    components    the discriminators of eyes and mouth, empty where the component term is off
    matching      figure 6: compare features directly, with a weight that is measured in the first step
    autocast      the context of the forward passes; `half` scales losses for float16
    run           what runs the generator, such as its compiled form; None for the generator itself
    graphed       on a CUDA device: repeat passes of one batch a step as a graph (`trainer.graphed`)
    """

    def __init__(
        self,
        generator: GFPGAN,
        criteria: Criteria,
        rates: Rates,
        *,
        whole: StyleGAN2Discriminator | None = None,
        components: Mapping[str, FacialComponentDiscriminator] | None = None,
        matching: bool = False,
        processes: Processes | None = None,
        autocast: Autocast = nullcontext,
        half: bool = False,
        run: Callable[..., Any] | None = None,
        graphed: bool = False,
    ) -> None:
        self.generator, self.criteria, self.rates = generator, criteria, rates
        self.whole, self.components = whole, dict(components or {})
        self.processes = processes or Processes()
        self.autocast, self._run = autocast, generator if run is None else run
        self._component = criteria.component
        self._matching = matching
        self.average = ema_of(generator, rates.ema)
        self.trained = [p for p in generator.parameters() if p.requires_grad]
        self._graphed = GraphedPass(self.trained) if graphed else None
        self.optimizer = Adam(self.trained, lr=rates.generator, betas=rates.betas, fused=fuses(generator))
        self.optimizers = {name: self._adam(network) for name, network in self._discriminators().items()}
        device = next(generator.parameters()).device.type
        self.scaler = torch.amp.GradScaler(device, enabled=half)

    @property
    def model(self) -> GFPGAN:
        """The averaged generator."""
        return cast(GFPGAN, self.average.module)

    def update(self, step: int, batches: Sequence[Batch], rate_share: float) -> Values:
        """One step of everything; see `trainer.types.Training`. Reports each term, "total" (the generator's),
        "discriminator", "real_logits", "fake_logits" and "variety"."""
        for optimizer, base in self._rated():
            for group in optimizer.param_groups:
                group["lr"] = base * rate_share
        sums: dict[str, Tensor] = {}
        restored = self._step_generator(step, batches, sums)
        if self._plays():
            self._step_discriminators(step, batches, restored, sums)
        self.scaler.update()
        self.average.update_parameters(self.generator)
        values = self.processes.mean(torch.stack([value.detach().float() for value in sums.values()]))
        return dict(zip(sums, values.tolist(), strict=True))

    def gradients(self, step: int, batches: Sequence[Batch]) -> tuple[Values, dict[str, float]]:
        """What `update` would compute for the generator, without changing it: terms, and the norm of each
        trained parameter's gradient."""
        sums: dict[str, Tensor] = {}
        component = self._component
        self._accumulate_generator(step, batches, sums)
        self._component = component
        scale = self.scaler.get_scale()
        norms = {
            name: float(p.grad.norm()) / scale if p.grad is not None else 0.0
            for name, p in self.generator.named_parameters()
            if p.requires_grad
        }
        self.optimizer.zero_grad()
        return {name: float(value) for name, value in sums.items()}, norms

    def _step_generator(self, step: int, batches: Sequence[Batch], sums: dict[str, Tensor]) -> list[Tensor]:
        restored = self._accumulate_generator(step, batches, sums)
        self._step(self.optimizer, self.trained)
        return restored

    def _accumulate_generator(self, step: int, batches: Sequence[Batch], sums: dict[str, Tensor]) -> list[Tensor]:
        restored = []
        self._freeze_discriminators(frozen=True)
        for batch in batches:
            noise = noise_for(self.generator, batch.seeds)
            run = partial(self._pass, step, 1 / len(batches))
            if self._graphed is not None and len(batches) == 1:
                # All that passes of equal shapes differ in: which terms are on, and their weights.
                playing = self._plays() and step >= self.rates.delay
                key = self.criteria.pyramid.is_on(step), playing, self._component
                image, terms = self._graphed(run, batch, noise, key)
            else:
                image, terms = run(batch, noise)
            restored.append(image)
            _add(sums, terms, 1 / len(batches))
        self._freeze_discriminators(frozen=False)
        return restored

    def _pass(self, step: int, share: float, batch: Batch, noise: Sequence[Tensor]) -> tuple[Tensor, Terms]:
        """Forward and backward: the restored faces and what is reported about them."""
        with self.autocast():
            image, terms = self.generator_terms(step, batch, noise)
        total = torch.stack(list(terms.values())).sum()
        self.scaler.scale(total * share).backward()
        image = image.detach().float()
        terms = {**terms, "total": total, **variety(image, batch.truths)}
        return image, {name: term.detach() for name, term in terms.items()}

    def generator_terms(
        self, step: int, batch: Batch, noise: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, Terms]:
        """The restored faces, (N, 3, S, S) about [-1, 1], and every term of the generator's loss.

        The batch may be larger than the network: then its restored faces are enlarged. noise: `noise_for`'s.
        """
        losses, size = self.criteria, self.generator.size
        noise = noise_for(self.generator, batch.seeds) if noise is None else noise
        inputs = reduced(batch.inputs, size).contiguous(memory_format=torch.channels_last)
        pyramid: list[Tensor] = []
        if losses.pyramid.is_on(step):
            image, pyramid = self._run(inputs, noise=noise, return_rgb=True)
        else:
            image = self._run(inputs, noise=noise)
        image = enlarged(image, batch.truths.shape[-1])
        terms = losses.l1(image, batch.truths) | losses.pyramid(pyramid, reduced(batch.truths, size), step)
        if losses.perceptual is not None:
            terms |= losses.perceptual(image, batch.truths)
        if losses.identity is not None:
            terms |= losses.identity(image, batch.truths)
        if step >= self.rates.delay:
            if self.whole is not None:
                terms |= losses.adversarial(self.whole, image)
            if self.components:
                terms |= self._component_loss(image, batch)(self.components, image, batch.truths, batch.boxes)
        return image, terms

    def _component_loss(self, image: Tensor, batch: Batch) -> Any:
        if self._matching and not self._component.matching_weight:
            # In float32: unscaled gradients vanish in half precision.
            with torch.autocast(image.device.type, enabled=False):
                weight = matching_weight(
                    self.components, image, batch.truths, batch.boxes, self.criteria.component.style_weight
                )
            weight = float(self.processes.mean(torch.tensor(weight, device=image.device)))
            self._component = replace(self._component, style_weight=0.0, matching_weight=weight)
        return self._component

    def _step_discriminators(
        self, step: int, batches: Sequence[Batch], restored: list[Tensor], sums: dict[str, Tensor]
    ) -> None:
        for batch, image in zip(batches, restored, strict=True):
            with self.autocast():
                losses, measured = self.discriminator_terms(batch, image)
            total = torch.stack(list(losses.values())).sum()
            self.scaler.scale(total / len(batches)).backward()
            _add(sums, {"discriminator": total, **measured}, 1 / len(batches))
            if self.whole is not None and self.criteria.r1.is_due(step):
                # In float32: a norm of gradients leaves the range of half precision.
                penalty = self.criteria.r1(self.whole, batch.truths, step)
                self.scaler.scale(penalty["r1"] / len(batches)).backward()
                _add(sums, penalty, 1 / len(batches))
        for name, network in self._discriminators().items():
            self._step(self.optimizers[name], list(network.parameters()))

    def discriminator_terms(self, batch: Batch, restored: Tensor) -> tuple[Terms, Terms]:
        """What each discriminator learns from, and the whole one's mean logits."""
        losses, measured = {}, {}
        if self.whole is not None:
            # One pass each: the minibatch standard deviation must not mix true and restored faces.
            real, fake = self.whole(batch.truths), self.whole(restored)
            losses["whole"] = discriminator_loss(real, fake)
            measured = {"real_logits": real.float().mean(), "fake_logits": fake.float().mean()}
        if self.components:
            losses |= component_discriminator_losses(self.components, restored, batch.truths, batch.boxes)
        return losses, measured

    def _step(self, optimizer: Adam, parameters: list[nn.Parameter]) -> None:
        self.processes.average_gradients(parameters)
        self.scaler.step(optimizer)
        optimizer.zero_grad()

    def _plays(self) -> bool:
        return self.whole is not None or bool(self.components)

    def _discriminators(self) -> dict[str, nn.Module]:
        whole = {} if self.whole is None else {"whole": self.whole}
        return {**whole, **self.components}

    def _freeze_discriminators(self, *, frozen: bool) -> None:
        for network in self._discriminators().values():
            network.requires_grad_(not frozen)

    def _adam(self, discriminator: nn.Module) -> Adam:
        rate, r1 = self.rates.generator * self.rates.discriminators, self.criteria.r1
        if discriminator is self.whole:
            return lazy_adam(discriminator, rate, r1.every if r1.weight else None)
        return Adam(discriminator.parameters(), lr=rate, betas=(0.9, 0.99), fused=fuses(discriminator))

    def _rated(self) -> list[tuple[Adam, float]]:
        """The optimizers with their base learning rates."""
        return [(o, o.defaults["lr"]) for o in (self.optimizer, *self.optimizers.values())]

    def release(self) -> None:
        """See `trainer.types.Training`."""
        if self._graphed is not None:
            self._graphed.forget()

    def state(self) -> dict[str, Any]:
        """See `trainer.types.Training`."""
        return {
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "discriminators": {name: network.state_dict() for name, network in self._discriminators().items()},
            "optimizer": self.optimizer.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            "scaler": self.scaler.state_dict(),
            "matching_weight": self._component.matching_weight,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `trainer.types.Training`."""
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        load_adam(self.optimizer, state["optimizer"])
        for name, network in self._discriminators().items():
            network.load_state_dict(state["discriminators"][name])
            load_adam(self.optimizers[name], state["optimizers"][name])
        load_scaler(self.scaler, state["scaler"])
        self._component = self.criteria.component
        if state["matching_weight"]:
            weight = state["matching_weight"]
            self._component = replace(self._component, style_weight=0.0, matching_weight=weight)


def noise_for(generator: GFPGAN, seeds: Tensor) -> list[Tensor]:
    """Fresh noise for each layer, (N, 1, H, W), each sample's from its own seed alone."""
    shapes = [buffer.shape[1:] for buffer in generator.stylegan_decoder.noises.buffers()]
    sizes = [shape.numel() for shape in shapes]
    samples = []
    for seed in seeds.tolist():
        source = torch.Generator(seeds.device).manual_seed(seed)
        samples.append(torch.randn(sum(sizes), generator=source, device=seeds.device))
    layers = torch.stack(samples).split(sizes, dim=1)
    return [layer.view(-1, *shape) for layer, shape in zip(layers, shapes, strict=True)]


def _add(sums: dict[str, Tensor], terms: Terms, share: float) -> None:
    for name, term in terms.items():
        value = term.detach() * share  # a copy: a graph's next pass writes where this one's terms are
        sums[name] = sums[name] + value if name in sums else value
