"""Loss terms whose network is not on this machine, and what it costs to train without them. No torch here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import ModelError
from core.models import find_file
from trainer.config import Losses

PERCEPTUAL_COST = "textures come out softer or noisier"
IDENTITY_COST = "faces drift further from the person"
NOT_JUDGED = (
    "Whether it became better is not known: without a network for textures or likeness only PSNR and SSIM were "
    "measured, and both prefer a blurred face. Look at it on your own photos."
)


def is_judged(metrics: Iterable[str]) -> bool:
    """Whether metrics with these names (`trainer.evaluation.Metrics`) tell a better face from a blurred one."""
    return bool({"perceptual", "identity_angle"}.intersection(metrics))


def said_off(term: str, cost: str, why: str) -> str:
    """A sentence on a loss term that is off: what that costs, and why it is off."""
    return f"The {term} loss is off, so {cost}: {why}"


@dataclass(frozen=True)
class Missing:
    """A network that a loss term lacks. `network` is what its setting names, `why` says that it is not here."""

    term: str
    network: str
    cost: str
    why: str

    @property
    def sentence(self) -> str:
        """What that means for the run."""
        return said_off(self.term, self.cost, self.why)


def missing_networks(losses: Losses) -> list[Missing]:
    """The networks that are not on this machine, of the terms that have a weight."""
    wanted = []
    if losses.compares_features:
        wanted.append(("perceptual", losses.perceptual_network, PERCEPTUAL_COST))
    if losses.identity:
        wanted.append(("identity", losses.identity_network, IDENTITY_COST))
    missing = []
    for term, network, cost in wanted:
        try:
            find_file(network)
        except ModelError as error:
            missing.append(Missing(term, network, cost, str(error)))
    return missing
