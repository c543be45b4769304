"""The one training of this window: it is begun, watched, paused, stopped, and gone on with after a crash."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.settings.background_work import BackgroundWork
from app.training.history import History
from app.training.process import Outcome, TrainingProcess
from app.training.runs import read_run
from core.errors import PhotoError
from core.files import write_atomically
from trainer.config import TrainConfig
from trainer.events import Done, Event, Hello
from trainer.resolving import as_toml
from trainer.run_folder import RunFolder

log = logging.getLogger(__name__)

PLAN, MARK = "plan.toml", "training.json"


class TrainingController(QObject):
    """Owns the child process. `folder` is the window's own: the plan of a run that begins lies there, and a mark
    while a run is on, so that the next window can offer to go on with it."""

    began = Signal()  # another run than before
    changed = Signal()  # anything about it
    said = Signal(object)  # Event
    ended = Signal(object)  # Outcome
    models_changed = Signal()
    room_asked = Signal()  # somebody should give memory back, and then call `try_again`

    def __init__(
        self, folder: Path, process: TrainingProcess | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.process = process or TrainingProcess(self)
        self.process.setParent(self)
        self.folder = folder
        self.run: RunFolder | None = None
        self.history = History()
        self.outcome: Outcome | None = None
        self.stopping = False
        self._arguments: list[str] = []
        self._reading = BackgroundWork(self)
        self._reading.returned.connect(self._on_read)
        self._made_room = self._waiting = self._closed = False
        self.process.said.connect(self._on_said)
        self.process.muttered.connect(self._on_muttered)
        self.process.ended.connect(self._on_ended)

    @property
    def running(self) -> bool:
        """Whether a run is on, paused ones included, and one that is about to go on."""
        return self.process.running or self._waiting

    @property
    def paused(self) -> bool:
        """Whether it rests."""
        return self.running and self.history.state == "paused"

    def begin(self, config: TrainConfig, folder: Path) -> None:
        """Begin a run in a folder that has none. Raises PhotoError where the plan cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / PLAN, as_toml(config).encode())
        self._start(folder, ["--config", str(self.folder / PLAN)], History())

    def go_on(self, folder: Path, steps: int | None = None) -> None:
        """Go on with a run from its last checkpoint, up to `steps` where given."""
        longer = [] if steps is None else ["--set", f"steps={steps}"]
        self._read(folder, ["--resume", *longer])

    def show(self, folder: Path) -> None:
        """Look at a run that is over."""
        self._read(folder, None)

    def pause(self) -> None:
        """Rest after this step; most of the memory is free then."""
        self.process.tell("pause")

    def resume(self) -> None:
        """Go on."""
        self.process.tell("resume")

    def sample(self) -> None:
        """Show the held-out faces after this step."""
        self.process.tell("sample")

    def stop(self) -> None:
        """Save, make a model of what was learned, and end."""
        self.stopping = True
        self.process.stop()
        self.changed.emit()

    def close(self) -> None:
        """The window is gone: what runs still is ended. Its last checkpoint stays, and so does the mark."""
        self._closed = True
        self._reading.close()
        self.process.close()

    def interrupted(self) -> Path | None:
        """The run that was on when the last window went away without an answer, None where there is none."""
        marked = self._marked()
        if marked is None or marked.in_use:
            return None
        run = read_run(marked.path)
        return None if run is None or run.state in ("finished", "running") else marked.path

    def forget_interrupted(self) -> None:
        """Do not offer it again."""
        with suppress(OSError):
            (self.folder / MARK).unlink()

    def _marked(self) -> RunFolder | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return RunFolder(Path(json.loads((self.folder / MARK).read_bytes())["run"]))
        return None

    @Slot()
    def try_again(self) -> None:
        """Memory was given back: begin once more."""
        if self._waiting and self._made_room:
            self._waiting = False
            self.process.start(self._arguments)
            self.changed.emit()

    def _read(self, folder: Path, arguments: list[str] | None) -> None:
        """Read what a run said before, which may be long, and then go on with these arguments, if any."""
        if not self.running and not self._reading.busy:
            self._waiting = arguments is not None
            self._reading.start(lambda *_: (folder, arguments, History.read(RunFolder(folder).events)))

    @Slot(object)
    def _on_read(self, outcome: tuple[Path, list[str] | None, History]) -> None:
        folder, arguments, history = outcome
        self._waiting = False
        if arguments is not None:
            self._start(folder, arguments, history)
        else:
            self.run, self.history, self.outcome = RunFolder(folder), history, None
            self.began.emit()

    def _start(self, folder: Path, arguments: Sequence[str], history: History) -> None:
        if self.running or self._closed:
            return
        self.run, self.history, self.outcome, self.stopping = RunFolder(folder), history, None, False
        self.history.done, self.history.state = None, "starting"
        self._made_room = self._waiting = False
        self._arguments = [*arguments, "--out", str(folder)]
        self._mark(folder)
        self.process.start(self._arguments)
        self.began.emit()

    def _mark(self, folder: Path) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / MARK, json.dumps({"run": str(folder)}).encode())
        except (OSError, PhotoError) as error:
            log.warning("a training that is interrupted will not be offered again: %s", error)

    @Slot(object)
    def _on_said(self, event: Event) -> None:
        self.history.take(event)
        self.said.emit(event)
        if isinstance(event, Hello):
            self._made_room = True  # it fits; what happens later has other reasons
        if isinstance(event, Done) and event.name:
            self.models_changed.emit()

    @Slot(str)
    def _on_muttered(self, line: str) -> None:
        self.history.log.append(line)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        if self._closed:
            return
        if outcome.lacks_memory and not self._made_room:
            self._made_room = self._waiting = True
            self.room_asked.emit()
            return
        self.outcome, self.stopping = outcome, False
        self.history.state = outcome.state
        marked = self._marked()
        if marked is not None and self.run is not None and marked.path == self.run.path:
            self.forget_interrupted()  # another window's mark stays
        self.ended.emit(outcome)
        self.changed.emit()
