"""What a training run says: one JSON object a line, on standard output for the window and in `events.jsonl`.

Each line has "event", the name of the class below in lower case, and "time", ISO 8601 in UTC; the other keys are
the class's fields. Readers leave out events and keys that they do not know, so that new ones can be added; what
would mislead an older reader raises `VERSION`. No torch here: the window reads this.
"""

from __future__ import annotations

import dataclasses
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from core.files import reason

VERSION = 1


@dataclass(frozen=True)
class Event:
    """Something that a run says."""


@dataclass(frozen=True)
class Hello(Event):
    """Said at each start; before it come only warnings, or the error that keeps the run from starting.

    step: steps done so far. batch: samples in a step, of all processes. parameters: how many are trained. terms:
    names of the loss terms that are on; off: sentences on those that are missing. estimate: sentences on time,
    memory and disk; seconds, memory_bytes: the numbers in them.
    """

    run: str
    folder: str
    preset: str
    step: int
    steps: int
    device: str
    precision: str
    batch: int
    processes: int
    parameters: int
    faces: int
    held_out: int
    terms: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    estimate: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory_bytes: int = 0
    version: int = VERSION


@dataclass(frozen=True)
class Step(Event):
    """step: steps done. losses: weighted terms and measurements, means since the last of these events; null where
    they are not finite. rate: the generator's learning rate. memory_bytes: at the peak."""

    step: int
    steps: int
    losses: dict[str, float]
    rate: float
    images_per_second: float
    seconds_left: float
    memory_bytes: int


@dataclass(frozen=True)
class Sample(Event):
    """sheet: path of the picture with held-out faces, "" without them. metrics: on held-out faces, where they were
    measured."""

    step: int
    sheet: str
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint(Event):
    step: int
    path: str
    best: bool


@dataclass(frozen=True)
class State(Event):
    """What the run does from now on."""

    state: Literal["running", "paused", "stopping"]
    step: int


@dataclass(frozen=True)
class Warning(Event):
    """The run goes on."""

    message: str


@dataclass(frozen=True)
class Error(Event):
    """The run ends; `Done` follows. memory: it needs more of that than there is."""

    message: str
    memory: bool = False


@dataclass(frozen=True)
class Done(Event):
    """The last. model: path of the finished model, name: what `restore --model` calls it; "" without one. metrics:
    on held-out faces, of the "inputs", "before" and "after"."""

    state: Literal["finished", "stopped", "failed"]
    step: int
    model: str = ""
    name: str = ""
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)


_EVENTS = {cls.__name__.lower(): cls for cls in Event.__subclasses__()}

Sink = Callable[[Event], None]
"""Takes events, and does not raise."""


class NewerVersionError(ValueError):
    """The run speaks a protocol that this program is too old for."""


def encode(event: Event) -> str:
    """One line, without its end. Numbers that are not finite become null, which JSON has instead."""
    head = {"event": type(event).__name__.lower(), "time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    return json.dumps({**head, **_finite(dataclasses.asdict(event))}, allow_nan=False)


def decode(line: str) -> Event | None:
    """The event of a line; None if it is none, or one that is not known here. Raises NewerVersionError for the
    hello of a newer protocol."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    if not isinstance(content, dict) or content.get("event") not in _EVENTS:
        return None
    cls = _EVENTS[content["event"]]
    if cls is Hello and content.get("version", 0) > VERSION:
        raise NewerVersionError("The training was started by a newer version of this program; update it.")
    known = {f.name for f in dataclasses.fields(cls)}
    try:
        return cls(**{key: value for key, value in content.items() if key in known})
    except TypeError:
        return None


def read_events(path: Path) -> Iterator[Event]:
    """The events in a file, without lines that a kill or a full disk cut off."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            event = decode(line)
            if event is not None:
                yield event


class EventLog:
    """Appends events to a file (None for none), and passes them on to `sinks`, one at a time whichever threads
    they come from. A disk that is full or gone is told to the sinks once; the run goes on."""

    def __init__(self, path: Path | None, *sinks: Sink) -> None:
        self._path, self._sinks = path, sinks
        self._told = False
        self._one_at_a_time = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._one_at_a_time:
            self._say(event)

    def _say(self, event: Event) -> None:
        try:
            self._append(encode(event))
        except OSError as error:
            if not self._told:
                self._told = True
                lost = Warning(f"'{self._path}' cannot be written ({reason(error)}); the run goes on without it.")
                self._pass_on(lost)
        self._pass_on(event)

    def warn(self, message: str) -> None:
        """Say a `Warning`."""
        self(Warning(message))

    def _append(self, line: str) -> None:
        if self._path is None:
            return
        # Opened for each line: a run takes weeks, in which a folder may be moved or a network share come back.
        with self._path.open("a+b") as file:
            file.seek(0, 2)
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    # A kill cut the last line off; this event must not be lost with it.
                    file.write(b"\n")
            file.write(line.encode() + b"\n")

    def _pass_on(self, event: Event) -> None:
        for sink in self._sinks:
            sink(event)


class JsonLines:
    """A sink that writes lines to a stream. When nobody reads any more it goes quiet: whoever started the run is
    gone, and the run hears of that by itself."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream: IO[str] | None = stream

    def __call__(self, event: Event) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(encode(event) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    return value
