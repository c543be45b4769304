"""The training loop. It takes what it works with and knows no screen, no file format and no network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from torch import nn

from core.engines.ladder import out_of_memory
from core.errors import CoreError, OutOfMemoryError
from core.memory import release_memory
from trainer.checkpoint import CheckpointError, Checkpoints
from trainer.config import TrainConfig
from trainer.control import Control
from trainer.estimate import advice
from trainer.evaluation import Evaluator, Metrics, score
from trainer.events import Checkpoint, Event, Sample, State
from trainer.guards import Action, Guard
from trainer.processes import Processes
from trainer.progress_meter import ProgressMeter
from trainer.samples import GeneratedSamples, Samples
from trainer.schedule import rate_share
from trainer.types import Batch, Training, Values

PATIENCE = 20.0
"""Seconds that whoever stops a run can still wait for its first evaluation."""


class Say(Protocol):
    """Where events go (`trainer.events.EventLog`)."""

    def __call__(self, event: Event) -> None: ...

    def warn(self, message: str) -> None: ...


class LostRunError(CoreError):
    """A run that cannot go on: the guard gave it up."""


@dataclass
class Run:
    """A run, and what it works with.

    batches             the batches from a number on, without end (`trainer.data.Loader.batches`)
    evaluator, samples  None in all processes but the main one
    record              goes into every checkpoint as it is
    yardstick           what metrics depend on besides the network; measured by another one they cannot be compared
    original            gives the network that the run began with, None where it cannot be had any more
    step                steps done
    before              metrics of the network that the run began with
    best, best_metrics  the highest score since, and the metrics that it was made of
    evaluation_seconds  how long the last evaluation took
    judged_anew         the checkpoint was measured by another yardstick, so that `before` and `best` were dropped
    """

    config: TrainConfig
    training: Training
    batches: Callable[[int], Iterator[Batch]]
    control: Control
    say: Say
    checkpoints: Checkpoints
    guard: Guard
    processes: Processes
    base_rate: float
    evaluator: Evaluator | None = None
    samples: Samples | GeneratedSamples | None = None
    record: dict[str, Any] = field(default_factory=dict)
    yardstick: dict[str, Any] = field(default_factory=dict)
    original: Callable[[], nn.Module | None] = lambda: None
    step: int = 0
    before: Metrics = field(default_factory=dict)
    best: float = float("-inf")
    best_metrics: Metrics = field(default_factory=dict)
    evaluation_seconds: float = float("inf")
    judged_anew: bool = False

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "training": self.training.state(),
            "guard": self.guard.state(),
            "record": self.record,
            "yardstick": self.yardstick,
            "before": self.before,
            "best": self.best,
            "best_metrics": self.best_metrics,
        }

    def resume(self, step: int, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of `step` steps."""
        self.step = step
        self.training.load_state(state["training"])
        self.guard.load_state(state["guard"])
        self.before, self.best, self.best_metrics = state["before"], state["best"], state["best_metrics"]
        if not self._is_judged_as(state.get("yardstick")):
            self.judged_anew = True
            self.before, self.best, self.best_metrics = {}, float("-inf"), {}

    def _is_judged_as(self, yardstick: dict[str, Any] | None) -> bool:
        if yardstick is None:  # of a former version, of which the metrics alone are known
            same = sorted(self.before) == sorted(self.yardstick.get("metrics", ()))
            return same and self.yardstick.get("ways", 1) == 1
        return yardstick == self.yardstick

    def measure(self, network: nn.Module) -> Metrics:
        """The metrics of a network; {} without an evaluator."""
        if self.evaluator is None:
            return {}
        # Whole batches, beside which a step's memory may not fit.
        self.training.release()
        start = time.perf_counter()
        metrics = self.evaluator.measure(network)
        self.evaluation_seconds = time.perf_counter() - start
        return metrics


def train(run: Run) -> bool:
    """Train until the last step, or until the control says stop; returns whether it came to the end.

    Whatever ends it, a checkpoint holds what was learned; where memory ran out or the loss was lost it is the one
    before. Raises CoreError with what is wrong.
    """
    config, every = run.config, run.config.every
    if run.step == 0:
        _begin(run)
    elif run.judged_anew and run.processes.is_main:
        _judge_anew(run)
    meter = ProgressMeter(config, run.processes, say=run.say)
    batches = run.batches(run.step * config.accumulate)
    saved = run.step
    better: Metrics = {}
    while run.step < config.steps and not _stopping(run, meter):
        share = rate_share(config.optimizer, run.step, config.steps) * run.guard.share
        try:
            values = run.training.update(run.step, list(islice(batches, config.accumulate)), share)
        except (RuntimeError, MemoryError) as error:
            if out_of_memory(error):
                raise OutOfMemoryError(
                    f"The memory is used up. {advice(config, begun=True)} "
                    "Then go on from the last checkpoint with --resume."
                ) from error
            raise
        except CoreError:
            # The data is gone, not what was learned from it.
            _save(run)
            raise
        if not _is_good(run, values, run.base_rate * share):
            saved, batches, better = run.step, run.batches(run.step * config.accumulate), {}
            continue
        run.step += 1
        meter.add(values)
        if run.step % every.report == 0 or run.step == config.steps:
            meter.report(run.step, run.base_rate * share)
        better = _evaluate(run) if _is_due(run, every.evaluation) else {}
        if _is_due(run, every.sample) or run.control.take_sample():
            _sample(run)
        if run.guard.calm and (better or _is_due(run, every.checkpoint)):
            saved = _save(run, better) or saved
        meter.skip()
    if saved != run.step and _save(run, better) is None:
        raise CheckpointError("The last steps are lost, for their checkpoint could not be written.")
    if run.step and not run.best_metrics and run.evaluation_seconds < PATIENCE:
        # Whoever stops early is to know all the same what it came to.
        run.say(State("stopping", run.step))
        _save(run, _evaluate(run))
    return run.step >= config.steps


def _begin(run: Run) -> None:
    run.before = run.measure(run.training.model)
    if run.before:
        run.say(Sample(0, "", run.before))
    _sample(run)
    if _save(run) is None:
        raise CheckpointError("The run cannot begin, for its first checkpoint could not be written.")


def _judge_anew(run: Run) -> None:
    """Of a run that goes on: find out again how good the network was as it began."""
    run.say.warn(
        "What the run is judged by is not the same as before (its faces, networks or degradation): it is measured "
        "anew, and what was the best so far no longer counts."
    )
    network = run.original()
    if network is None:
        run.say.warn(
            "The model that the run began with is gone, so its result cannot be compared with it any more."
        )
        return
    run.before = run.measure(network)
    if run.before:
        run.say(Sample(0, "", run.before))


def _is_due(run: Run, every: int) -> bool:
    return run.step == run.config.steps or (every > 0 and run.step % every == 0)


def _stopping(run: Run, meter: ProgressMeter) -> bool:
    """Whether to stop; waits as long as the run is paused."""
    if run.control.paused and not run.control.stopping:
        run.training.release()
        release_memory()
        run.say(State("paused", run.step))
        while run.control.paused:
            run.control.wait(0.2)
            if run.control.take_sample():
                _sample(run)
                release_memory()
        run.say(State("stopping" if run.control.stopping else "running", run.step))
        meter.skip()
    return run.processes.any(run.control.stopping)


def _is_good(run: Run, values: Values, rate: float) -> bool:
    """Whether the last step may stay; else the run is back at its last checkpoint."""
    verdict = run.guard.judge(run.step, values, rate)
    for sentence in run.guard.warnings(values):
        run.say.warn(sentence)
    if verdict.action is Action.GO_ON:
        return True
    found = run.checkpoints.load_latest(run.say.warn)
    if verdict.action is Action.STOP or found is None:
        raise LostRunError(verdict.reason)
    run.say.warn(verdict.reason)
    run.step = found[0]
    run.training.load_state(found[1]["training"])
    return False


def _evaluate(run: Run) -> Metrics:
    """Measure the network; returns its metrics where they are the best so far, else none."""
    metrics = run.measure(run.training.model)
    if metrics:
        run.say(Sample(run.step, "", metrics))
    return metrics if score(metrics) > run.best else {}


def _sample(run: Run) -> None:
    if run.samples is None:
        return
    try:
        sheet = run.samples.write(run.training.model, run.step)
    except CoreError as error:
        run.say.warn(f"The samples are missing: {error}")
    else:
        run.say(Sample(run.step, "" if sheet is None else str(sheet)))


def _save(run: Run, better: Metrics | None = None) -> int | None:
    """Write a checkpoint, the best one if there are metrics that say so.

    Returns its step, or None when it could not be written, which is said.
    """
    if not run.processes.is_main:
        return run.step
    before = run.best, run.best_metrics
    if better:
        run.best, run.best_metrics = score(better), better
    try:
        path = run.checkpoints.save(run.step, run.state(), best=bool(better))
    except CheckpointError as error:
        run.best, run.best_metrics = before
        run.say.warn(
            f"{error} The run goes on from memory; what it has learned since the last one is not safe yet."
        )
        return None
    run.say(Checkpoint(run.step, str(path), bool(better)))
    return run.step
