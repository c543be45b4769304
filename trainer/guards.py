"""Watching a run, before its first step and after each one. It sees numbers alone, and carries out nothing itself.

The thresholds are rules of thumb, wide enough for what adversarial terms do in good runs (test_guards.py simulates
such series): a false alarm costs more than a late one.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Any

from core.errors import CoreError
from trainer.types import Values

MEASUREMENTS = frozenset({"real_logits", "fake_logits", "variety"})
"""Names in `Values` that are no loss terms."""

ROLL_BACKS = 3
"""How often a run is set back before it stops."""

_FORGIVEN = 10_000  # good steps after which earlier roll-backs no longer count
_USUAL, _NEEDED, _RECENT = 100, 20, 9  # totals that make the usual level, fewest of them, totals that are judged
_EXPLODED, _ABOVE_START, _FAR_ABOVE_START = 10.0, 3.0, 100.0  # times the usual level, times the level at the start


class StartError(CoreError):
    """A run that cannot learn anything as it is."""


class Action(Enum):
    GO_ON = "go on"
    ROLL_BACK = "roll back"
    STOP = "stop"


@dataclass(frozen=True)
class Verdict:
    """What to do after a step, and a sentence on why when it is not to go on."""

    action: Action = Action.GO_ON
    reason: str = ""


class Guard:
    """Finds the steps after which a run is lost, and counts how often it has been set back.

    share  factor on the learning rate: halved with each roll-back, and never raised again
    calm   whether the last total was no outlier; a checkpoint that is due should wait until it is none

    An explosion is judged by the median of the last totals, not by one: path length regularisation, say, makes
    every fourth total a large one. After `_FORGIVEN` good steps the roll-backs before them no longer count.
    """

    def __init__(self) -> None:
        self.share = 1.0
        self.calm = True
        self._roll_backs = 0
        self._good = 0
        self._watches = [_Watch(*watched) for watched in _WATCHED]
        self._names: set[str] = set()
        self._totals: deque[float] = deque(maxlen=_USUAL + _RECENT)
        self._start: float | None = None

    def judge(self, step: int, values: Values, rate: float) -> Verdict:
        """Judge step `step`, counted from 0, with everything it reported and the learning rate it was made at.

        On a roll-back, load the last checkpoint into the training, but not into this guard, and go on from there
        at `share` times the scheduled rate.
        """
        trouble = _not_finite(values) or self._exploded(values)
        if not trouble:
            self._good += 1
            if self._good >= _FORGIVEN:
                self._roll_backs = 0
            return Verdict()
        self._forget()
        self._good = 0
        if self._roll_backs == ROLL_BACKS:
            return Verdict(
                Action.STOP,
                f"{trouble} in step {step}, after {ROLL_BACKS} roll-backs; try a lower optimizer.rate (it was "
                f"{rate:.2g} at the end), precision=fp32, or other data.",
            )
        self._roll_backs += 1
        self.share /= 2
        return Verdict(
            Action.ROLL_BACK,
            f"{trouble} in step {step}: back to the last checkpoint, and on at {rate / 2:.2g}, half the learning "
            f"rate (roll-back {self._roll_backs} of {ROLL_BACKS}).",
        )

    def warnings(self, values: Values) -> list[str]:
        """Sentences on a game that generator or discriminator has lost, each once until that is over for a while.

        To be asked once a step, with everything the step reported.
        """
        return [watch.sentence for watch in self._watches if watch.begins(values)]

    def state(self) -> dict[str, Any]:
        """Numbers and lists for a checkpoint."""
        return {
            "share": self.share,
            "roll_backs": self._roll_backs,
            "good": self._good,
            "names": sorted(self._names),
            "totals": list(self._totals),
            "start": self._start,
            "watches": [[watch.steps, watch.told] for watch in self._watches],
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave."""
        self._forget()
        self.share, self._roll_backs, self._good = state["share"], state["roll_backs"], state["good"]
        self._names, self._start = set(state["names"]), state["start"]
        self._totals.extend(state["totals"])
        for watch, (steps, told) in zip(self._watches, state["watches"], strict=True):
            watch.steps, watch.told = steps, told

    def _forget(self) -> None:
        self._names, self._start = set(), None
        self._totals.clear()

    def _exploded(self, values: Values) -> str:
        if not values.keys() <= self._names:
            # A term that begins, such as the adversarial one after its delay, changes the level.
            names = self._names | values.keys()
            self._forget()
            self._names = names
        total = values["total"]
        self._totals.append(total)
        if self._start is None:
            self._start = total
        totals = list(self._totals)
        before, recent = totals[:-_RECENT], totals[-_RECENT:]
        usual = median(before) if len(before) >= _NEEDED else math.inf
        self.calm = not self._too_high(total, usual)
        now = median(recent)
        if len(recent) < _RECENT or not self._too_high(now, usual):
            return ""
        return f"The loss exploded, to about {now:.3g} (it began at {self._start:.3g}),"

    def _too_high(self, total: float, usual: float) -> bool:
        start = self._start or 0.0
        return total > max(_EXPLODED * usual, _ABOVE_START * start) or total > _FAR_ABOVE_START * start > 0


@dataclass
class _Watch:
    """Tells when something has been so for `patience` steps; a step where it is not takes back four."""

    needs: frozenset[str]
    is_so: Callable[[Values], bool]
    patience: int
    sentence: str
    steps: int = 0
    told: bool = False

    def begins(self, values: Values) -> bool:
        """Whether this step completes the patience, for the first time since the count was down to 0."""
        if not self.needs <= values.keys():
            return False
        self.steps = min(self.steps + 1, self.patience) if self.is_so(values) else max(self.steps - 4, 0)
        begins = self.steps == self.patience and not self.told
        self.told = begins or (self.told and self.steps > 0)
        return begins


_GAME = frozenset({"adversarial", "real_logits", "fake_logits"})

_WATCHED = [
    (
        _GAME,
        lambda values: values["real_logits"] > 5 and values["fake_logits"] < -5,
        500,
        "The discriminator has told restored faces from true ones with certainty for 500 steps, so that the "
        "generator learns little from it; try a lower discriminators.rate, a higher losses.r1, or more faces.",
    ),
    (
        _GAME,
        lambda values: max(abs(values["real_logits"]), abs(values["fake_logits"])) < 0.1,
        1000,
        "The discriminator has told no difference between restored and true faces for 1000 steps, so that the "
        "adversarial term teaches nothing; try a higher discriminators.rate, a lower losses.r1, or published "
        "discriminators to start from.",
    ),
    (
        frozenset({"variety"}),
        lambda values: values["variety"] < 0.3,
        500,
        "The restored faces have differed less than a third as much as the true ones for 500 steps (mode "
        "collapse); look at the samples, and if they are alike, go back to an earlier checkpoint and try a lower "
        "losses.adversarial, a lower optimizer.rate, or more varied faces.",
    ),
]


def sanity(values: Values, norms: Mapping[str, float], rate: float, *, equalized: bool) -> list[str]:
    """Sentences that warn about a run before its first step, from what that step would do to the generator.

    values     its loss terms, and "total"
    norms      of the gradient of each trained parameter, by its name in the network; 0 where there is none
    rate       learning rate, the schedule's highest
    equalized  whether the layers have equalized learning rates (original and bilinear networks, not clean ones)

    Raises StartError when nothing can be learned: a value is not finite, or there is no gradient at all.
    """
    if trouble := _not_finite(values):
        raise StartError(
            f"{trouble} before the first step; check the files of the base and of the loss networks, or set "
            "precision=fp32."
        )
    if not any(norms.values()):
        raise StartError(
            "No trained parameter has a gradient; switch a loss term on, or set network.freeze_prior=false."
        )
    return [
        *_idle_terms(values),
        *_idle_parts(norms, values),
        *_wild_gradients(norms),
        *_odd_rate(rate, equalized),
    ]


def _not_finite(values: Values) -> str:
    names = [name for name, value in values.items() if not math.isfinite(value)]
    if len(names) < 2:
        return f"The value of {names[0]} is not finite" if names else ""
    return f"The values of {', '.join(names)} are not finite"


def _idle_terms(values: Values) -> Iterable[str]:
    for name in sorted(values.keys() - MEASUREMENTS):
        if values[name] == 0:
            yield f"The loss term {name} is switched on but exactly 0; check its weight and its network."


def _idle_parts(norms: Mapping[str, float], values: Values) -> Iterable[str]:
    parts: dict[str, float] = {}
    for name, norm in norms.items():
        part = name.partition(".")[0]
        parts[part] = parts.get(part, 0.0) + norm
    if "pyramid" not in values:
        # Nothing else looks at these layers.
        parts.pop("toRGB", None)
    if idle := [part for part, norm in parts.items() if norm == 0]:
        yield f"No gradient reaches {', '.join(idle)}; switch on a loss term that needs it, or it stays as it is."


def _wild_gradients(norms: Mapping[str, float]) -> Iterable[str]:
    if wild := [name for name, norm in norms.items() if not math.isfinite(norm)]:
        yield (
            f"The gradient of {wild[0]} is not finite. With precision=fp16 the first steps settle that; otherwise "
            "set precision=fp32."
        )


def _odd_rate(rate: float, equalized: bool) -> Iterable[str]:
    kind, highest, usual = ("equalized", 2e-2, "2e-3") if equalized else ("clean", 5e-4, "1e-4")
    if rate > highest:
        yield f"A learning rate of {rate:.2g} is likely to break {kind} layers; they take about {usual}."
    elif rate < 1e-7:
        yield f"At a learning rate of {rate:.2g} nothing will be learned; {kind} layers take about {usual}."
