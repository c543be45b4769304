"""How the photo before and after are laid out in the view: plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF

GRIP = 10.0
"""Logical pixels around the divider in which it is taken hold of."""

_GAP = 2.0  # between two panes side by side


class CompareMode(StrEnum):
    """SLIDER: before on one side of a divider, after on the other. LENS: after in a circle around the pointer,
    enlarged, over before."""

    SLIDER = "slider"
    SIDE_BY_SIDE = "side by side"
    AFTER = "after"
    BEFORE = "before"
    LENS = "lens"


@dataclass(frozen=True)
class Pane:
    """A part of the view, and whether it shows the photo before or after. `place` is the viewport it goes by: 0,
    or 1 for the second picture side by side."""

    rect: QRectF
    is_after: bool
    place: int = 0


@dataclass(frozen=True)
class Divider:
    """Where the two pictures of the slider meet: `share` of the view, in [0, 1], from the left or, where it is
    level, from the top."""

    share: float = 0.5
    level: bool = False

    def line(self, view: QRectF) -> float:
        """Its place in the view: x, or y where it is level."""
        if self.level:
            return view.top() + self.share * view.height()
        return view.left() + self.share * view.width()

    def is_at(self, point: QPointF, view: QRectF) -> bool:
        """Whether a pointer there would take hold of it."""
        return abs((point.y() if self.level else point.x()) - self.line(view)) <= GRIP

    def moved_to(self, point: QPointF, view: QRectF) -> Divider:
        """The same where the pointer is."""
        start, length = (view.top(), view.height()) if self.level else (view.left(), view.width())
        place = point.y() if self.level else point.x()
        return Divider(min(max((place - start) / max(length, 1.0), 0.0), 1.0), self.level)

    def nudged(self, by: float) -> Divider:
        """The same a little further."""
        return Divider(min(max(self.share + by, 0.0), 1.0), self.level)


def panes(mode: CompareMode, view: QRectF, divider: Divider) -> list[Pane]:
    """The parts of the view in a mode; the lens comes on top of them."""
    if mode is CompareMode.SIDE_BY_SIDE:
        half = (view.width() - _GAP) / 2
        left = QRectF(view.left(), view.top(), half, view.height())
        return [Pane(left, False), Pane(left.translated(half + _GAP, 0), True, 1)]
    if mode is CompareMode.SLIDER:
        at = divider.line(view)
        first, second = QRectF(view), QRectF(view)
        if divider.level:
            first.setBottom(at)
            second.setTop(at)
        else:
            first.setRight(at)
            second.setLeft(at)
        return [Pane(first, False), Pane(second, True)]
    return [Pane(view, mode is CompareMode.AFTER)]


def pane_size(mode: CompareMode, view: QRectF) -> tuple[float, float]:
    """(width, height) of what a viewport sees in a mode."""
    if mode is CompareMode.SIDE_BY_SIDE:
        return (view.width() - _GAP) / 2, view.height()
    return view.width(), view.height()
