"""How photos come into the window: files, folders and pictures, dropped or pasted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from app.threads import WorkThread
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
        self._thread = WorkThread(self)
        self._cancel = CancelToken()

    def find(self, paths: Sequence[Path]) -> None:
        """Tell, some time later, of the photos that these are and hold."""
        paths = list(paths)
        self._thread.run(lambda: self._look(paths))

    def close(self) -> None:
        """Look no further."""
        self._cancel.cancel()
        self._thread.close()

    def _look(self, paths: Sequence[Path]) -> None:
        with suppress(Cancelled):
            found = find_photos(paths, recursive=True, cancel=self._cancel)
            self.found.emit([file.path.absolute() for file in found])


def dialog_filter(all_photos: str) -> str:
    """The filter of a file dialog."""
    endings = " ".join(f"*{suffix}" for suffix in sorted(PHOTO_SUFFIXES))
    return f"{all_photos} ({endings} {endings.upper()})"
