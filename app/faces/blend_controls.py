"""How a face goes back into its photo: strength, colours, detail and grain. None of it needs a network."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSlider, QSpinBox, QWidget

from app.forms import add_row, make_form, scroll_past
from app.theme import GRID
from core.types import BlendOptions, ColorMode


class BlendControls(QWidget):
    """Shows a BlendOptions and lets the user change it. `changed` carries the new one, and whether more of the
    same movement is to come."""

    changed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blend, self._advised = BlendOptions(), 1.0
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setPageStep(10)
        self.percent = QSpinBox()
        self.percent.setRange(0, 100)
        self.percent.setSuffix(self.tr(" %"))
        self.percent.setFixedWidth(9 * GRID)
        self.percent.lineEdit().setTextMargins(GRID // 2, 0, 0, 0)
        self.automatic = QCheckBox(self.tr("As suits the face"))
        self.colors = QComboBox()
        self.colors.addItem(self.tr("As fits the photo"), ColorMode.AUTO)
        self.colors.addItem(self.tr("Keep the photo's"), ColorMode.KEEP)
        self.colors.addItem(self.tr("The model's (colourises)"), ColorMode.MODEL)
        self.detail = QCheckBox(self.tr("Keep fine detail of sharp faces"))
        self.grain = QCheckBox(self.tr("Match the photo's grain"))
        self._lay_out()
        self.strength.valueChanged.connect(self._on_strength)
        self.percent.valueChanged.connect(self._on_strength)
        self.strength.sliderReleased.connect(self._on_released)
        self.automatic.toggled.connect(self._on_automatic)
        self.colors.currentIndexChanged.connect(self._on_other)
        self.detail.toggled.connect(self._on_other)
        self.grain.toggled.connect(self._on_other)

    def _lay_out(self) -> None:
        form = make_form(self)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.strength, 1)
        row.addWidget(self.percent)
        for field in (self.strength, self.percent):
            scroll_past(field)
        add_row(form, self.tr("&Strength"), row, self.strength)
        form.addRow("", self.automatic)
        add_row(form, self.tr("&Colours"), self.colors)
        form.addRow(self.detail)
        form.addRow(self.grain)
        self.strength.setAccessibleName(self.tr("Strength in percent"))
        self.percent.setAccessibleName(self.tr("Strength in percent"))
        self.strength.setToolTip(self.tr("0 % is the photo as it was, 100 % the restored face"))
        self.automatic.setToolTip(
            self.tr("Less than 100 % where the face is sharp already and the model might change it too much")
        )

    @property
    def blend(self) -> BlendOptions:
        """What is shown."""
        return self._blend

    def set_blend(self, blend: BlendOptions, advised: float = 1.0) -> None:
        """Show these options, and the strength that is advised; tells nobody."""
        self._blend, self._advised = blend, advised
        widgets = (self.strength, self.percent, self.automatic, self.colors, self.detail, self.grain)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        percent = round(100 * (advised if blend.strength is None else blend.strength))
        self.automatic.setChecked(blend.strength is None)
        self.strength.setValue(percent)
        self.percent.setValue(percent)
        self.colors.setCurrentIndex(self.colors.findData(blend.color))
        self.detail.setChecked(blend.keep_detail)
        self.grain.setChecked(blend.match_grain)
        del blockers

    @Slot(int)
    def _on_strength(self, percent: int) -> None:
        self.set_blend(replace(self._blend, strength=percent / 100), self._advised)
        self.changed.emit(self._blend, True)

    @Slot()
    def _on_released(self) -> None:
        self.changed.emit(self._blend, False)

    @Slot(bool)
    def _on_automatic(self, automatic: bool) -> None:
        strength = None if automatic else self.percent.value() / 100
        self.set_blend(replace(self._blend, strength=strength), self._advised)
        self.changed.emit(self._blend, False)

    @Slot()
    def _on_other(self) -> None:
        self._blend = replace(
            self._blend,
            color=ColorMode(self.colors.currentData()),
            keep_detail=self.detail.isChecked(),
            match_grain=self.grain.isChecked(),
        )
        self.changed.emit(self._blend, False)
