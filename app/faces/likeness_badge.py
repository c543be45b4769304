"""How much of a person's likeness a restored face keeps, in a few letters."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from app.amounts import number
from core.identity import is_doubtful, limit_of
from core.types import Likeness


class LikenessBadge(QLabel):
    """The angle between a face and its restoration; in the warning's colour where it may pass for another person.

    Not there while nothing was measured. Colours are the theme's, by the property `level`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("badge")
        self.set_likeness(None)

    def set_likeness(self, likeness: Likeness | None) -> None:
        """Show what was measured of a face; None for nothing."""
        self.setVisible(likeness is not None)
        if likeness is None:
            return
        limit = limit_of(likeness)
        level = "" if limit is None else "warning" if is_doubtful(likeness) else "good"
        if self.property("level") != level:
            self.setProperty("level", level)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setText(self.tr("Likeness {angle}°").format(angle=number(likeness.angle)))
        self.setToolTip(self._explanation(limit))
        self.setAccessibleName(f"{self.text()}. {self.toolTip()}")

    def _explanation(self, limit: float | None) -> str:
        text = self.tr(
            "How far the restored face is, at full strength, from the one in the photo, for a network that "
            "recognises people: 0° is the same picture."
        )
        if limit is None:
            return text
        bounds = self.tr("Two different people are seldom nearer than {limit}°.").format(limit=number(limit))
        return f"{text} {bounds}"
