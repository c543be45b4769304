"""Results go out: exported, copied, or shown where they lie."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from app.document.library import PhotoState
from app.export.dialog import ExportDialog
from app.export.dragging import Dragging
from app.export.exporter import Exporter
from app.export.plan import ExportOptions
from app.images import image_of
from app.notify import Level, Notifier
from app.settings.settings import SettingsStore
from app.workbench import Workbench
from core.encoding import OutputFormat
from core.types import Pixels


class Outgoing(QObject):
    """Asks for the options of an export once, remembers them, and tells how it ended. `folder` is where the
    program keeps its own files."""

    def __init__(
        self,
        bench: Workbench,
        notifier: Notifier,
        settings: SettingsStore,
        dragging: Dragging,
        folder: Path,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bench, self._notifier, self._settings, self._window = bench, notifier, settings, window
        self.exporter = Exporter(bench, self)
        self.dragging, self._folder = dragging, folder
        self.exporter.finished.connect(self._on_finished)
        self.dialog: ExportDialog | None = None
        self._leaving = False

    def may_close(self) -> bool:
        """Whether nothing is lost if the window closes now; else the user is asked."""
        if self._leaving or not self.exporter.busy:
            return True
        self._notifier.tell(
            self.tr("Photos are being exported; those that are not written yet would be missing."),
            Level.WARNING,
            action=(self.tr("Close all the same"), self._leave),
        )
        return False

    def _leave(self) -> None:
        self._leaving = True
        self._window.close()
        self._leaving = False  # something else may keep it open

    def close(self) -> None:
        """Wait for the file that is being written."""
        self.exporter.close()
        self.dragging.close()

    def dragged(self, keys: list[int]) -> QMimeData:
        """What stands for photos that are dragged out of the window."""
        return self.dragging.data_of(keys, self.remembered())

    @Slot(list)
    def ask(self, keys: list[int]) -> None:
        """Ask how to export these photos."""
        if self.exporter.busy:
            self._notifier.tell(self.tr("An export is under way; wait for its end, or cancel it."))
            return
        if not keys:
            self._notifier.tell(self.tr("No photo is restored yet."))
            return
        photos = [self._bench.library.entry(key) for key in keys]
        self.dialog = ExportDialog(photos, self.remembered(), self._window, self._folder)
        self.dialog.wanted.connect(self._on_wanted)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def remembered(self) -> ExportOptions:
        """The options of the last export."""
        value = self._settings.value
        return ExportOptions(
            folder=None if value.export_folder is None else Path(value.export_folder),
            pattern=value.export_pattern,
            format=OutputFormat(value.export_format),
            quality=value.export_quality,
            bits=value.export_bits,
            metadata=value.export_metadata,
            terms=value.export_terms,
        )

    @Slot()
    def export_current(self) -> None:
        """Export the photo in front of the user."""
        if self._bench.current is not None:
            self.ask([self._bench.current.key])

    @Slot()
    def export_restored(self) -> None:
        """Export all photos that are restored."""
        self.ask(self._bench.library.keys_in(PhotoState.DONE))

    @Slot(list, object)
    def _on_wanted(self, keys: list[int], options: ExportOptions) -> None:
        forced = self.dialog is not None and not self.dialog.beside.isEnabled()
        folder = None if options.folder is None else str(options.folder)
        self._settings.change(
            # What a pasted photo alone has to have is nobody's choice for others.
            export_folder=self._settings.value.export_folder if forced else folder,
            export_pattern=options.pattern,
            export_format=str(options.format),
            export_quality=options.quality,
            export_bits=options.bits,
            export_metadata=options.metadata,
            export_terms=options.terms,
        )
        self.exporter.export(keys, options)
        if self.exporter.waits and self._bench.engine.paused:
            self._notifier.tell(self.tr("Photos that are not restored yet are exported once the queue goes on."))

    @Slot(list, list)
    def _on_finished(self, files: list[Path], sentences: list[str]) -> None:
        level = Level.WARNING if sentences else Level.INFO
        if files:
            action = (self.tr("Show in folder"), lambda: self.reveal(files[0]))
            text = self.tr("%n file(s) exported.", "", len(files))
            self._notifier.tell(" ".join([text, *sentences[:1]]), level, "\n".join(sentences), action)
        else:
            text = " ".join(sentences[:1]) or self.tr("Nothing was exported.")
            self._notifier.tell(text, level, "\n".join(sentences))

    def reveal(self, path: Path) -> None:
        """Show the folder that a file lies in."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

    @Slot(int)
    def reveal_photo(self, key: int) -> None:
        """Show the folder that a photo lies in."""
        self.reveal(self._bench.library.entry(key).path)

    def copy(self, pixels: Pixels | None) -> None:
        """Put a picture on the clipboard."""
        if pixels is not None:
            QGuiApplication.clipboard().setImage(image_of(pixels))
            self._notifier.tell(self.tr("The photo was copied."))
