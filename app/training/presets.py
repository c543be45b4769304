"""The presets as cards to choose from: what they are for, and what they take on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout

from app.amounts import amount, duration
from app.theme import GRID
from app.training.measuring import Needs
from trainer.report import FEW, USUAL


@dataclass(frozen=True)
class Preset:
    """A preset in plain words. faces: how many are wanted."""

    name: str
    title: str
    words: str
    faces: int


def presets() -> list[Preset]:
    """Those that tune a model, the shortest first."""
    return [
        Preset(
            "quick",
            QCoreApplication.translate("Presets", "A first try"),
            QCoreApplication.translate(
                "Presets", "A short run that shows whether your photos help, before you give it more time."
            ),
            FEW,
        ),
        Preset(
            "personal",
            QCoreApplication.translate("Presets", "One person"),
            QCoreApplication.translate(
                "Presets", "Gently, on the faces of one person, so that old photos of them look more like them."
            ),
            FEW,
        ),
        Preset(
            "standard",
            QCoreApplication.translate("Presets", "Many people"),
            QCoreApplication.translate(
                "Presets", "A long run that changes the whole model. Wants hundreds of faces and a graphics card."
            ),
            USUAL,
        ),
    ]


class PresetCard(QPushButton):
    """One of them."""

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.preset = preset
        self.setObjectName("card")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(preset.title)
        self.setToolTip(self.tr("Once it is chosen, another click measures it once more."))
        self.title, self.words, self.needs = QLabel(preset.title), QLabel(preset.words), QLabel()
        self.title.setObjectName("heading")
        self.words.setObjectName("secondary")
        self.needs.setObjectName("secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for label in (self.title, self.words, self.needs):
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.insertStretch(2)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as its words."""
        return QSize(20 * GRID, 21 * GRID)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As its size."""
        return self.sizeHint()

    def show_needs(self, needs: Needs | None, measuring: bool) -> None:
        """Say what it takes here."""
        if measuring:
            text = self.tr("Measuring on this computer …")
        elif needs is None:
            text = self.tr("Not measured on this computer yet")
        elif needs.problem:
            text = self.tr("Cannot run as it is")
        else:
            text = self.tr("{time}, {memory} of memory").format(
                time=duration(needs.seconds), memory=amount(needs.memory_bytes)
            )
        self.needs.setText(text)
