"""Passes that a graphics card repeats. What needs a card is skipped where there is none."""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.trainer.two_trainings import batch, criteria, generator, gradients, new_training
from trainer.graphed import WARM_UP, GraphedPass
from trainer.losses.reconstruction import PyramidLoss
from trainer.losses.terms import Terms
from trainer.restorer import Rates, RestorerTraining
from trainer.types import Batch, Values

CARD = torch.device("cuda:0")
needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def steps(training: RestorerTraining, *batches: Batch, first: int = 0) -> list[tuple[Values, dict[str, Tensor]]]:
    """What each step reports, and the first moments of its optimizers; the generator's are its gradients."""
    made = []
    for number, one in enumerate(batches, first):
        values = training.update(number, [one.to(CARD)], 1.0)
        made.append((values, {name: tensor.clone() for name, tensor in gradients(training).items()}))
    return made


def assert_alike(found: Any, expected: Any, tolerance: float = 3e-2) -> None:
    """Reports by `tolerance`, and the gradient of each network by a tenth of its norm, of each parameter by half.

    Two runs of a card differ by more than their rounding, without any graph too: a number that rounds to the other
    side of an activation's kink changes a small layer by some percent. Operands rounded as in TF32 change these
    gradients by up to 5 %; another step's noise or boxes change one of them by 24 %.
    """
    for (values, moments), (true_values, true_moments) in zip(found, expected, strict=True):
        assert values == pytest.approx(true_values, rel=tolerance, abs=tolerance)
        assert moments.keys() == true_moments.keys()
        errors: dict[str, dict[str, float]] = defaultdict(dict)
        norms: dict[str, dict[str, float]] = defaultdict(dict)
        for name, true_moment in true_moments.items():
            assert bool(moments[name].any()) == bool(true_moment.any()), name
            network = name.split(".")[0]
            errors[network][name] = float((moments[name] - true_moment).norm())
            norms[network][name] = float(true_moment.norm())
        for network, error in errors.items():
            whole = math.hypot(*norms[network].values())
            assert math.hypot(*error.values()) <= 0.1 * whole, network
            for name, norm in norms[network].items():
                assert error[name] <= max(0.5 * norm, 0.01 * whole), name


def is_recorded(training: RestorerTraining) -> bool:
    assert training._graphed is not None
    return training._graphed.is_recorded


def test_what_cannot_be_recorded_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    scale, calls = nn.Parameter(torch.ones(1)), 0

    @contextmanager
    def fail(*_: object, **__: object) -> Iterator[None]:
        yield
        raise RuntimeError("cannot be recorded")

    def run(batch: Batch, noise: Sequence[Tensor]) -> tuple[Tensor, Terms]:
        nonlocal calls
        calls += 1
        image = scale * batch.inputs + noise[0]
        image.mean().backward()
        return image.detach(), {"l1": image.mean().detach()}

    for name in ("CUDAGraph", "Stream", "device", "stream"):
        monkeypatch.setattr(torch.cuda, name, lambda *_: nullcontext())
    monkeypatch.setattr(torch.cuda, "graph", fail)
    graphed = GraphedPass([scale])
    for number in range(1, WARM_UP + 4):
        one, scale.grad = batch(number, number + 1), None
        image, terms = graphed(run, one, [torch.ones(1)], "kind")
        assert torch.equal(image, one.inputs + 1)
        assert terms.keys() == {"l1"}
        # What the attempt left there is not added to.
        assert scale.grad is not None
        assert scale.grad.item() == pytest.approx(one.inputs.mean().item(), rel=1e-5)
        assert calls == number + (number > WARM_UP)
        assert not graphed.is_recorded


@needs_card
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 3e-2), (torch.bfloat16, 0.1), (torch.float16, 0.1)]
)
def test_a_repeated_step_is_the_step_that_it_repeats(dtype: torch.dtype, tolerance: float) -> None:
    plain, graphed = (on_card(graphed=graphed, dtype=dtype) for graphed in (False, True))
    batches = [batch(2 * step, 2 * step + 1) for step in range(WARM_UP + 3)]
    assert_alike(steps(graphed, *batches), steps(plain, *batches), tolerance)
    assert is_recorded(graphed)


@needs_card
def test_another_kind_of_step_and_another_size_are_recorded_anew() -> None:
    plain, graphed = (on_card(graphed=graphed) for graphed in (False, True))
    # The pyramid ends and the discriminators begin on the way; the last batches are smaller.
    batches = [batch(0, 1)] * (2 * WARM_UP + 6) + [batch(0)] * (WARM_UP + 3)
    found = steps(graphed, *batches)
    assert_alike(found, steps(plain, *batches))
    assert ["pyramid" in values for values, _ in found] == [n < WARM_UP + 3 for n in range(len(batches))]
    assert is_recorded(graphed)


@needs_card
def test_steps_taken_back_and_memory_given_back_change_nothing() -> None:
    plain, graphed = (on_card(graphed=graphed) for graphed in (False, True))
    batches = [batch(step, step + 1) for step in range(WARM_UP + 2)]
    for training in (plain, graphed):
        state = copy.deepcopy(training.state())
        steps(training, *batches)
        training.load_state(state)
    assert_alike(steps(graphed, *batches), steps(plain, *batches))
    assert is_recorded(graphed)
    graphed.release()
    assert not is_recorded(graphed)
    assert_alike(steps(graphed, *batches, first=9), steps(plain, *batches, first=9))
    assert is_recorded(graphed)


@needs_card
def test_several_batches_a_step_are_not_repeated() -> None:
    graphed = on_card(graphed=True)
    for step in range(WARM_UP + 2):
        graphed.update(step, [batch(0, 1).to(CARD), batch(2, 3).to(CARD)], 1.0)
    assert not is_recorded(graphed)


@needs_card
def test_after_a_failed_recording_all_goes_on_where_it_was() -> None:
    """An embedding that looks at numbers: the processor would have to wait for the card."""
    plain, graphed = (on_card(graphed=graphed) for graphed in (False, True))
    for training in (plain, graphed):
        assert training.criteria.identity is not None
        embed = training.criteria.identity.embed
        embed.register_forward_hook(lambda _, __, found: found * (2.0 if found.sum().item() > -1e9 else 1.0))
    before = torch.cuda.current_stream()
    batches = [batch(step, step + 1) for step in range(WARM_UP + 3)]
    assert_alike(steps(graphed, *batches), steps(plain, *batches))
    assert not is_recorded(graphed)
    assert torch.cuda.current_stream() == before


def on_card(*, graphed: bool, dtype: torch.dtype = torch.float32) -> RestorerTraining:
    losses = criteria()
    for module in (losses.perceptual, losses.identity):
        assert module is not None
        module.to(CARD)
    training = new_training(
        criteria=replace(losses, pyramid=PyramidLoss(1.0, drop_after=WARM_UP + 3)),
        generator=generator().to(CARD),
        rates=Rates(generator=1e-4, delay=2 if dtype != torch.float32 else WARM_UP + 3),
        graphed=graphed,
        autocast=partial(torch.autocast, "cuda", dtype, enabled=dtype != torch.float32),
        half=dtype == torch.float16,
    )
    for network in (training.whole, *training.components.values()):
        assert network is not None
        network.to(CARD)
    return training
