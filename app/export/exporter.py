"""Exports photos off the GUI thread, one after the other; those that are not restored yet are restored first."""

from __future__ import annotations

import functools
import logging
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.document.library import PhotoState
from app.export.job import Exported, export_photo
from app.export.plan import ExportOptions
from app.threads import WorkThread
from app.translation import translated
from app.workbench import Workbench
from core.errors import Cancelled, CoreError
from core.outputs import Outputs
from core.progress import CancelToken

log = logging.getLogger(__name__)


class Exporter(QObject):
    """One export at a time. `progressed` tells done and total; `finished` the files and what went wrong."""

    progressed = Signal(int, int)
    finished = Signal(list, list)  # paths, sentences
    _ended = Signal(int, object)  # key, Exported or sentence or None when cancelled

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._thread = WorkThread(self)
        self._waiting: deque[int] = deque()
        self._numbers: dict[int, int] = {}
        self._writing: int | None = None
        self._restoring: set[int] = set()
        self._files: list[Path] = []
        self._sentences: list[str] = []
        self._options = ExportOptions()
        self._cancel = CancelToken()
        self._ended.connect(self._on_ended)
        workbench.library.state_changed.connect(self._on_state_changed)
        workbench.library.removed.connect(self._on_removed)

    @property
    def busy(self) -> bool:
        """Whether an export runs."""
        return bool(self._numbers)

    @property
    def waits(self) -> bool:
        """Whether it waits for photos to be restored."""
        return bool(self._restoring)

    def export(self, keys: Sequence[int], options: ExportOptions) -> None:
        """Export these photos in this order. Call it only while none runs."""
        if self.busy or not keys:
            return
        self._numbers = {key: number for number, key in enumerate(keys, 1)}
        self._waiting, self._options, self._cancel = deque(keys), options, CancelToken()
        self._files, self._sentences = [], []
        inputs = [entry.path for entry in self._workbench.library.entries]
        self._outputs_of = functools.cache(lambda folder: Outputs(folder, options.on_exists, inputs))
        library = self._workbench.library
        undone = [k for k in keys if library.entry(k).state is not PhotoState.DONE or self._workbench.lacks(k)]
        self._restoring = set(undone)
        if undone:
            self._workbench.restore(undone)
        self.progressed.emit(0, len(keys))
        self._go_on()

    def cancel(self) -> None:
        """Write no more files; what is written stays. Photos that are being restored go on being so."""
        self._cancel.cancel()
        self._waiting.clear()
        self._restoring.clear()
        self._go_on()

    def close(self) -> None:
        """Stop, and wait for what is being written."""
        self._cancel.cancel()
        self._waiting.clear()
        self._restoring.clear()
        self._thread.close()

    def _go_on(self) -> None:
        while self.busy and self._writing is None:
            ready = next((key for key in self._waiting if key not in self._restoring), None)
            if ready is None:
                break
            self._waiting.remove(ready)
            if ready in self._workbench.library:
                self._writing = ready
                self._thread.run(functools.partial(self._write, ready, self._work(ready)))
        if self.busy and self._writing is None and not self._waiting:
            total, self._numbers = len(self._numbers), {}
            self.progressed.emit(total, total)
            self.finished.emit(self._files, self._sentences)

    def _work(self, key: int) -> functools.partial[Exported]:
        entry, bench = self._workbench.library.entry(key), self._workbench
        return functools.partial(
            export_photo,
            entry.path,
            entry.decisions,
            self._numbers[key],
            self._options,
            bench.photos,
            bench.shelf,
            self._outputs_of,
            self._cancel,
        )

    def _write(self, key: int, work: Callable[[], Exported]) -> None:
        self._ended.emit(key, _outcome(work))

    @Slot(int, object)
    def _on_ended(self, _: int, outcome: object) -> None:
        self._writing = None
        if isinstance(outcome, Exported):
            self._files += outcome.files
            self._sentences += map(translated, outcome.notes)
        elif isinstance(outcome, str):
            self._sentences.append(translated(outcome))
        self.progressed.emit(len(self._numbers) - len(self._waiting), len(self._numbers))
        self._go_on()

    @Slot(int)
    def _on_state_changed(self, key: int) -> None:
        if key not in self._restoring:
            return
        entry = self._workbench.library.entry(key)
        if entry.state is PhotoState.DONE:
            self._restoring.discard(key)
            self._go_on()
        elif entry.state in (PhotoState.FAILED, PhotoState.FOUND, PhotoState.NEW):
            self._restoring.discard(key)
            self._waiting.remove(key)
            why = translated(entry.reason) or self.tr("'{name}' was not restored.").format(name=entry.name)
            self._sentences.append(why)
            self._go_on()

    @Slot(list)
    def _on_removed(self, keys: list[int]) -> None:
        self._restoring -= set(keys)
        self._waiting = deque(key for key in self._waiting if key not in keys)
        self._go_on()


def _outcome(work: Callable[[], Exported]) -> Exported | str | None:
    """What was exported, why nothing was, or None where it was cancelled."""
    try:
        return work()
    except Cancelled:
        return None
    except CoreError as error:
        return str(error)
    except Exception as error:
        log.warning("export", exc_info=error)
        return f"A photo could not be exported ({type(error).__name__}: {error})."
