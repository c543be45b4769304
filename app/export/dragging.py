"""Restored photos dragged out of the window: files that are written when somebody asks for them."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMetaType, QMimeData, QUrl

from app.document.library import PhotoState
from app.export.job import export_photo
from app.export.plan import ExportOptions
from app.workbench import Workbench
from core.errors import CoreError
from core.outputs import OnExists, Outputs
from core.progress import CancelToken

log = logging.getLogger(__name__)

MOST = 10
"""Photos that are dragged at once; the program that they are dropped on waits for the last one."""

_URLS = "text/uri-list"


class DraggedPhotos(QMimeData):
    """The files of photos, written once they are asked for: nobody does where photos are only put into another
    order. Who takes them waits for that."""

    def __init__(self, write: Callable[[], list[Path]]) -> None:
        super().__init__()
        self._write = write
        self._paths: list[Path] | None = None

    def paths(self) -> list[Path]:
        """The files; those that could not be written are left out."""
        if self._paths is None:
            self._paths = self._write()
        return self._paths

    def formats(self) -> list[str]:
        """A list of addresses."""
        return [_URLS]

    def hasFormat(self, name: str) -> bool:  # noqa: N802
        """Whether it is asked for as that."""
        return name == _URLS

    def retrieveData(self, name: str, _: QMetaType | QMetaType.Type) -> object:  # noqa: N802
        """The addresses of the files."""
        return [QUrl.fromLocalFile(str(path)) for path in self.paths()] if name == _URLS else None


class Dragging:
    """Writes photos that are dragged out into `folder`, from where they are copied.

    `empties` removes what lies there of earlier starts: only the first of several windows may, for what another
    dragged out may be in use.
    """

    def __init__(self, bench: Workbench, folder: Path, empties: bool = True) -> None:
        self._bench, self.folder = bench, folder
        self._executor = ThreadPoolExecutor(1, "drag")
        if empties:
            self._executor.submit(shutil.rmtree, folder, ignore_errors=True)
        self._cancel = CancelToken()

    def data_of(self, keys: list[int], options: ExportOptions) -> QMimeData:
        """What stands for these photos while they are dragged: nothing for those that are not restored, or where
        there are more than `MOST`."""
        library = self._bench.library
        done = [k for k in keys if library.entry(k).state is PhotoState.DONE and not self._bench.lacks(k)]
        if not done or len(done) > MOST:
            return QMimeData()
        options = replace(options, on_exists=OnExists.UNIQUE, crops=False, before_after=False, animation=False)
        work = [self._work(key, number, options) for number, key in enumerate(done, 1)]
        return DraggedPhotos(partial(self._write, work))

    def close(self) -> None:
        """Write no more."""
        self._cancel.cancel()
        self._executor.shutdown(cancel_futures=True)

    def _write(self, work: list[Callable[[], Path | None]]) -> list[Path]:
        if self._cancel.cancelled:
            return []
        # By the thread that empties the folder, and so after that.
        futures = [self._executor.submit(each) for each in work]
        return [path for path in (future.result() for future in futures) if path is not None]

    def _work(self, key: int, number: int, options: ExportOptions) -> Callable[[], Path | None]:
        bench, entry = self._bench, self._bench.library.entry(key)
        decisions, path, cancel = entry.decisions, entry.path, self._cancel
        # A folder for each: the name that is dropped has no number because something was dragged before.
        folder = self.folder / secrets.token_hex(8)

        def write() -> Path | None:
            try:
                return export_photo(
                    path,
                    decisions,
                    number,
                    replace(options, folder=folder),
                    bench.photos,
                    bench.shelf,
                    lambda folder: Outputs(folder, OnExists.UNIQUE),
                    cancel,
                ).files[0]
            except CoreError as error:
                log.warning("%s could not be dragged: %s", path, error)
                return None

        return write
