"""The window: puts its parts together, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, QUrl, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.actions import MODES, TOOLS, Actions
from app.document.journal import SESSION
from app.document.library import QUEUE, PhotoState
from app.empty_state import EmptyState
from app.engine.wakelock import Wakelock
from app.engine.workshop import OpenAssembly
from app.export.dragging import Dragging
from app.export.progress import ExportProgress
from app.faces.panel import FacePanel
from app.logs import LOG
from app.message_bar import MessageBar
from app.notify import Level, Notifier
from app.photo_options import PhotoOptions
from app.settings.absent_models import forget_absent_models
from app.settings.settings import SETTINGS, AppSettings, SettingsStore
from app.strip.opening import has_photos
from app.strip.strip import PhotoStrip
from app.theme import GRID, apply_theme
from app.viewer.compare import Divider
from app.viewer.photo_view import PhotoView
from app.viewer.straighten_view import StraightenView
from app.viewer.tools import Tool
from app.window.bars import TURNS, ZOOMS, MenuBar, ToolBar
from app.window.closing import Closing
from app.window.incoming import Incoming
from app.window.keys import KeysDialog
from app.window.outgoing import Outgoing
from app.window.preferences import Preferences
from app.window.presenter import Presenter
from app.window.session import Session
from app.window.training import Training
from app.workbench import Workbench

if TYPE_CHECKING:
    from core.assembly import Assembly

TITLE = "GFP-GAN Desktop"


class MainWindow(QMainWindow):
    """The program's one window. `folder` is where its settings and sessions lie; `open_assembly` opens networks in
    another way than the settings say."""

    def __init__(self, folder: Path, open_assembly: OpenAssembly | None = None) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setMinimumSize(QSize(760, 520))
        self.settings = SettingsStore(folder / SETTINGS, self)
        self._target = self.settings.value.target
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.settings.value.theme)
        self.notifier = Notifier(self)
        self.bench = Workbench(
            open_assembly or self._open_assembly,
            folder / SESSION,
            lambda: self.settings.value.decisions,
            self,
        )
        self.session = Session(self.bench, self.notifier, self.settings, folder / SESSION, self)
        self.wakelock = Wakelock(self)
        self.does = Actions(self)
        self.view, self.straighten, self.empty = PhotoView(), StraightenView(), EmptyState()
        self.panel, self.options = FacePanel(), PhotoOptions()
        self.strip = PhotoStrip(self.bench.library, self.bench.engine)
        self.messages = MessageBar()
        self.closing = Closing(self.bench, self.notifier, self.messages, self)
        self.incoming = Incoming(self.bench, self.notifier, folder / "pasted", self)
        dragging = Dragging(self.bench, folder / "dragged", empties=self.session.journal.is_ours)
        self.outgoing = Outgoing(self.bench, self.notifier, self.settings, dragging, folder, self)
        self.exporting = ExportProgress(self.outgoing.exporter)
        self.training = Training(self.bench, self.notifier, self.settings, folder, self)
        self.presenter = Presenter(self.bench, self.view, self.straighten, self.panel, self.options, self)
        self.preferences = Preferences(self.settings, self.training, folder, self)
        self._folder = folder
        self._lay_out()
        self.setMenuBar(MenuBar(self.does, self.bench.undo))
        self.tools = ToolBar(self.does)
        self.addToolBar(self.tools)
        self._connect()
        self._show_photo(None)

    # Putting together.

    def _lay_out(self) -> None:
        self.stack = QStackedWidget()
        pages: list[QWidget] = [self.empty, self.view, self.straighten]
        for page in pages:
            self.stack.addWidget(page)
        self.side = QFrame()
        self.side.setObjectName("side")
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        self.panel.add_above(self.options)
        side.addWidget(self.panel, 1)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.training.question)
        left.addWidget(self.messages)
        left.addWidget(self.exporting)
        left.addWidget(self.stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addLayout(left, 1)
        upper.addWidget(self.side)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        does = self.does
        slots = {
            "open": self.incoming.ask_for_photos,
            "open_folder": self.incoming.ask_for_folder,
            "paste": self.incoming.paste,
            "settings": self.preferences.show,
            "quit": self.close,
            "keys": self._show_keys,
            "log": self._show_log,
            "about": self.preferences.show_about,
            "export": self.outgoing.export_current,
            "export_all": self.outgoing.export_restored,
            "copy": lambda: self.outgoing.copy(self.presenter.result),
            "restore": self._restore,
            "restore_all": self._restore_all,
            "next": lambda: self.strip.step(1),
            "previous": lambda: self.strip.step(-1),
            "first": lambda: self.bench.show_at(0),
            "last": lambda: self.bench.show_at(-1),
            "turn_left": lambda: self.bench.turn(3),
            "turn_right": lambda: self.bench.turn(1),
            "straighten": self._straighten,
            "fit": self.view.zoom_to_fit,
            "actual": lambda: self.view.zoom_to(1.0),
            "zoom_in": self.view.zoom_in,
            "zoom_out": self.view.zoom_out,
            "turn_divider": self._turn_divider,
        }
        for name in ("restore", "restore_all", "export", "export_all"):
            does[name].triggered.connect(self._finish_straightening)
        for name, slot in slots.items():
            does[name].triggered.connect(slot)
        for name, mode in MODES.items():
            does[name].triggered.connect(lambda _, mode=mode: self.view.set_mode(mode))
        for name, tool in TOOLS.items():
            does[name].triggered.connect(lambda _, tool=tool: self._set_tool(tool))
        does["marks"].toggled.connect(self.view.set_marks_visible)
        does["apart"].toggled.connect(lambda apart: self.view.set_synchronised(not apart))
        for name in ("slider", "pan", "marks"):
            does[name].setChecked(True)
        self._connect_parts()

    def _connect_parts(self) -> None:
        bench, strip = self.bench, self.strip
        bench.current_changed.connect(self._show_photo)
        bench.said.connect(self.notifier.say)
        bench.shown.connect(self._update_actions)
        bench.pictures.failed.connect(self._update_actions)
        bench.library.state_changed.connect(self._update_actions)
        bench.engine.told.connect(self.notifier.tell)
        bench.engine.queue_changed.connect(self._on_queue)
        self.notifier.told.connect(self.messages.show_notice)
        self.settings.changed.connect(self._on_settings)
        self.empty.open_asked.connect(self.incoming.ask_for_photos)
        self.empty.models_asked.connect(self.preferences.show_models)
        self.view.scale_changed.connect(self.tools.show_scale)
        self.presenter.tool_changed.connect(self._set_tool)
        self.straighten.accepted.connect(self._show_view)
        self.straighten.cancelled.connect(self._show_view)
        self.preferences.models_changed.connect(self._on_models)
        self.training.tried.connect(self._try_models)
        strip.current_changed.connect(bench.show)
        strip.restore_asked.connect(self._finish_straightening)
        strip.export_asked.connect(self._finish_straightening)
        strip.restore_asked.connect(bench.restore)
        strip.remove_asked.connect(self.closing.close_photos)
        strip.cancel_asked.connect(lambda keys: bench.engine.cancel(keys or None))
        strip.export_asked.connect(self.outgoing.ask)
        strip.reveal_asked.connect(self.outgoing.reveal_photo)
        strip.view.data_of = self.outgoing.dragged

    # The first moments, and the last.

    def place(self) -> None:
        """Come to where the window was the last time; at first as large as suits, as far as the screen goes."""
        place = QByteArray.fromBase64((self.settings.value.window or "").encode())
        if place.isEmpty() or not self.restoreGeometry(place):
            room = self.screen().availableGeometry().size() - QSize(4 * GRID, 8 * GRID)
            self.resize(self.size().boundedTo(room))

    def begin(self, paths: Sequence[Path], crash: str = "") -> None:
        """What follows once the window is on the screen."""
        forget_absent_models(self.settings)
        self.presenter.refresh_models()
        self.session.begin(crash)
        self.training.begin()
        if paths:
            self.incoming.open(paths)

    @Slot(list)
    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open photos and folders that the desktop asks for, if any, and come to the front."""
        if paths:
            self.incoming.open(paths)
        self.training.come_back()

    def report_mistake(self, what: str) -> None:
        """Say that the program made a mistake; the log has it all."""
        sentence = self.tr("The program made a mistake. Your photos and decisions are safe; please report this.")
        self.notifier.tell(sentence, Level.ERROR, what, (self.tr("Open the log"), self._show_log))

    @Slot()
    def _on_models(self) -> None:
        """There are other models on this machine than before."""
        forget_absent_models(self.settings)
        self.presenter.refresh_models()
        self.empty.refresh()
        self.training.refresh_models()
        self.bench.engine.forget_models()

    @Slot()
    def _try_models(self) -> None:
        """Let every model restore the first face, beside one another."""
        entry = self.bench.current
        if entry is not None and entry.decisions.faces:
            self.panel.choose(self.panel.index or 0)
            self.panel.compare.click()

    @Slot()
    def _show_keys(self) -> None:
        dialog = KeysDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _show_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder / LOG)))

    @Slot(object)
    def _on_settings(self, settings: AppSettings) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, settings.theme)
        if settings.target != self._target:
            self._target = settings.target
            self.bench.engine.forget_models()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """End the threads; but neither a training nor an export is ended without a question."""
        if not (self.training.may_close() and self.outgoing.may_close()):
            event.ignore()
            return
        if self.isVisible():
            self.settings.change(window=bytes(self.saveGeometry().toBase64().data()).decode())
        with ExitStack() as closing:  # the last one first, and each whatever becomes of the others
            closing.callback(super().closeEvent, event)
            closing.callback(self.bench.close)
            closing.callback(self.strip.close_threads)
            closing.callback(self.wakelock.set, False)
            closing.callback(self.outgoing.close)
            closing.callback(self.incoming.close)
            closing.callback(self.session.close)
            closing.callback(self.preferences.close)
            closing.callback(self.training.close)
            closing.callback(self._finish_straightening)  # the session goes on from it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Photos may be dropped anywhere, but not the window's own."""
        if event.source() is None and has_photos(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what is dropped."""
        event.acceptProposedAction()
        self.incoming.take(event.mimeData())

    def _open_assembly(self, model: str | None, background: str) -> Assembly:
        """For the engine's thread."""
        from core.assembly import assemble
        from core.devices import choose_target

        target = choose_target(*self.settings.value.target)
        return assemble(model, target=target, tell=self.bench.engine.told.emit, background=background)

    # What the parts say to one another through the window.

    @Slot(object)
    def _show_photo(self, key: int | None) -> None:
        entry = self.bench.current
        self._show_view()
        self.side.setVisible(entry is not None)
        self.strip.show_current(key)
        self._on_queue()
        self._update_actions()

    @Slot()
    def _on_queue(self) -> None:
        """The queue's progress and the photo's name, where the desktop shows windows."""
        entry, engine = self.bench.current, self.bench.engine
        parts = [TITLE] if entry is None else [entry.name, TITLE]
        if engine.busy and engine.pace.total > 1:
            parts.insert(0, f"{min(engine.pace.done + 1, engine.pace.total)}/{engine.pace.total}")
        self.setWindowTitle(" – ".join(parts))  # noqa: RUF001
        self.wakelock.set(engine.busy)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setBadgeNumber(max(0, engine.pace.total - engine.pace.done) if engine.busy else 0)

    @Slot()
    def _show_view(self) -> None:
        self.stack.setCurrentWidget(self.empty if self.bench.current is None else self.view)
        self._update_actions()

    @Slot()
    def _straighten(self) -> None:
        if self.presenter.begin_straightening():
            self.stack.setCurrentWidget(self.straighten)
            self._update_actions()

    @Slot()
    def _finish_straightening(self) -> None:
        """What follows is to be done with the photo as it is in the crop frame."""
        if self.stack.currentWidget() is self.straighten:
            self.straighten.accept.click()

    @Slot(object)
    def _set_tool(self, tool: Tool) -> None:
        self.view.set_tool(tool)
        name = next(name for name, each in TOOLS.items() if each is tool)
        self.does[name].setChecked(True)

    @Slot()
    def _turn_divider(self) -> None:
        divider = self.view.divider
        self.view.set_divider(Divider(divider.share, not divider.level))

    @Slot()
    def _restore(self) -> None:
        if self.bench.current is not None:
            self.bench.restore([self.bench.current.key])

    @Slot()
    def _restore_all(self) -> None:
        library = self.bench.library
        self.bench.restore(library.keys_in(PhotoState.NEW, PhotoState.LOOKING, PhotoState.FOUND))

    @Slot()
    def _update_actions(self) -> None:
        entry = self.bench.current
        there = entry is not None and not self.presenter.unreadable
        looking = there and self.stack.currentWidget() is self.view
        for name in [*TOOLS, *MODES, *ZOOMS, *TURNS, "marks", "turn_divider"]:
            self.does[name].setEnabled(looking)
        for name in ("export", "copy"):
            self.does[name].setEnabled(there)
        state = None if entry is None else entry.state
        self.does["restore"].setEnabled(entry is not None and state not in QUEUE)
        self.tools.show_work(entry is not None, state)
