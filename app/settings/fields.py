"""Fields that show a setting and change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSizePolicy, QSpinBox

from app.settings.settings import SettingsStore
from app.theme import GRID


class ChoiceField(QComboBox):
    """One of some values, each with its words."""

    def __init__(self, store: SettingsStore, name: str, choices: Mapping[Any, str]) -> None:
        super().__init__()
        self._store, self._name = store, name
        self.set_choices(choices)
        store.changed.connect(self._show)
        self.currentIndexChanged.connect(self._on_changed)

    def set_choices(self, choices: Mapping[Any, str]) -> None:
        """Offer these values."""
        blocker = QSignalBlocker(self)
        self.clear()
        for value, words in choices.items():
            self.addItem(words, value)
        self._values = list(choices)
        del blocker
        self._show()

    @Slot()
    def _show(self) -> None:
        blocker = QSignalBlocker(self)
        value = getattr(self._store.value, self._name)
        self.setCurrentIndex(self._values.index(value) if value in self._values else 0)
        del blocker

    @Slot(int)
    def _on_changed(self, place: int) -> None:
        self._store.change(**{self._name: self._values[place]})


class CheckField(QCheckBox):
    """Yes or no."""

    def __init__(self, store: SettingsStore, name: str, words: str) -> None:
        super().__init__(words)
        self._store, self._name = store, name
        self._show()
        store.changed.connect(self._show)
        self.toggled.connect(self._on_changed)

    @Slot()
    def _show(self) -> None:
        blocker = QSignalBlocker(self)
        self.setChecked(getattr(self._store.value, self._name))
        del blocker

    @Slot(bool)
    def _on_changed(self, value: bool) -> None:
        self._store.change(**{self._name: value})


class NumberField(QSpinBox):
    """A whole number; the smallest one means that the setting is None where `none` has words for that. The setting
    is the number divided by `scale`."""

    def __init__(
        self, store: SettingsStore, name: str, low: int, high: int, none: str = "", scale: float = 1.0
    ) -> None:
        super().__init__()
        self._store, self._name, self._none, self._scale = store, name, bool(none), scale
        self.setRange(low, high)
        self.setSpecialValueText(none)
        self.lineEdit().setTextMargins(GRID // 2, 0, 0, 0)
        self._show()
        store.changed.connect(self._show)
        self.valueChanged.connect(self._on_changed)

    @Slot()
    def _show(self) -> None:
        blocker = QSignalBlocker(self)
        value = getattr(self._store.value, self._name)
        self.setValue(self.minimum() if value is None else round(value * self._scale))
        del blocker

    @Slot(int)
    def _on_changed(self, number: int) -> None:
        none = self._none and number == self.minimum()
        value = None if none else number / self._scale if self._scale != 1.0 else number
        self._store.change(**{self._name: value})


class TextField(QLineEdit):
    """A line of text; nothing in it is None."""

    def __init__(self, store: SettingsStore, name: str, hint: str) -> None:
        super().__init__()
        self._store, self._name = store, name
        self.setPlaceholderText(hint)
        self._show()
        store.changed.connect(self._show)
        self.editingFinished.connect(self._on_changed)

    @Slot()
    def _show(self) -> None:
        blocker = QSignalBlocker(self)
        self.setText(getattr(self._store.value, self._name) or "")
        del blocker

    @Slot()
    def _on_changed(self) -> None:
        self._store.change(**{self._name: self.text().strip() or None})


def note(text: str) -> QLabel:
    """A paragraph below a field or at the top of a page."""
    label = QLabel(text)
    label.setObjectName("secondary")
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label


def heading(text: str) -> QLabel:
    """The title of a part of a page."""
    label = QLabel(text)
    label.setObjectName("heading")
    return label
