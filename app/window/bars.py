"""Menus and toolbar: where the window's actions are found."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QUndoGroup
from PySide6.QtWidgets import QLabel, QMenuBar, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from app.actions import MODES, TOOLS, Actions
from app.document.library import QUEUE, PhotoState
from app.theme import GRID, icon, themes

ZOOMS = ("zoom_out", "fit", "actual", "zoom_in")
TURNS = ("turn_left", "turn_right", "straighten")


class MenuBar(QMenuBar):
    """All there is to be done."""

    def __init__(self, does: Actions, undo: QUndoGroup) -> None:
        super().__init__()
        own = {
            "undo": _with_keys(undo.createUndoAction(self, self.tr("&Undo")), QKeySequence.StandardKey.Undo),
            "redo": _with_keys(undo.createRedoAction(self, self.tr("&Redo")), QKeySequence.StandardKey.Redo),
        }
        files = ["open", "open_folder", "-", "export", "export_all", "-", "settings", "quit"]
        looks = [*MODES, "-", "turn_divider", "apart", "-", *ZOOMS, "-", "marks"]
        menus: list[tuple[str, list[str]]] = [
            (self.tr("&File"), files),
            (self.tr("&Edit"), ["undo", "redo", "-", "copy", "paste", "-", *TOOLS]),
            (self.tr("&Photo"), ["restore", "restore_all", "-", *TURNS, "-", "previous", "next", "first", "last"]),
            (self.tr("&View"), looks),
            (self.tr("&Help"), ["keys", "log", "-", "about"]),
        ]
        for title, names in menus:
            menu = self.addMenu(title)
            for name in names:
                if name == "-":
                    menu.addSeparator()
                else:
                    menu.addAction(own.get(name) or does[name])


class ToolBar(QToolBar):
    """What is used most, and the zoom. Where the window is narrow, tools go into a menu; `tools` is the bar of
    those that may, and what follows it is always there."""

    def __init__(self, does: Actions) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Tools"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.tools = QToolBar()
        # Its own, for margins by another bar's rule count only from the next change of style on.
        self.tools.setStyleSheet("QToolBar { padding: 0; }")
        self.tools.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.tools.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for group in (("open",), TOOLS, TURNS, MODES, ZOOMS):
            for name in group:
                self.tools.addAction(does[name])
            if group is not ZOOMS:
                self.tools.addSeparator()
        for bar in (self, self.tools):
            bar.setIconSize(QSize(20, 20))
        self.percent = QLabel("100 %")
        self.percent.setObjectName("secondary")
        self.percent.setMinimumWidth(6 * GRID)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.tools.addWidget(self.percent)
        space = QWidget()
        space.setFixedWidth(GRID)
        self.export = QPushButton(self.tr("Export…"))
        self.restore = QPushButton(self.tr("Restore"))
        self.restore.setProperty("primary", "true")
        for widget in (self.tools, self.export, space, self.restore):
            self.addWidget(widget)
        self.addAction(does["settings"])
        more = self.tools.findChild(QToolButton, "qt_toolbar_ext_button")
        assert isinstance(more, QToolButton)
        self._more = more
        self._more.setToolTip(self.tr("More tools"))
        self._more.setAccessibleName(self.tr("More tools"))
        themes().changed.connect(self._restyle)
        self._restyle()
        self.export.clicked.connect(does["export"].trigger)
        self.restore.clicked.connect(does["restore"].trigger)

    @Slot()
    def _restyle(self) -> None:
        self._more.setIcon(icon("dots-vertical"))

    @Slot(float)
    def show_scale(self, scale: float) -> None:
        """Tell the zoom: screen pixels for a pixel of the photo."""
        self.percent.setText(f"{scale:.0%}".replace("%", " %"))

    def show_work(self, there: bool, state: PhotoState | None) -> None:
        """Whether there is a photo to work on, and where it stands."""
        self.export.setEnabled(there)
        self.restore.setEnabled(there and state not in QUEUE)
        words = {PhotoState.RESTORING: self.tr("Restoring…"), PhotoState.QUEUED: self.tr("Waiting…")}
        self.restore.setText(self.tr("Restore") if state is None else words.get(state, self.tr("Restore")))


def _with_keys(action: QAction, keys: QKeySequence.StandardKey) -> QAction:
    action.setShortcuts(QKeySequence.keyBindings(keys))
    return action
