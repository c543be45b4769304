"""Loss terms whose network is not on this machine, and what it costs to train without them. No torch here."""

from __future__ import annotations

from core.errors import ModelError
from core.models import find_file
from trainer.config import Losses

PERCEPTUAL_COST = "textures come out softer or noisier"
IDENTITY_COST = "faces drift further from the person"


def said_off(term: str, cost: str, why: str) -> str:
    """A sentence on a term that is off because of `why`."""
    return f"The {term} loss is off, so {cost}: {why}"


def terms_off(losses: Losses) -> list[str]:
    """A sentence for each term that has a weight and lacks its network's file."""
    wanted = []
    if losses.perceptual or losses.style:
        wanted.append(("perceptual", losses.perceptual_network, PERCEPTUAL_COST))
    if losses.identity:
        wanted.append(("identity", losses.identity_network, IDENTITY_COST))
    sentences = []
    for term, file, cost in wanted:
        try:
            find_file(file)
        except ModelError as error:
            sentences.append(said_off(term, cost, str(error)))
    return sentences
