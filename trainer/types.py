"""What crosses the borders inside the trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Samples to learn from.

    inputs  degraded faces, RGB in [-1, 1], (N, 3, S, S), float32
    truths  the faces as they should come out, the same shape and range
    boxes   (N, 3, 4) float32: left eye, right eye and mouth as x0, y0, x1, y1 (`trainer.components`), in pixels
            of these images
    seeds   (N,) int64, one a sample, the same in every process and after every resume: all randomness about a
            sample that is drawn later (noise, latents, augmentation) comes from it
    """

    inputs: Tensor
    truths: Tensor
    boxes: Tensor
    seeds: Tensor

    def __len__(self) -> int:
        return len(self.truths)

    def to(self, device: torch.device) -> Batch:
        """The same on `device`."""
        moved = {field.name: getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)}
        return Batch(**moved)


Picture = npt.NDArray[np.uint8]
"""Samples of 8 bits, (h, w, 3): RGB, but BGR in `trainer.detector`."""

Autocast = Callable[[], AbstractContextManager[Any]]
"""Makes the context of the forward passes: mixed precision, or none."""

Values = dict[str, float]
"""What a step reports, by name: weighted loss terms, and measurements such as "real_logits"."""


class Training(Protocol):
    """What the loop advances: networks, their optimizers and averages, of a restorer or of a prior."""

    @property
    def model(self) -> nn.Module:
        """The averaged (EMA) network that evaluation looks at and that becomes the model."""
        ...

    def update(self, step: int, batches: Sequence[Batch], rate_share: float) -> Values:
        """One optimizer step of every network, over all `batches` (gradient accumulation), in place.

        `rate_share` is a factor on the base learning rates.
        """
        ...

    def release(self) -> None:
        """Give back the memory that only makes the next step faster."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that continuing needs: nested dicts and lists of tensors, numbers and text."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave, on any device."""
        ...
