"""The bar above the photo that says what happened, and what can be done about it. Never a box in the way."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.notify import Level, Notice
from app.theme import GRID, current, icon, themes
from app.translation import translated

_ICONS = {Level.INFO: "information-outline", Level.WARNING: "alert-outline", Level.ERROR: "alert-circle-outline"}
_STAYS = 8.0  # s that what needs no action stays, or waits
_READ = 3.0  # s after which something newer comes first: it is what the user did just now


class DetailsDialog(QDialog):
    """What there is to know beyond a notice's sentence, to be read and copied; both in the user's language."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(80 * GRID, 50 * GRID)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.text)
        column.addWidget(buttons)


class MessageBar(QFrame):
    """Shows one notice at a time. What is only for information goes by itself; an error waits meanwhile, once
    there was time to read it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        self._waiting: deque[tuple[Notice, float]] = deque()  # and since when
        self._since = 0.0
        self._shown: Notice | None = None
        self.mark = QLabel()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        self.details = QPushButton(self.tr("Details"))
        self.more = QPushButton()
        self.more.setObjectName("step")
        self.more.setToolTip(self.tr("Read all messages at once"))
        self.more.hide()
        self.closing = QToolButton()
        self.closing.setToolTip(self.tr("Close"))
        self.closing.setAccessibleName(self.tr("Close this message"))
        self.closing.setShortcut(QKeySequence())
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        for widget in (self.mark, self.sentence, self.more, self.action, self.details, self.closing):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.closing.clicked.connect(self.dismiss)
        self.action.clicked.connect(self._act)
        self.details.clicked.connect(self._ask_details)
        self.more.clicked.connect(self._ask_all)
        themes().changed.connect(self._restyle)
        self.hide()

    @property
    def shown(self) -> Notice | None:
        """The notice that is to be read now."""
        return self._shown

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show a notice, or let it wait. One that is shown or waits already is not repeated, but takes its place
        where it has a next step: that is another one now."""
        shown, now = self._shown, time.monotonic()
        if shown is not None and _are_one(shown, notice):
            if notice.action is not None:
                self._show(notice)
            return
        for place, (each, _) in enumerate(self._waiting):
            if _are_one(each, notice):
                self._waiting[place] = (notice, now)
                return
        stays = shown is not None and not _goes_by_itself(shown)
        worse = shown is not None and shown.level is Level.INFO and notice.level is not Level.INFO
        read = notice.level is Level.INFO and now - self._since > _READ
        if shown is None or worse or read:
            if shown is not None and stays:
                self._waiting.appendleft((shown, now))
            self._show(notice)
        else:
            self._waiting.append((notice, now))
        self._count()

    def has(self, notice: Notice) -> bool:
        """Whether it is still to be read."""
        return notice is self._shown or any(notice is each for each, _ in self._waiting)

    @Slot()
    def dismiss(self) -> None:
        """Close the notice; the next one that waits comes."""
        self._timer.stop()
        self._shown = None
        oldest = time.monotonic() - _STAYS
        self._waiting = deque(
            (each, since) for each, since in self._waiting if since > oldest or not _goes_by_itself(each)
        )
        if self._waiting:
            self._show(self._waiting.popleft()[0])
            self._count()
        else:
            self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape closes it."""
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, notice: Notice) -> None:
        self._shown, self._since = notice, time.monotonic()
        self.sentence.setText(translated(notice.sentence))
        self.action.setVisible(notice.action is not None)
        self.action.setText(notice.action[0] if notice.action else "")
        self.details.setVisible(bool(notice.details))
        self._restyle()
        self.show()
        if _goes_by_itself(notice):
            self._timer.start(round(1000 * _STAYS))
        else:
            self._timer.stop()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.sentence.text()))

    def _count(self) -> None:
        self.more.setText(self.tr("%n more", "", len(self._waiting)))
        self.more.setVisible(bool(self._waiting))

    @Slot()
    def _restyle(self) -> None:
        if self._shown is None:
            return
        theme = current()
        color = {Level.INFO: theme.accent, Level.WARNING: theme.warning, Level.ERROR: theme.danger}
        line = f"border: none; border-left: 4px solid {color[self._shown.level]};"
        self.setStyleSheet(f"QFrame#messages {{ background: {theme.raised}; {line} }}")
        self.mark.setPixmap(icon(_ICONS[self._shown.level]).pixmap(20, 20))
        self.closing.setIcon(icon("close"))

    @Slot()
    def _act(self) -> None:
        notice = self._shown
        self.dismiss()
        if notice is not None and notice.action is not None:
            notice.action[1]()

    @Slot()
    def _ask_details(self) -> None:
        if self._shown is not None:
            self._open_details(translated(self._shown.sentence), _details(self._shown))

    @Slot()
    def _ask_all(self) -> None:
        """All that is to be read, in one list, after which only what asks for something is left in the bar."""
        shown = self._shown
        if shown is None:
            return
        waiting = list(self._waiting)
        texts = [self._told(notice) for notice in (shown, *(each for each, _ in waiting))]
        self._waiting = deque((each, since) for each, since in waiting if each.action is not None)
        if shown.action is None:
            self.dismiss()
        self._count()
        self._open_details(self.tr("All messages"), "\n\n".join(texts))

    def _told(self, notice: Notice) -> str:
        """A notice as text, which shows no icon and no colour."""
        sentence = translated(notice.sentence)
        match notice.level:
            case Level.ERROR:
                sentence = self.tr("Error: {sentence}").format(sentence=sentence)
            case Level.WARNING:
                sentence = self.tr("Warning: {sentence}").format(sentence=sentence)
        return f"{sentence}\n{_details(notice)}".rstrip()

    def _open_details(self, title: str, text: str) -> None:
        dialog = DetailsDialog(title, text, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _details(notice: Notice) -> str:
    return "\n".join(map(translated, notice.details.split("\n")))


def _are_one(one: Notice, other: Notice) -> bool:
    return one.sentence == other.sentence or (one.topic != "" and one.topic == other.topic)


def _goes_by_itself(notice: Notice) -> bool:
    return notice.level is Level.INFO and notice.action is None
