"""What can be undone: one record of decisions in place of another."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from app.document.decisions import Decisions

_NEVER_MERGED = -1


class DecisionsCommand(QUndoCommand):
    """A step from `before` to `after` for the photo `key`, taken by `set_decisions`; steps that follow one another
    with the same `merge` become one."""

    def __init__(
        self,
        set_decisions: Callable[[int, Decisions], None],
        key: int,
        before: Decisions,
        after: Decisions,
        text: str,
        merge: str | None,
    ) -> None:
        super().__init__(text)
        self._set_decisions, self._key, self._before, self._after = set_decisions, key, before, after
        self._merge = merge

    def id(self) -> int:
        """Which steps may become one (Qt asks `mergeWith` only of those with the same number)."""
        return _NEVER_MERGED if self._merge is None else zlib.crc32(self._merge.encode()) & 0x7FFFFFFF

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take in the step that follows."""
        if not isinstance(other, DecisionsCommand) or other._merge != self._merge:
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        """Take the step."""
        self._set_decisions(self._key, self._after)

    def undo(self) -> None:
        """Take it back."""
        self._set_decisions(self._key, self._before)
