"""The window: puts its parts together, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from app.actions import MODES, TOOLS, Actions
from app.document.journal import Journal
from app.document.library import PhotoState
from app.empty_state import EmptyState
from app.engine.wakelock import Wakelock
from app.engine.workshop import OpenAssembly
from app.faces.panel import FacePanel
from app.message_bar import MessageBar
from app.notify import Level, Notifier
from app.photo_options import PhotoOptions
from app.settings.panel import SettingsPanel
from app.settings.settings import SETTINGS, AppSettings, SettingsStore
from app.strip.opening import has_photos
from app.strip.strip import PhotoStrip
from app.theme import GRID, apply_theme
from app.viewer.compare import Divider
from app.viewer.photo_view import PhotoView
from app.viewer.straighten_view import StraightenView
from app.viewer.tools import Tool
from app.window.incoming import Incoming
from app.window.outgoing import Outgoing
from app.window.presenter import Presenter
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
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.settings.value.theme)
        self.notifier = Notifier(self)
        self.bench = Workbench(
            open_assembly or self._open_assembly,
            folder / "session",
            lambda: self.settings.value.decisions,
            self,
        )
        self.journal = Journal(self.bench.library, folder / "session", self)
        self.wakelock = Wakelock(self)
        self.does = Actions(self)
        self.view, self.straighten, self.empty = PhotoView(), StraightenView(), EmptyState()
        self.panel, self.options = FacePanel(), PhotoOptions()
        self.strip = PhotoStrip(self.bench.library, self.bench.engine)
        self.messages = MessageBar()
        self.incoming = Incoming(self.bench, self.notifier, folder / "pasted", self)
        self.outgoing = Outgoing(self.bench, self.notifier, self.settings, self)
        self.presenter = Presenter(self.bench, self.view, self.straighten, self.panel, self.options, self)
        self.settings_panel: SettingsPanel | None = None
        self._folder = folder
        self._lay_out()
        self._make_menus()
        self._make_toolbar()
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
        left.addWidget(self.messages)
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

    def _make_menus(self) -> None:
        turning = ["turn_left", "turn_right", "straighten"]
        zooming = ["fit", "actual", "zoom_in", "zoom_out"]
        menus: list[tuple[str, list[str]]] = [
            (self.tr("&File"), ["open", "open_folder", "-", "export", "export_all", "-", "settings", "quit"]),
            (self.tr("&Edit"), ["undo", "redo", "-", "copy", "paste", "-", *TOOLS]),
            (self.tr("&Photo"), ["restore", "restore_all", "-", *turning, "-", "previous", "next"]),
            (self.tr("&View"), [*MODES, "-", "turn_divider", "apart", "-", *zooming, "-", "marks"]),
        ]
        undo = self.bench.undo.createUndoAction(self, self.tr("&Undo"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo = self.bench.undo.createRedoAction(self, self.tr("&Redo"))
        redo.setShortcut(QKeySequence.StandardKey.Redo)
        own = {"undo": undo, "redo": redo}
        for title, names in menus:
            menu = self.menuBar().addMenu(title)
            for name in names:
                if name == "-":
                    menu.addSeparator()
                else:
                    menu.addAction(own.get(name) or self.does[name])

    def _make_toolbar(self) -> None:
        bar = QToolBar(self.tr("Tools"))
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        groups = [["open"], list(TOOLS), ["turn_left", "turn_right", "straighten"], list(MODES)]
        groups.append(["zoom_out", "fit", "actual", "zoom_in"])
        for group in groups:
            for name in group:
                bar.addAction(self.does[name])
            bar.addSeparator()
        self.percent = QLabel("100 %")
        self.percent.setObjectName("secondary")
        self.percent.setMinimumWidth(6 * GRID)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        gap, space = QWidget(), QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        space.setFixedWidth(GRID)
        self.export_button = QPushButton(self.tr("Export…"))
        self.restore_button = QPushButton(self.tr("Restore"))
        self.restore_button.setProperty("primary", "true")
        for widget in (self.percent, gap, self.export_button, space, self.restore_button):
            bar.addWidget(widget)
        bar.addAction(self.does["settings"])
        self.addToolBar(bar)

    def _connect(self) -> None:
        does = self.does
        slots = {
            "open": self.incoming.ask_for_photos,
            "open_folder": self.incoming.ask_for_folder,
            "paste": self.incoming.paste,
            "settings": self.show_settings,
            "quit": self.close,
            "export": self.outgoing.export_current,
            "export_all": self.outgoing.export_restored,
            "copy": lambda: self.outgoing.copy(self.presenter.result),
            "restore": self._restore,
            "restore_all": self._restore_all,
            "next": lambda: self.strip.step(1),
            "previous": lambda: self.strip.step(-1),
            "turn_left": lambda: self.bench.turn(3),
            "turn_right": lambda: self.bench.turn(1),
            "straighten": self._straighten,
            "fit": self.view.zoom_to_fit,
            "actual": lambda: self.view.zoom_to(1.0),
            "zoom_in": self.view.zoom_in,
            "zoom_out": self.view.zoom_out,
            "turn_divider": self._turn_divider,
        }
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
        self.export_button.clicked.connect(does["export"].trigger)
        self.restore_button.clicked.connect(does["restore"].trigger)
        self._connect_parts()

    def _connect_parts(self) -> None:
        bench, strip = self.bench, self.strip
        bench.current_changed.connect(self._show_photo)
        bench.current_changed.connect(self.journal.set_current)
        bench.said.connect(self.notifier.say)
        bench.shown.connect(self._update_actions)
        bench.library.state_changed.connect(self._update_actions)
        bench.engine.told.connect(self.notifier.tell)
        bench.engine.queue_changed.connect(self._on_queue)
        self.notifier.told.connect(self.messages.show_notice)
        self.settings.changed.connect(self._on_settings)
        self.empty.open_asked.connect(self.incoming.ask_for_photos)
        self.view.scale_changed.connect(self._on_scale)
        self.presenter.tool_changed.connect(self._set_tool)
        self.straighten.accepted.connect(self._show_view)
        self.straighten.cancelled.connect(self._show_view)
        strip.current_changed.connect(bench.show)
        strip.restore_asked.connect(bench.restore)
        strip.remove_asked.connect(bench.library.remove)
        strip.cancel_asked.connect(lambda keys: bench.engine.cancel(keys or None))
        strip.reveal_asked.connect(self.outgoing.reveal_photo)

    # The first moments, and the last.

    def begin(self, paths: Sequence[Path], crash: str = "") -> None:
        """What follows once the window is on the screen."""
        self.presenter.refresh_models()
        if crash:
            sentence = self.tr("The program ended unexpectedly the last time.")
            self.notifier.tell(sentence, Level.WARNING, details=crash)
        self._offer_last_session()
        if paths:
            self.incoming.open(paths)

    def _offer_last_session(self) -> None:
        saved = self.journal.read() if self.settings.value.keep_session else None
        if saved is None:
            self.journal.start()
            return
        text = self.tr("%n photo(s) were open the last time.", "", len(saved.photos))
        if saved.unfinished:
            text += " " + self.tr("%n of them were still to be restored.", "", saved.unfinished)

        def go_on() -> None:
            waiting = self.journal.restore(saved)
            self.journal.start()
            entries = self.bench.library.entries
            place = saved.current if saved.current is not None and saved.current < len(entries) else 0
            self.bench.show(entries[place].key)
            self.bench.restore(waiting)

        self.notifier.tell(text, action=(self.tr("Go on with them"), go_on))
        # Whoever opens other photos does not want them any more.
        self.bench.library.added.connect(self.journal.start, Qt.ConnectionType.SingleShotConnection)

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        if self.settings_panel is None:
            self.settings_panel = SettingsPanel(self.settings, self._folder, self)
            self.settings_panel.models_changed.connect(self.presenter.refresh_models)
            self.settings_panel.models_changed.connect(self.bench.engine.forget_models)
        self.settings_panel.show()

    @Slot(object)
    def _on_settings(self, settings: AppSettings) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, settings.theme)
        self.bench.engine.forget_models()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """End the threads."""
        if self.settings_panel is not None:
            self.settings_panel.close()
            self.settings_panel.close_threads()
        self.journal.close()
        self.incoming.close()
        self.outgoing.close()
        self.wakelock.set(False)
        self.strip.close_threads()
        self.bench.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Photos may be dropped anywhere."""
        if has_photos(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what is dropped."""
        event.acceptProposedAction()
        self.incoming.take(event.mimeData())

    def _open_assembly(self, model: str | None, background: str) -> Assembly:
        """For the engine's thread."""
        from core.assembly import assemble
        from core.devices import choose_target

        settings = self.settings.value
        target = choose_target(settings.device, settings.precision, settings.threads)
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

    @Slot()
    def _show_view(self) -> None:
        self.stack.setCurrentWidget(self.empty if self.bench.current is None else self.view)
        self._update_actions()

    @Slot()
    def _straighten(self) -> None:
        if self.presenter.begin_straightening():
            self.stack.setCurrentWidget(self.straighten)
            self._update_actions()

    @Slot(object)
    def _set_tool(self, tool: Tool) -> None:
        self.view.set_tool(tool)
        name = next(name for name, each in TOOLS.items() if each is tool)
        self.does[name].setChecked(True)

    @Slot()
    def _turn_divider(self) -> None:
        divider = self.view.divider
        self.view.set_divider(Divider(divider.share, not divider.level))

    @Slot(float)
    def _on_scale(self, scale: float) -> None:
        self.percent.setText(f"{scale:.0%}".replace("%", " %"))

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
        looking = entry is not None and self.stack.currentWidget() is self.view
        zooming = ["fit", "actual", "zoom_in", "zoom_out"]
        for name in [*TOOLS, *MODES, *zooming, "turn_left", "turn_right", "straighten", "marks", "turn_divider"]:
            self.does[name].setEnabled(looking)
        for name in ("export", "copy"):
            self.does[name].setEnabled(entry is not None)
        working = entry is not None and entry.state in (PhotoState.QUEUED, PhotoState.RESTORING)
        self.does["restore"].setEnabled(entry is not None and not working)
        self.restore_button.setEnabled(entry is not None and not working)
        self.restore_button.setText(self.tr("Restoring…") if working else self.tr("Restore"))
        self.export_button.setEnabled(entry is not None)
