"""The same face restored by each installed model, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolButton, QWidget

from app.amounts import number
from app.faces.pixmaps import rounded, small_image_of
from app.theme import GRID
from core.types import FaceCrop, Likeness

COLUMNS = 3
SIDE = 88


@dataclass(frozen=True)
class ModelChoice:
    """A restorer on this machine: its name for the engine (None: the best one), and what to call it here."""

    name: str | None
    title: str


class ModelStrip(QWidget):
    """A button for each model. A model whose crop is not there yet shows its name alone."""

    chosen = Signal(object)  # the model's name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A low window scrolls, instead of squeezing names and pictures.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._on_clicked)
        self._models: tuple[ModelChoice, ...] = ()

    def set_models(self, models: Sequence[ModelChoice], chosen: str | None) -> None:
        """Offer these models; `chosen` is the name of the one in use."""
        if tuple(models) != self._models:
            self._rebuild(models)
        self._group.setExclusive(False)  # else one would stay chosen where the model in use is gone
        for place, model in enumerate(self._models):
            self._group.button(place).setChecked(model.name == chosen)
        self._group.setExclusive(True)

    def set_crop(self, name: str | None, crop: FaceCrop) -> None:
        """Show what a model makes of the face."""
        for place, model in enumerate(self._models):
            if model.name == name and crop.restored is not None:
                ratio = self.devicePixelRatioF()
                picture = small_image_of(crop.restored, round(SIDE * ratio))
                self._group.button(place).setIcon(QIcon(rounded(picture, SIDE, ratio)))
                self._label(place, crop.likeness)

    def clear_crops(self) -> None:
        """Another face is looked at."""
        for place in range(len(self._models)):
            self._group.button(place).setIcon(QIcon())
            self._label(place, None)

    def _label(self, place: int, likeness: Likeness | None) -> None:
        """The model's name, and how much of the likeness it keeps where that was measured."""
        button, title = self._group.button(place), self._models[place].title
        name = button.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, SIDE)
        angle = None if likeness is None else f"{number(likeness.angle)}°"
        button.setText(name if angle is None else f"{name}\n{angle}")
        words = [title] if angle is None else [title, self.tr("Likeness {angle}").format(angle=angle)]
        button.setToolTip("\n".join(words))

    def _rebuild(self, models: Sequence[ModelChoice]) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.deleteLater()
        self._models = tuple(models)
        for place, model in enumerate(self._models):
            button = QToolButton()
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(SIDE, SIDE))
            button.setFixedWidth(SIDE + GRID)
            button.setAccessibleName(self.tr("Use {model}").format(model=model.title))
            self._group.addButton(button, place)
            self._label(place, None)
            self._layout.addWidget(button, place // COLUMNS, place % COLUMNS)
        self._layout.setColumnStretch(COLUMNS, 1)

    @Slot(int)
    def _on_clicked(self, place: int) -> None:
        self.chosen.emit(self._models[place].name)
