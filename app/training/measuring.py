"""What a training would take on this machine: a child makes a few steps, takes them back and says so."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from app.training.process import Outcome, TrainingProcess, for_the_window
from core.errors import PhotoError
from core.files import write_atomically
from trainer.config import TrainConfig
from trainer.events import Event, Hello
from trainer.resolving import as_toml

log = logging.getLogger(__name__)

KNOWN = "training-times.json"
_KEPT = 200


@dataclass(frozen=True)
class Needs:
    """Seconds and bytes that a run takes; `problem` says why it cannot begin."""

    seconds: float = 0.0
    memory_bytes: int = 0
    problem: str = ""


class Measuring(QObject):
    """One measurement at a time; what was measured before is known. `folder` is the window's own."""

    changed = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._process = TrainingProcess(self)
        self._process.said.connect(self._on_said)
        self._process.ended.connect(self._on_ended)
        self._key, self._needs = "", Needs()
        self._known = self._read()
        self._problems: dict[str, str] = {}

    def known(self, config: TrainConfig) -> Needs | None:
        """What is known of a run, None where nothing is."""
        key = key_of(config)
        problem = self._problems.get(key)
        return Needs(problem=problem) if problem else self._known.get(key)

    def measures(self, config: TrainConfig) -> bool:
        """Whether this is being measured now."""
        return self._process.running and self._key == key_of(config)

    def measure(self, config: TrainConfig) -> None:
        """Measure a run, in place of another one that is being measured. `changed` tells when it is known."""
        if self.measures(config):
            return
        self.cancel()
        self._key, self._needs = key_of(config), Needs()
        self._problems.pop(self._key, None)
        plan = self._folder / "measured.toml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(plan, as_toml(config).encode())
        except (OSError, PhotoError) as error:
            log.warning("nothing is measured: %s", error)
            return
        trial = self._folder / "measured"
        shutil.rmtree(trial, ignore_errors=True)  # of a measurement that was cancelled
        self._process.start(["--estimate", "--config", str(plan), "--out", str(trial)])
        self.changed.emit()

    def cancel(self) -> None:
        """Measure nothing; the child is gone when this returns."""
        self._key = ""
        self._process.close()

    @Slot(object)
    def _on_said(self, event: Event) -> None:
        if isinstance(event, Hello):
            self._needs = Needs(event.seconds, event.memory_bytes)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        if not self._key:
            return
        if outcome.state == "failed":
            self._problems[self._key] = for_the_window(outcome.sentence)
        else:
            self._known[self._key] = self._needs
            self._write()
        self._key = ""
        self.changed.emit()

    def _read(self) -> dict[str, Needs]:
        try:
            rows = json.loads((self._folder / KNOWN).read_bytes())
            return {key: Needs(**row) for key, row in rows.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write(self) -> None:
        rows = {key: asdict(needs) for key, needs in list(self._known.items())[-_KEPT:]}
        try:
            write_atomically(self._folder / KNOWN, json.dumps(rows).encode())
        except PhotoError as error:
            log.warning("what was measured is forgotten with this window: %s", error)


def key_of(config: TrainConfig) -> str:
    """What a run takes depends on this alone: all settings, but for names."""
    bare = msgspec.structs.replace(config, name="", run_id="")
    return hashlib.sha256(as_toml(bare).encode()).hexdigest()[:24]
