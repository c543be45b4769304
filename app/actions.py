"""Everything that can be done, with its words, keys and icon: menus, toolbar and shortcuts are made of these."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.theme import icon, themes
from app.viewer.compare import CompareMode
from app.viewer.tools import Tool


@dataclass(frozen=True)
class Entry:
    """An action: its name in the program, words, keys, icon, and the group of which one is chosen."""

    name: str
    text: object  # what marks it for translation gives no more than this
    keys: str = ""
    icon: str = ""
    group: str = ""
    checkable: bool = False


def entries() -> list[Entry]:
    """All of them, in the order of the menus."""
    return [
        Entry("open", QT_TRANSLATE_NOOP("Actions", "&Open photos…"), "Ctrl+O", "folder-open-outline"),
        Entry(
            "open_folder", QT_TRANSLATE_NOOP("Actions", "Open a &folder…"), "Ctrl+Shift+O", "folder-multiple-image"
        ),
        Entry("export", QT_TRANSLATE_NOOP("Actions", "&Export…"), "Ctrl+E", "export-variant"),
        Entry("export_all", QT_TRANSLATE_NOOP("Actions", "Export &all restored photos…"), "Ctrl+Shift+E"),
        Entry("settings", QT_TRANSLATE_NOOP("Actions", "&Settings…"), "Ctrl+,", "cog-outline"),
        Entry("quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q"),
        Entry("keys", QT_TRANSLATE_NOOP("Actions", "&Keys and gestures"), "F1", "keyboard-outline"),
        Entry("log", QT_TRANSLATE_NOOP("Actions", "&Open the log")),
        Entry("about", QT_TRANSLATE_NOOP("Actions", "&About GFP-GAN Desktop")),
        Entry("copy", QT_TRANSLATE_NOOP("Actions", "&Copy the restored photo"), "Ctrl+C", "content-copy"),
        Entry("paste", QT_TRANSLATE_NOOP("Actions", "&Paste photos"), "Ctrl+V"),
        Entry("restore", QT_TRANSLATE_NOOP("Actions", "&Restore"), "Ctrl+R", "creation"),
        Entry("restore_all", QT_TRANSLATE_NOOP("Actions", "Restore &all"), "Ctrl+Shift+R"),
        Entry("turn_left", QT_TRANSLATE_NOOP("Actions", "Turn &left"), "Ctrl+L", "rotate-left"),
        Entry("turn_right", QT_TRANSLATE_NOOP("Actions", "Turn r&ight"), "Ctrl+Shift+L", "rotate-right"),
        Entry("straighten", QT_TRANSLATE_NOOP("Actions", "&Straighten and crop…"), "Ctrl+T", "crop-rotate"),
        Entry("next", QT_TRANSLATE_NOOP("Actions", "&Next photo"), "PgDown"),
        Entry("previous", QT_TRANSLATE_NOOP("Actions", "&Previous photo"), "PgUp"),
        Entry("first", QT_TRANSLATE_NOOP("Actions", "F&irst photo"), "Ctrl+Home"),
        Entry("last", QT_TRANSLATE_NOOP("Actions", "L&ast photo"), "Ctrl+End"),
        Entry("slider", QT_TRANSLATE_NOOP("Actions", "&Divider"), "1", "compare", "mode"),
        Entry("side_by_side", QT_TRANSLATE_NOOP("Actions", "Side by &side"), "2", "view-split-vertical", "mode"),
        Entry("after", QT_TRANSLATE_NOOP("Actions", "&After"), "3", "image-check-outline", "mode"),
        Entry("before", QT_TRANSLATE_NOOP("Actions", "&Before"), "4", "image-outline", "mode"),
        Entry("lens", QT_TRANSLATE_NOOP("Actions", "&Lens"), "5", "magnify", "mode"),
        Entry("turn_divider", QT_TRANSLATE_NOOP("Actions", "&Turn the divider"), "D"),
        Entry("apart", QT_TRANSLATE_NOOP("Actions", "Move both pictures &apart"), "", "", "", checkable=True),
        Entry("fit", QT_TRANSLATE_NOOP("Actions", "&Fit"), "Ctrl+0", "fit-to-screen-outline"),
        Entry("actual", QT_TRANSLATE_NOOP("Actions", "&100 %"), "Ctrl+1", "numeric-1-box-outline"),
        Entry("zoom_in", QT_TRANSLATE_NOOP("Actions", "Zoom &in"), "Ctrl++", "magnify-plus-outline"),
        Entry("zoom_out", QT_TRANSLATE_NOOP("Actions", "Zoom &out"), "Ctrl+-", "magnify-minus-outline"),
        Entry("marks", QT_TRANSLATE_NOOP("Actions", "&Mark faces"), "F", "face-recognition", checkable=True),
        Entry("pan", QT_TRANSLATE_NOOP("Actions", "&Move and choose"), "V", "cursor-default-outline", "tool"),
        Entry(
            "draw_face", QT_TRANSLATE_NOOP("Actions", "Draw a missed &face"), "N", "account-box-outline", "tool"
        ),
        Entry(
            "place_landmarks",
            QT_TRANSLATE_NOOP("Actions", "Mark eyes and &mouth"),
            "M",
            "eye-plus-outline",
            "tool",
        ),
        Entry("erase", QT_TRANSLATE_NOOP("Actions", "&Eraser"), "E", "eraser", "tool"),
        Entry("brush", QT_TRANSLATE_NOOP("Actions", "&Restore brush"), "B", "brush", "tool"),
    ]


MODES = {
    "slider": CompareMode.SLIDER,
    "side_by_side": CompareMode.SIDE_BY_SIDE,
    "after": CompareMode.AFTER,
    "before": CompareMode.BEFORE,
    "lens": CompareMode.LENS,
}
TOOLS = {
    "pan": Tool.PAN,
    "draw_face": Tool.DRAW_FACE,
    "place_landmarks": Tool.PLACE_LANDMARKS,
    "erase": Tool.ERASE,
    "brush": Tool.BRUSH,
}


class Actions(QObject):
    """The actions by name (`actions["open"]`). Their icons follow the theme."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._entries = {entry.name: entry for entry in entries()}
        self._actions: dict[str, QAction] = {}
        self.groups: dict[str, QActionGroup] = {}
        for entry in self._entries.values():
            text = QCoreApplication.translate("Actions", str(entry.text))
            action = QAction(text, parent)
            action.setObjectName(entry.name)
            if entry.keys:
                action.setShortcut(QKeySequence(entry.keys))
                action.setToolTip(f"{text.replace('&', '').rstrip('…')} ({entry.keys})")
            action.setCheckable(entry.checkable or bool(entry.group))
            if entry.group:
                group = self.groups.setdefault(entry.group, QActionGroup(self))
                group.addAction(action)
            self._actions[entry.name] = action
        themes().changed.connect(self.restyle)
        self.restyle()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def restyle(self) -> None:
        """Draw the icons in the theme's colours."""
        for name, entry in self._entries.items():
            if entry.icon:
                self._actions[name].setIcon(icon(entry.icon))
