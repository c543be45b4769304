"""The strip of photos along the window's lower edge, and the queue they go through."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.document.library import PhotoLibrary, PhotoState, Role
from app.engine.controller import EngineController
from app.strip.delegate import HEIGHT
from app.strip.photo_list import PhotoList
from app.strip.thumbnails import Thumbnails
from app.theme import CONTROL, GRID, icon, themes


class PhotoStrip(QFrame):
    """Shows the library, and says what the user wants of it; the engine's progress is in its header."""

    current_changed = Signal(object)  # key or None
    restore_asked = Signal(list)
    remove_asked = Signal(list)
    cancel_asked = Signal(list)
    export_asked = Signal(list)
    reveal_asked = Signal(int)

    def __init__(self, library: PhotoLibrary, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("below")
        self._library, self._engine = library, engine
        self.thumbnails = Thumbnails(library, self)
        self.view = PhotoList()
        self.view.setModel(library)
        self.view.setAccessibleName(self.tr("Open photos"))
        self.count = QLabel()
        self.count.setObjectName("heading")
        self.words = QLabel()
        self.words.setObjectName("secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(24 * GRID)
        self.pause = QPushButton()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.retry = QPushButton()
        self.restore_selected = QPushButton()
        self.restore_all = QPushButton()
        self._lay_out()
        self._connect()
        self._restyle()
        self._update_header()

    def _lay_out(self) -> None:
        # As high whatever is in its header: the photo above it does not move.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        above = QWidget()
        above.setFixedHeight(CONTROL + GRID)
        header = QHBoxLayout(above)
        header.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        header.setSpacing(GRID)
        telling: list[QWidget] = [self.count, self.words, self.bar]
        for widget in telling:
            header.addWidget(widget)
        header.addStretch()
        for button in (self.pause, self.cancel, self.retry, self.restore_selected, self.restore_all):
            header.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(above)
        column.addWidget(self.view)

    def _connect(self) -> None:
        selection = self.view.selectionModel()
        selection.currentChanged.connect(self._on_current)
        selection.selectionChanged.connect(self._update_header)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self._library.rowsInserted.connect(self._update_header)
        self._library.rowsRemoved.connect(self._on_rows_removed)
        self._library.state_changed.connect(self._update_header)
        self._engine.queue_changed.connect(self._update_header)
        self.restore_all.clicked.connect(self._on_restore_all)
        self.restore_selected.clicked.connect(self._on_restore_selected)
        self.retry.clicked.connect(self._on_retry)
        self.view.moved.connect(self._on_moved)
        self.cancel.clicked.connect(self._on_cancel)
        self.pause.clicked.connect(self._on_pause)
        themes().changed.connect(self._restyle)
        self._action(self.tr("Remove from the list"), QKeySequence.StandardKey.Delete, self._on_remove)

    def _action(self, text: str, keys: QKeySequence.StandardKey, what: object) -> None:
        action = QAction(text, self.view)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(what)
        self.view.addAction(action)

    # What is chosen.

    def selected(self) -> list[int]:
        """The keys of the selected photos, in the order of the strip."""
        return self.view.selected_keys()

    def show_current(self, key: int | None) -> None:
        """Mark the photo in front of the user."""
        if key is None or key not in self._library:
            return
        index = self._library.index(self._library.row(key))
        if self.view.currentIndex() != index:
            self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.view.scrollTo(index)

    def step(self, by: int) -> None:
        """Go to a photo before or after the present one."""
        row = self.view.currentIndex().row() + by
        if 0 <= row < self._library.rowCount():
            self.show_current(self._library.entries[row].key)

    def close_threads(self) -> None:
        """Make no more thumbnails."""
        self.thumbnails.close()

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, index: QModelIndex, _: QModelIndex) -> None:
        self.current_changed.emit(index.data(Role.KEY) if index.isValid() else None)

    @Slot()
    def _on_rows_removed(self) -> None:
        """The view has made another photo the current one, but selected none."""
        selection = self.view.selectionModel()
        if not selection.hasSelection() and self.view.currentIndex().isValid():
            selection.select(self.view.currentIndex(), QItemSelectionModel.SelectionFlag.Select)
        self._update_header()

    # The header.

    @Slot()
    def _update_header(self) -> None:
        entries = self._library.entries
        self.setVisible(bool(entries))
        self.count.setText(self.tr("%n photo(s)", "", len(entries)))
        undone = self._undone()
        failed = self._library.keys_in(PhotoState.FAILED)
        chosen = self.selected()
        working = self._engine.busy or bool(self._engine.waiting)
        self.bar.setVisible(working)
        self.pause.setVisible(working)
        self.cancel.setVisible(working)
        self.restore_all.setText(self.tr("Restore all (%n)", "", len(undone)))
        self.restore_all.setVisible(bool(undone))
        self.retry.setText(self.tr("Try the failed again (%n)", "", len(failed)))
        self.retry.setVisible(bool(failed) and not working)
        self.restore_selected.setText(self.tr("Restore selected (%n)", "", len(chosen)))
        self.restore_selected.setVisible(len(chosen) > 1)
        self.pause.setText(self.tr("Go on") if self._engine.paused else self.tr("Pause"))
        self.words.setText(self._progress_in_words() if working else self._done_in_words())

    def _undone(self) -> list[int]:
        return self._library.keys_in(PhotoState.NEW, PhotoState.LOOKING, PhotoState.FOUND)

    def _done_in_words(self) -> str:
        done, failed = (len(self._library.keys_in(state)) for state in (PhotoState.DONE, PhotoState.FAILED))
        parts = [self.tr("%n restored", "", done)] if done else []
        parts += [self.tr("%n failed", "", failed)] if failed else []
        return ", ".join(parts)

    def _progress_in_words(self) -> str:
        pace, waiting = self._engine.pace, len(self._engine.waiting)
        running = self._library.keys_in(PhotoState.RESTORING)
        share = self._library.entry(running[0]).progress if running else 0.0
        total = max(pace.total, 1)
        self.bar.setValue(round(1000 * min((pace.done + share) / total, 1.0)))
        text = self.tr("{done} of {total}").format(done=min(pace.done + 1, total), total=total)
        if self._engine.paused:
            return self.tr("{progress}, paused").format(progress=text)
        seconds = pace.seconds_left(waiting, share)
        return text if seconds is None else f"{text}, {self.duration_in_words(seconds)}"

    def duration_in_words(self, seconds: float) -> str:
        """What is left of a queue, as somebody would say it."""
        if seconds < 55:
            return self.tr("less than a minute left")
        minutes = round(seconds / 60)
        if minutes < 60:
            return self.tr("about %n minute(s) left", "", minutes)
        return self.tr("about %n hour(s) left", "", round(minutes / 60))

    @Slot()
    def _restyle(self) -> None:
        self.restore_all.setIcon(icon("creation"))
        self.view.viewport().update()

    # What is asked for.

    @Slot()
    def _on_restore_all(self) -> None:
        self.restore_asked.emit(self._undone())

    @Slot()
    def _on_restore_selected(self) -> None:
        self.restore_asked.emit(self.selected())

    @Slot()
    def _on_retry(self) -> None:
        self.restore_asked.emit(self._library.keys_in(PhotoState.FAILED))

    @Slot(list, int)
    def _on_moved(self, keys: list[int], row: int) -> None:
        self._library.move(keys, row)
        self._engine.reorder([entry.key for entry in self._library.entries])

    @Slot()
    def _on_cancel(self) -> None:
        self.cancel_asked.emit([])

    @Slot()
    def _on_pause(self) -> None:
        if self._engine.paused:
            self._engine.resume()
        else:
            self._engine.pause()

    @Slot()
    def _on_remove(self) -> None:
        self.remove_asked.emit(self.selected())

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        keys = self.selected()
        if not keys:
            return
        menu = QMenu(self)
        states = {self._library.entry(key).state for key in keys}
        again = states <= {PhotoState.FAILED, PhotoState.DONE}
        restore = menu.addAction(self.tr("Restore again") if again else self.tr("Restore"))
        cancel = menu.addAction(self.tr("Cancel"))
        cancel.setEnabled(bool(states & {PhotoState.QUEUED, PhotoState.RESTORING}))
        menu.addSeparator()
        export = menu.addAction(self.tr("Export…"))
        reveal = menu.addAction(self.tr("Show in folder"))
        remove = menu.addAction(self.tr("Remove from the list"))
        chosen = menu.exec(self.view.viewport().mapToGlobal(at))
        menu.deleteLater()
        if chosen is restore:
            self.restore_asked.emit(keys)
        elif chosen is cancel:
            self.cancel_asked.emit(keys)
        elif chosen is export:
            self.export_asked.emit(keys)
        elif chosen is reveal:
            self.reveal_asked.emit(keys[0])
        elif chosen is remove:
            self.remove_asked.emit(keys)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as it needs."""
        return QSize(600, HEIGHT + 72)
