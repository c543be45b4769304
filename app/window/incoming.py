"""Photos come in: from dialogs, the clipboard, and what is dropped onto the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from app.notify import Notifier
from app.strip.opening import Finder, dialog_filter, paths_in, save_picture
from app.workbench import Workbench


class Incoming(QObject):
    """Opens photos on the workbench. Pictures without a file are saved in `folder` first."""

    def __init__(self, bench: Workbench, notifier: Notifier, folder: Path, window: QWidget) -> None:
        super().__init__(window)
        self._bench, self._notifier, self._folder, self._window = bench, notifier, folder, window
        self._finder = Finder(self)
        self._finder.found.connect(self._on_found)

    def open(self, paths: Sequence[Path]) -> None:
        """Open files, and the photos in folders."""
        self._finder.find(paths)

    def take(self, data: QMimeData) -> bool:
        """Open what is dropped or pasted; returns whether there was anything to open."""
        if paths := paths_in(data):
            self.open(paths)
            return True
        path = save_picture(data, self._folder)
        if path is not None:
            self.open([path])
        return path is not None

    def close(self) -> None:
        """Look through no more folders."""
        self._finder.close()

    @Slot()
    def ask_for_photos(self) -> None:
        """Open what the user picks."""
        kinds = dialog_filter(self.tr("Photos"))
        names, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Open photos"), "", kinds)
        if names:
            self.open([Path(name) for name in names])

    @Slot()
    def ask_for_folder(self) -> None:
        """Open the photos in a folder that the user picks."""
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of photos"))
        if name:
            self.open([Path(name)])

    @Slot()
    def paste(self) -> None:
        """Open what is on the clipboard."""
        if not self.take(QGuiApplication.clipboard().mimeData()):
            self._notifier.tell(self.tr("There is no photo on the clipboard."))

    @Slot(list)
    def _on_found(self, paths: list[Path]) -> None:
        if paths:
            self._bench.open(paths)
        else:
            self._notifier.tell(self.tr("There are no photos in there."))
