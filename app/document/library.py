"""The photos that are open, in the order of the strip, and where each of them stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QImage, QUndoStack

from app.document.commands import DecisionsCommand
from app.document.decisions import Decisions
from app.translation import translated

Index = QModelIndex | QPersistentModelIndex


class PhotoState(StrEnum):
    """Where a photo stands."""

    NEW = "new"
    LOOKING = "looking"
    FOUND = "found"
    QUEUED = "queued"
    RESTORING = "restoring"
    DONE = "done"
    FAILED = "failed"


QUEUE = frozenset({PhotoState.QUEUED, PhotoState.RESTORING})
WORKING = QUEUE | {PhotoState.LOOKING}
"""States that an engine takes a photo out of."""


class Role:
    """What the model tells besides the name (DisplayRole)."""

    KEY = Qt.ItemDataRole.UserRole
    STATE = Qt.ItemDataRole.UserRole + 1
    PROGRESS = Qt.ItemDataRole.UserRole + 2
    REASON = Qt.ItemDataRole.UserRole + 3
    THUMBNAIL = Qt.ItemDataRole.UserRole + 4


@dataclass(eq=False)
class PhotoEntry:
    """An open photo. `reason` is why it failed, `progress` how much of a restoration is done, in [0, 1]."""

    key: int
    path: Path
    decisions: Decisions
    state: PhotoState = PhotoState.NEW
    reason: str = ""
    progress: float = 0.0
    thumbnail: QImage | None = None
    stack: QUndoStack = field(default_factory=QUndoStack)

    @property
    def name(self) -> str:
        """What it is called in lists."""
        return self.path.name

    @property
    def is_touched(self) -> bool:
        """Whether the user decided anything about it since it was opened."""
        return self.stack.count() > 0


class PhotoLibrary(QAbstractListModel):
    """The open photos; each is told by a key that is never given twice.

    Decisions change through `change`, which can be undone, or `set_decisions`, which is for what nobody did.
    """

    state_changed = Signal(int)
    decisions_changed = Signal(int, object, object)  # key, before, after
    added = Signal(list)
    removed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[PhotoEntry] = []
        self._by_key: dict[int, PhotoEntry] = {}
        self._keys = itertools.count(1)

    # What is there.

    @property
    def entries(self) -> Sequence[PhotoEntry]:
        """The photos in the order of the strip."""
        return tuple(self._entries)

    def __contains__(self, key: int) -> bool:
        return key in self._by_key

    def entry(self, key: int) -> PhotoEntry:
        """The photo of a key. Raises KeyError for one that was removed."""
        return self._by_key[key]

    def row(self, key: int) -> int:
        """Where a photo is in the strip."""
        return self._entries.index(self._by_key[key])

    def keys_in(self, *states: PhotoState) -> list[int]:
        """The keys of the photos in these states, in the order of the strip."""
        return [entry.key for entry in self._entries if entry.state in states]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """How many photos there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What views show of a photo."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.name
            case Qt.ItemDataRole.ToolTipRole:
                return f"{entry.path}\n{translated(entry.reason) or self._state_in_words(entry.state)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{entry.name}, {self._state_in_words(entry.state)}"
            case Role.KEY:
                return entry.key
            case Role.STATE:
                return entry.state
            case Role.PROGRESS:
                return entry.progress
            case Role.REASON:
                return translated(entry.reason)
            case Role.THUMBNAIL:
                return entry.thumbnail
        return None

    def _state_in_words(self, state: PhotoState) -> str:
        words = {
            PhotoState.NEW: self.tr("new"),
            PhotoState.LOOKING: self.tr("looking for faces"),
            PhotoState.FOUND: self.tr("not restored yet"),
            PhotoState.QUEUED: self.tr("waiting"),
            PhotoState.RESTORING: self.tr("being restored"),
            PhotoState.DONE: self.tr("restored"),
            PhotoState.FAILED: self.tr("failed"),
        }
        return words[state]

    # What changes.

    def add(self, paths: Iterable[Path], decisions: Decisions = Decisions()) -> list[int]:  # noqa: B008
        """Put photos at the end; one that is open already is not opened twice. Returns the keys of all named."""
        known = {entry.path: entry.key for entry in self._entries}
        new: dict[Path, PhotoEntry] = {}
        keys = []
        for path in paths:
            if path not in known:
                entry = PhotoEntry(next(self._keys), path, decisions)
                known[path] = entry.key
                new[path] = entry
            keys.append(known[path])
        if new:
            first = len(self._entries)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._entries += new.values()
            self._by_key |= {entry.key: entry for entry in new.values()}
            self.endInsertRows()
            self.added.emit([entry.key for entry in new.values()])
        return keys

    def put_back(self, entry: PhotoEntry, row: int) -> None:
        """Open a photo again that was removed, with its key and all that can be undone, before the one that is at
        `row` now; nothing where its file is open again already."""
        if any(entry.path == each.path for each in self._entries):
            return
        row = min(row, len(self._entries))
        self.beginInsertRows(QModelIndex(), row, row)
        self._entries.insert(row, entry)
        self._by_key[entry.key] = entry
        self.endInsertRows()
        self.added.emit([entry.key])

    def remove(self, keys: Iterable[int]) -> None:
        """Close photos; their files stay."""
        gone = [key for key in keys if key in self._by_key]
        for key in gone:
            row = self.row(key)
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._entries[row], self._by_key[key]
            self.endRemoveRows()
        if gone:
            self.removed.emit(gone)

    def move(self, keys: Sequence[int], row: int) -> None:
        """Put photos, in their present order, before the one that is at `row` now."""
        moved = [entry for entry in self._entries if entry.key in set(keys)]
        if not moved:
            return
        before = [entry for entry in self._entries[:row] if entry not in moved]
        after = [entry for entry in self._entries[row:] if entry not in moved]
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        held = [self._entries[index.row()] for index in old]
        self._entries = [*before, *moved, *after]
        places = {entry.key: place for place, entry in enumerate(self._entries)}
        self.changePersistentIndexList(old, [self.index(places[entry.key]) for entry in held])
        self.layoutChanged.emit()

    def set_state(self, key: int, state: PhotoState, reason: str = "", progress: float = 0.0) -> None:
        """Say where a photo stands."""
        entry = self._by_key[key]
        if (entry.state, entry.reason, entry.progress) != (state, reason, progress):
            entry.state, entry.reason, entry.progress = state, reason, progress
            in_words = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
            self._tell(key, Role.STATE, Role.PROGRESS, Role.REASON, *in_words)
            self.state_changed.emit(key)

    def set_thumbnail(self, key: int, thumbnail: QImage) -> None:
        """Give a photo its small picture."""
        self._by_key[key].thumbnail = thumbnail
        self._tell(key, Role.THUMBNAIL)

    def set_decisions(self, key: int, decisions: Decisions) -> None:
        """Replace the decisions on a photo; nothing that could be undone."""
        entry = self._by_key[key]
        before, entry.decisions = entry.decisions, decisions
        self.decisions_changed.emit(key, before, decisions)

    def change(self, key: int, decisions: Decisions, text: str, merge: str | None = None) -> None:
        """Replace the decisions on a photo, as something that the user did and may undo.

        `text` says what, for the menu. Changes with the same `merge` that follow one another are one step.
        """
        entry = self._by_key[key]
        if decisions is not entry.decisions:
            command = DecisionsCommand(self.set_decisions, key, entry.decisions, decisions, text, merge)
            entry.stack.push(command)

    def _tell(self, key: int, *roles: int) -> None:
        index = self.index(self.row(key))
        self.dataChanged.emit(index, index, list(roles))
