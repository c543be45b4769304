"""What a run has said so far, as what there is to show of it. No Qt here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainer.events import Done, Error, Event, Hello, Sample, State, Step, Warning, read_events

ETA_STEPS = 30
"""Steps after which the run knows better than the trial steps how long it will take."""


class Curve:
    """A measurement over the steps."""

    def __init__(self) -> None:
        self.steps, self.values = array("d"), array("d")

    def add(self, step: int, value: float) -> None:
        """Take a value. A step that was there before means that the run went back: what followed is dropped."""
        while self.steps and self.steps[-1] >= step:
            self.steps.pop()
            self.values.pop()
        self.steps.append(step)
        self.values.append(value)


@dataclass
class History:
    """Folds events. sheets: sample pictures by their step; metrics: of held-out faces by step;
    warnings: of this start; log: all sentences."""

    hello: Hello | None = None
    first_step: int = 0
    last: Step | None = None
    state: str = ""
    done: Done | None = None
    error: str = ""
    curves: dict[str, Curve] = field(default_factory=dict)
    sheets: dict[int, Path] = field(default_factory=dict)
    metrics: dict[int, dict[str, float]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> History:
        """The history in a run's `events.jsonl`; an empty one where there is none."""
        history = cls()
        with suppress(OSError):
            history.take_all(read_events(path))
        return history

    def take_all(self, events: Iterable[Event]) -> None:
        """Take one event after the other."""
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Hello():
                self.hello, self.first_step = event, event.step
                self.state, self.done, self.error, self.last = "running", None, "", None
                self.warnings = list(event.off)
                self.log += [*event.off, *event.estimate]
            case Step():
                self.last = event
                for name, value in event.losses.items():
                    if value is not None:
                        self.curves.setdefault(name, Curve()).add(event.step, value)
            case Sample():
                if event.sheet:
                    self.sheets[event.step] = Path(event.sheet)
                if event.metrics:
                    self.metrics[event.step] = event.metrics
            case State():
                self.state = event.state
            case Warning():
                self.warnings.append(event.message)
                self.log.append(event.message)
            case Error():
                self.error = event.message
                self.log.append(event.message)
            case Done():
                self.state, self.done = event.state, event

    @property
    def step(self) -> int:
        """Steps done."""
        if self.done is not None and self.done.step:
            return self.done.step
        if self.last is not None:
            return self.last.step
        return self.hello.step if self.hello else 0

    @property
    def steps(self) -> int:
        """Steps in all, 0 where that is not known."""
        return self.hello.steps if self.hello else 0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take still: by the trial steps, and soon by the pace of the run. None when unknown."""
        if self.hello is None:
            return None
        if self.last is not None and self.last.step - self.first_step >= ETA_STEPS:
            return self.last.seconds_left
        if self.steps <= self.first_step or not self.hello.seconds:
            return self.last.seconds_left if self.last else None
        return self.hello.seconds * (self.steps - self.step) / (self.steps - self.first_step)
