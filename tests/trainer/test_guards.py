"""The guards on series of losses: those that good runs have, and those of runs that are lost."""

import json
import math
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from trainer.guards import Action, Guard, StartError, sanity
from trainer.types import Values

RATE = 2e-3


def actions(guard: Guard, totals: Iterable[float]) -> list[Action]:
    return [guard.judge(step, {"total": float(total)}, RATE).action for step, total in enumerate(totals)]


def troubled(totals: Iterable[float]) -> list[int]:
    """Steps with a verdict other than to go on."""
    return [step for step, action in enumerate(actions(Guard(), totals)) if action is not Action.GO_ON]


def fine_tuning(random: np.random.Generator) -> np.ndarray:
    """Falls to a third, with noise of a heavy tail (log-normal, and one step in 50 up to 30 times as high)."""
    steps = np.arange(2000)
    level = 3 * (1 / 3 + 2 / 3 * np.exp(-steps / 300))
    spikes = np.where(random.random(2000) < 0.02, random.uniform(1, 30, 2000), 1)
    return level * random.lognormal(0, 0.5, 2000) * spikes


def from_scratch(random: np.random.Generator) -> np.ndarray:
    """Falls a hundredfold, then the adversarial part grows to several times what is left."""
    steps = np.arange(2000)
    game = 0.1 * np.logaddexp(0, np.clip(steps / 100, 0, 15) + random.standard_t(3, 2000))
    return 20 * np.exp(-steps / 150) + 0.2 * random.lognormal(0, 0.4, 2000) + game


def prior(random: np.random.Generator) -> np.ndarray:
    """softplus(-D) alone: from ln 2 to a discriminator that often wins, with path length in each fourth step."""
    steps = np.arange(2000)
    logits = np.minimum(steps / 40, 3) + np.cumsum(random.normal(0, 0.05, 2000)) + random.normal(0, 1.5, 2000)
    return np.logaddexp(0, logits) + np.where(steps % 4 == 0, random.lognormal(0, 1.5, 2000), 0)


@pytest.mark.parametrize("good_run", [fine_tuning, from_scratch, prior])
def test_good_runs_are_left_alone(good_run) -> None:
    for seed in range(25):
        assert troubled(good_run(np.random.default_rng(seed))) == [], seed


@pytest.mark.parametrize("good_run", [fine_tuning, from_scratch, prior])
@pytest.mark.parametrize("growth", [1.02, 1.1, 2.0])
def test_an_explosion_is_found(good_run, growth: float) -> None:
    for seed in range(10):
        totals = good_run(np.random.default_rng(seed))
        begin, level, start = 1000, np.median(totals[900:1000]), totals[0]
        totals[begin:] += level * np.minimum(growth ** np.arange(1000) - 1, 1e30)
        found = troubled(totals)
        assert found, seed
        # A slow one is found once it is 100 times the start, a fast one a few steps after it began.
        assert begin < found[0] < begin + 10 + math.log(150 * max(start / level, 1)) / math.log(growth), seed


def test_an_explosion_in_the_first_steps_is_found() -> None:
    # As measured on a 32 px network at a hundred times the paper's learning rate.
    totals = [6.04, 5.84e8, 3.56e10, 7.08e21, 2.57e23, 2.12e23, 2.47e24, 7.84e22, 7.95e23, 7.29e23]
    assert troubled(totals) == [8]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["total", "r1", "real_logits"])
def test_a_value_that_is_not_finite_is_found_in_the_first_step(name: str, value: float) -> None:
    verdict = Guard().judge(7, {"total": 1.0, name: value}, RATE)
    assert verdict.action is Action.ROLL_BACK
    assert verdict.reason == (
        f"The value of {name} is not finite in step 7: back to the last checkpoint, and on at 0.001, half the "
        "learning rate (roll-back 1 of 3)."
    )


def test_one_high_step_is_not_calm_and_no_reason_to_roll_back() -> None:
    guard = Guard()
    assert set(actions(guard, [1.0] * 50)) == {Action.GO_ON}
    assert guard.calm
    assert actions(guard, [50.0]) == [Action.GO_ON]
    assert not guard.calm
    assert actions(guard, [1.0]) == [Action.GO_ON]
    assert guard.calm


def test_a_term_that_begins_is_no_explosion() -> None:
    # As measured on a 32 px network: 0.9 before the component term begins, 23 in the first step with it.
    before = [{"total": 0.9}] * 300
    after = [{"total": 23.0, "component": 22.0}] * 300
    guard = Guard()
    verdicts = [guard.judge(step, values, RATE) for step, values in enumerate([*before, *after])]
    assert {verdict.action for verdict in verdicts} == {Action.GO_ON}
    assert troubled([0.9] * 300 + [23.0] * 300) == [304]


def test_each_roll_back_halves_the_rate_and_the_fourth_stops() -> None:
    guard = Guard()
    shares = []
    for number in range(3):
        assert actions(guard, [1.0] * 30 + [math.nan])[-1] is Action.ROLL_BACK, number
        shares.append(guard.share)
    assert shares == [0.5, 0.25, 0.125]
    verdict = guard.judge(9, {"total": math.nan}, RATE * guard.share)
    assert verdict.action is Action.STOP
    assert "after 3 roll-backs; try a lower optimizer.rate (it was 0.00025 at the end)" in verdict.reason


def test_old_roll_backs_are_forgiven_and_the_rate_stays_low() -> None:
    guard = Guard()
    for _ in range(3):
        actions(guard, [math.nan])
    actions(guard, [1.0] * 10_000)
    assert actions(guard, [math.nan] * 4) == [Action.ROLL_BACK] * 3 + [Action.STOP]
    assert guard.share == 1 / 64


def played(**values: float) -> Iterator[Values]:
    while True:
        yield {"total": 1.0, "adversarial": 0.1, **values}


def warned(guard: Guard, steps: int, series: Iterator[Values]) -> list[str]:
    return [sentence for _ in range(steps) for sentence in guard.warnings(next(series))]


LOST = [
    ({"real_logits": 9.0, "fake_logits": -12.0}, 500, "told restored faces from true ones with certainty"),
    ({"real_logits": 0.02, "fake_logits": -0.01}, 1000, "told no difference"),
    ({"variety": 0.2}, 500, "mode collapse"),
]
HEALTHY: Values = {"real_logits": 1.5, "fake_logits": -2.0, "variety": 0.9}


@pytest.mark.parametrize(("values", "patience", "words"), LOST)
def test_a_lost_game_is_told_once_until_it_is_over(values: Values, patience: int, words: str) -> None:
    guard, lost = Guard(), played(**values)
    assert warned(guard, patience - 1, lost) == []
    (sentence,) = warned(guard, 1, lost)
    assert words in sentence
    assert warned(guard, 3000, lost) == []
    # A short recovery is none.
    assert warned(guard, 20, played(**HEALTHY)) + warned(guard, 500, lost) == []
    assert warned(guard, 500, played(**HEALTHY)) == []
    assert len(warned(guard, patience, lost)) == 1


def test_a_healthy_game_is_not_warned_about() -> None:
    random = np.random.default_rng(0)
    guard = Guard()
    for _ in range(5000):
        real, fake = random.normal(3, 3), random.normal(-4, 3)
        values = {
            "adversarial": 0.4,
            "real_logits": real,
            "fake_logits": fake,
            "variety": random.lognormal(-0.5, 0.6),
        }
        assert guard.warnings(values) == []


def test_before_the_game_begins_nobody_loses_it() -> None:
    # In the delay of the adversarial terms the discriminator learns alone, and is bound to win.
    alone = {"total": 1.0, "real_logits": 9.0, "fake_logits": -12.0}
    guard = Guard()
    assert [sentence for _ in range(2000) for sentence in guard.warnings(alone)] == []


def test_a_resumed_guard_goes_on_as_the_first() -> None:
    totals = fine_tuning(np.random.default_rng(4))
    totals[300:] *= 1.2 ** np.minimum(np.arange(1700), 300)
    first = Guard()
    first.judge(0, {"total": math.nan}, RATE)
    actions(first, totals[:302])
    warned(first, 400, played(variety=0.1))
    second = Guard()
    second.load_state(json.loads(json.dumps(first.state())))
    assert second.share == 0.5
    assert warned(second, 100, played(variety=0.1)) == warned(first, 100, played(variety=0.1)) != []
    assert actions(second, totals[302:]) == actions(first, totals[302:])
    assert second.state() == first.state()
    assert second.share < 0.5


GOOD_NORMS = {"conv.weight": 0.1, "conv.bias": 0.0, "decoder.layer.weight": 2.0}


def test_a_sane_start_is_silent() -> None:
    values = {"total": 1.0, "l1": 0.5, "perceptual": 0.5, "variety": 0.0}
    assert sanity(values, GOOD_NORMS, 2e-3, equalized=True) == []
    assert sanity(values, GOOD_NORMS, 1e-4, equalized=False) == []


@pytest.mark.parametrize(
    ("rate", "equalized", "words"),
    [
        (3e-2, True, "A learning rate of 0.03 is likely to break equalized layers; they take about 2e-3."),
        (2e-3, False, "A learning rate of 0.002 is likely to break clean layers; they take about 1e-4."),
        (1e-8, False, "At a learning rate of 1e-08 nothing will be learned; clean layers take about 1e-4."),
    ],
)
def test_odd_rates_are_warned_about(rate: float, equalized: bool, words: str) -> None:
    assert sanity({"total": 1.0}, GOOD_NORMS, rate, equalized=equalized) == [words]


def test_what_is_idle_is_warned_about() -> None:
    norms = {**GOOD_NORMS, "toRGB.0.weight": 0.0, "toRGB.1.weight": 0.0}
    values = {"total": 1.0, "l1": 1.0, "identity": 0.0}
    term, part = sanity({**values, "pyramid": 1.0}, norms, 2e-3, equalized=True)
    assert term.startswith("The loss term identity is switched on but exactly 0;")
    assert part.startswith("No gradient reaches toRGB;")
    # Without the pyramid loss these layers have nothing to do.
    assert len(sanity(values, norms, 2e-3, equalized=True)) == 1


def test_a_gradient_that_is_not_finite_is_warned_about() -> None:
    (sentence,) = sanity({"total": 1.0}, {**GOOD_NORMS, "conv.bias": math.inf}, 2e-3, equalized=True)
    assert sentence.startswith("The gradient of conv.bias is not finite.")


def test_a_start_without_a_loss_or_a_gradient_is_refused() -> None:
    with pytest.raises(StartError, match="The values of l1, total are not finite before the first step"):
        sanity({"l1": math.nan, "total": math.nan}, GOOD_NORMS, 2e-3, equalized=True)
    with pytest.raises(StartError, match="No trained parameter has a gradient"):
        sanity({"total": 1.0}, {"conv.weight": 0.0}, 2e-3, equalized=True)
