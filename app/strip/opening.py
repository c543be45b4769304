"""How photos come into the window: files, folders and pictures, dropped or pasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QRunnable, QThreadPool, Signal, Slot
from PySide6.QtGui import QImage

from core.errors import Cancelled
from core.files import PHOTO_SUFFIXES, find_photos
from core.progress import CancelToken


def has_photos(data: QMimeData) -> bool:
    """Whether something that is dragged or on the clipboard could be photos."""
    return data.hasImage() or any(url.isLocalFile() for url in data.urls())


def paths_in(data: QMimeData) -> list[Path]:
    """The files and folders that are dragged or on the clipboard."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def save_picture(data: QMimeData, folder: Path) -> Path | None:
    """A picture from the clipboard as a file in `folder`, None where there is none or it cannot be written."""
    image = data.imageData()
    if not isinstance(image, QImage) or image.isNull():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pasted {datetime.now():%Y-%m-%d %H-%M-%S}.png"
    return path if image.save(str(path)) else None


class Finder(QObject):
    """Finds the photos in files and folders off the GUI thread; folders on a share take their time."""

    found = Signal(list)  # paths

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._cancel = CancelToken()

    def find(self, paths: Sequence[Path]) -> None:
        """Tell, some time later, of the photos that these are and hold."""
        self._pool.start(_Task(list(paths), self.found.emit, self._cancel))

    def close(self) -> None:
        """Look no further."""
        self._cancel.cancel()
        self._pool.waitForDone()


class _Task(QRunnable):
    def __init__(self, paths: list[Path], tell: Callable[[list[Path]], None], cancel: CancelToken) -> None:
        super().__init__()
        self._paths, self._tell, self._cancel = paths, tell, cancel

    @Slot()
    def run(self) -> None:
        with suppress(Cancelled):
            found = find_photos(self._paths, recursive=True, cancel=self._cancel)
            self._tell([file.path.absolute() for file in found])


def dialog_filter(all_photos: str) -> str:
    """The filter of a file dialog."""
    endings = " ".join(f"*{suffix}" for suffix in sorted(PHOTO_SUFFIXES))
    return f"{all_photos} ({endings} {endings.upper()})"
