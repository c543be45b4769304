"""What is decided of a whole photo: how large it becomes, and what enlarges it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.document.decisions import Decisions
from app.faces.model_strip import ModelChoice
from app.forms import add_row, make_form
from app.theme import GRID
from core.background import AUTO, LANCZOS


class PhotoOptions(QWidget):
    """Shows them, and says what the user wants."""

    changed = Signal(int, str)  # upscale, background

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enlarge = QComboBox()
        for factor in (1, 2, 4):
            self.enlarge.addItem(
                self.tr("As it is") if factor == 1 else self.tr("{n} times as large").format(n=factor), factor
            )
        self.background = QComboBox()
        form = make_form(self)
        form.setContentsMargins(0, 0, 0, GRID)
        add_row(form, self.tr("Si&ze"), self.enlarge)
        add_row(form, self.tr("Back&ground"), self.background)
        self.set_upscalers([])
        self.enlarge.currentIndexChanged.connect(self._on_changed)
        self.background.currentIndexChanged.connect(self._on_changed)

    def set_upscalers(self, models: Sequence[ModelChoice]) -> None:
        """The networks on this machine that enlarge backgrounds."""
        blocker = QSignalBlocker(self.background)
        self.background.clear()
        self.background.addItem(self.tr("Best quick way"), AUTO)
        self.background.addItem(self.tr("Plain (Lanczos)"), LANCZOS)
        for model in models:
            self.background.addItem(model.title, model.name)
        del blocker

    def set_decisions(self, decisions: Decisions | None) -> None:
        """Show what was decided; tells nobody."""
        self.setEnabled(decisions is not None)
        decisions = decisions or Decisions()
        blockers = [QSignalBlocker(self.enlarge), QSignalBlocker(self.background)]
        self.enlarge.setCurrentIndex(self.enlarge.findData(decisions.upscale))
        self.background.setCurrentIndex(max(0, self.background.findData(decisions.background)))
        self.background.setEnabled(decisions.upscale > 1)
        del blockers

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit(self.enlarge.currentData(), self.background.currentData())
