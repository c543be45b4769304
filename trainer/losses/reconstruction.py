"""How far pixels are from the truth: L1, at full size and along the U-Net's pyramid (paper, section 3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from trainer.losses.terms import Terms, mean_l1


@dataclass(frozen=True)
class L1Loss:
    """weight * mean |restored - truth|, the first part of L_rec; term "l1"."""

    weight: float = 0.1

    def __call__(self, restored: Tensor, truth: Tensor) -> Terms:
        """`restored` and `truth`: RGB in [-1, 1], (N, 3, S, S)."""
        return {"l1": self.weight * mean_l1(restored, truth)} if self.weight else {}


@dataclass(frozen=True)
class PyramidLoss:
    """Pyramid restoration loss: weight * the sum over levels of L1 to the truth at that size; term "pyramid".

    `drop_after` ends it after so many iterations (released options: 50,000), None never does (paper).
    """

    weight: float = 1.0
    drop_after: int | None = None

    def is_on(self, step: int) -> bool:
        """Whether iteration `step`, counted from 0, has this loss; if not, the network need not make a pyramid."""
        return self.weight != 0 and (self.drop_after is None or step < self.drop_after)

    def __call__(self, pyramid: Sequence[Tensor], truth: Tensor, step: int) -> Terms:
        """`pyramid`: RGB (N, 3, R, R), R doubling up to S, the smallest first; `truth`: (N, 3, S, S), in [-1, 1].

        The truth is halved repeatedly by bilinear interpolation. ValueError where a level has another size.
        """
        if not self.is_on(step):
            return {}
        target, levels = truth, []
        for index, level in enumerate(reversed(pyramid)):
            # At a factor of exactly 1/2, bilinear interpolation is the mean of 2x2 pixels.
            target = F.avg_pool2d(target, 2) if index else truth
            levels.append(mean_l1(level, target))
        return {"pyramid": self.weight * sum(levels, start=truth.new_zeros(()))}
