"""Passes that a graphics card repeats. What needs a card is skipped where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from tests.trainer.two_trainings import batch, criteria, generator, new_training
from trainer.graphed import WARM_UP, GraphedPass
from trainer.losses.reconstruction import PyramidLoss
from trainer.losses.terms import Terms
from trainer.restorer import Rates, RestorerTraining
from trainer.types import Batch

needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_what_cannot_be_recorded_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    scale, calls = nn.Parameter(torch.ones(1)), 0

    def refuse() -> None:
        raise RuntimeError("cannot be recorded")

    def run(batch: Batch, noise: Sequence[Tensor]) -> tuple[Tensor, Terms]:
        nonlocal calls
        calls += 1
        image = scale * batch.inputs + noise[0]
        image.mean().backward()
        return image.detach(), {"l1": image.mean().detach()}

    monkeypatch.setattr(torch.cuda, "CUDAGraph", refuse)
    graphed = GraphedPass([scale])
    for number in range(1, WARM_UP + 4):
        one, scale.grad = batch(number, number + 1), None
        image, terms = graphed(run, one, [torch.ones(1)], "kind")
        assert torch.equal(image, one.inputs + 1)
        assert terms.keys() == {"l1"}
        assert scale.grad is not None
        assert scale.grad.item() == pytest.approx(one.inputs.mean().item(), rel=1e-5)
        assert calls == number


@needs_card
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_repeated_step_is_the_step_that_it_repeats(dtype: torch.dtype) -> None:
    plain, graphed = (on_card(graphed=graphed, dtype=dtype) for graphed in (False, True))
    for step in range(WARM_UP + 6):
        one = batch(2 * step, 2 * step + 2).to(torch.device("cuda"))
        expected, found = plain.update(step, [one], 1.0), graphed.update(step, [one], 1.0)
        assert found == pytest.approx(expected, rel=1e-3 if dtype == torch.float32 else 5e-2)


@needs_card
def test_another_kind_of_step_and_another_size_are_recorded_anew() -> None:
    plain, graphed = (on_card(graphed=graphed) for graphed in (False, True))
    for step in range(3 * WARM_UP + 9):
        # The pyramid ends and the discriminators begin on the way; a last batch may be smaller.
        one = batch(0, 1 if step > 2 * WARM_UP + 5 else 2).to(torch.device("cuda"))
        expected, found = plain.update(step, [one], 1.0), graphed.update(step, [one], 1.0)
        assert found == pytest.approx(expected, rel=5e-3)
        assert ("pyramid" in found) == (step < WARM_UP + 3)


def on_card(*, graphed: bool, dtype: torch.dtype = torch.float32) -> RestorerTraining:
    card, losses = torch.device("cuda"), criteria()
    for module in (losses.perceptual, losses.identity):
        assert module is not None
        module.to(card)
    training = new_training(
        criteria=replace(losses, pyramid=PyramidLoss(1.0, drop_after=WARM_UP + 3)),
        generator=generator().to(card),
        rates=Rates(generator=1e-4, delay=2 if dtype != torch.float32 else WARM_UP + 3),
        graphed=graphed,
        autocast=partial(torch.autocast, "cuda", dtype, enabled=dtype != torch.float32),
        half=dtype == torch.float16,
    )
    for network in (training.whole, *training.components.values()):
        assert network is not None
        network.to(card)
    return training
