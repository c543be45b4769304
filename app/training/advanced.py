"""Every setting of a training, with a field made from its type."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from enum import StrEnum
from functools import reduce
from operator import getitem
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import tomli_w
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.forms import add_row, make_form
from app.settings.fields import heading
from app.theme import GRID
from app.translation import translated
from trainer.config import ConfigError, TrainConfig
from trainer.recipes import Degradation
from trainer.resolving import as_toml, from_toml

ELSEWHERE = {"preset", "run_id", "name", "data.folder", "network.base"}
"""Settings that the page asks for in another place, or that are none of the user's."""

_UNITS = {
    "steps": "steps",
    "batch": "faces",
    "accumulate": "batches",
    "keep": "checkpoints",
    "samples": "faces",
    "evaluate": "faces",
    "network.size": "px",
    "discriminators.delay": "steps",
    "losses.pyramid_drop": "steps",
    "losses.r1_every": "steps",
    "optimizer.warmup": "steps",
    "optimizer.milestones": "steps",
    "prior.path_every": "steps",
    "data.held_out": "share, or faces",
    "data.workers": "processes",
    "degradation.sigma": "px",
    "degradation.kernel_size": "px",
    "degradation.factor": "times smaller",
    "degradation.noise": "grey levels",
    "degradation.jpeg": "quality",
    "degradation.hue": "turns",
    "every.report": "steps",
    "every.evaluation": "steps",
    "every.sample": "steps",
    "every.checkpoint": "steps",
}


class Field:
    """The editor of one setting. `text` is its value as TOML."""

    def __init__(self, key: str, kind: Any) -> None:
        self.key = key
        self.choices = _choices(kind)
        self.is_text = kind is str
        self.default = ""
        self.widget: QWidget
        if kind is bool:
            self.widget = QCheckBox()
        elif self.choices:
            box = QComboBox()
            box.addItems(self.choices)
            self.widget = box
        else:
            self.widget = QLineEdit()

    @property
    def text(self) -> str:
        """What the user wants."""
        if isinstance(self.widget, QCheckBox):
            return "true" if self.widget.isChecked() else "false"
        if isinstance(self.widget, QComboBox):
            return json.dumps(self.widget.currentText())
        assert isinstance(self.widget, QLineEdit)
        words = self.widget.text().strip()
        return json.dumps(words, ensure_ascii=False) if self.is_text else words

    def show(self, text: str) -> None:
        """Show a value, and take it for the default."""
        self.default = text
        blocker = QSignalBlocker(self.widget)
        if isinstance(self.widget, QCheckBox):
            self.widget.setChecked(text == "true")
        elif isinstance(self.widget, QComboBox):
            self.widget.setCurrentText(json.loads(text))
        elif isinstance(self.widget, QLineEdit):
            words = json.loads(text) if self.is_text else text
            self.widget.setText(words)
            self.widget.setPlaceholderText(words)
        del blocker


class AdvancedSettings(QWidget):
    """Shows a configuration, and tells what is changed of it, and what is wrong with that."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = TrainConfig()
        self.fields: dict[str, Field] = {}
        self.problem = ""
        self._rows: list[tuple[QFormLayout, int, str]] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a setting"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(self.search)
        for title, doc, leaves in _groups():
            head = heading(title)
            head.setToolTip(doc)
            column.addSpacing(GRID)
            column.addWidget(head)
            form = make_form()
            for key, kind in leaves:
                self._add(form, key, kind)
            column.addLayout(form)
        column.addStretch()
        self.set_config(self._config)

    def set_config(self, config: TrainConfig) -> None:
        """Show a configuration; changes of another one are gone."""
        self._config = config
        values = msgspec.to_builtins(config)
        for key, field in self.fields.items():
            field.show(_as_text(reduce(getitem, key.split("."), values)))
        self._check()

    @property
    def changes(self) -> list[str]:
        """What differs from the configuration that is shown, each as `key=value`."""
        return [f"{key}={field.text}" for key, field in self.fields.items() if field.text != field.default]

    def config(self) -> TrainConfig:
        """The configuration with the changes. Raises ConfigError."""
        return from_toml(as_toml(self._config), self.changes)

    def _add(self, form: QFormLayout, key: str, kind: Any) -> None:
        field = self.fields[key] = Field(key, kind)
        widget, words = field.widget, key.split(".")[-1].replace("_", " ")
        widget.setAccessibleName(words)
        widget.setToolTip(key)
        if isinstance(widget, QLineEdit):
            widget.textEdited.connect(self._check)
        elif isinstance(widget, QComboBox):
            widget.currentIndexChanged.connect(self._check)
        elif isinstance(widget, QCheckBox):
            widget.toggled.connect(self._check)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(widget)
        unit = QLabel(_UNITS.get(key, ""))
        unit.setObjectName("secondary")
        unit.setFixedWidth(14 * GRID)
        row.addWidget(unit)
        label = add_row(form, words[:1].upper() + words[1:], row, widget)
        label.setMinimumWidth(22 * GRID)
        self._rows.append((form, form.rowCount() - 1, f"{key} {words}"))

    @Slot()
    def _check(self) -> None:
        try:
            self.config()
        except ConfigError as error:
            self.problem = translated(str(error))
        else:
            self.problem = ""
        self.changed.emit()

    @Slot(str)
    def _on_search(self, text: str) -> None:
        for form, row, words in self._rows:
            form.setRowVisible(row, text.strip().casefold() in words.casefold())


def _groups() -> Iterator[tuple[str, str, list[tuple[str, Any]]]]:
    """The tables of a configuration: title, what they are for, and their settings."""
    hints = get_type_hints(TrainConfig)
    plain = [(key, kind) for key, kind in hints.items() if not _is_table(kind) and key not in ELSEWHERE]
    yield "Run", inspect.getdoc(TrainConfig) or "", plain
    for key, table in hints.items():
        if _is_table(table):
            inner = [(f"{key}.{name}", kind) for name, kind in get_type_hints(table).items()]
            yield (
                key[:1].upper() + key[1:],
                inspect.getdoc(table) or "",
                [(name, kind) for name, kind in inner if name not in ELSEWHERE],
            )


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or kind is Degradation)


def _choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(choice) for choice in get_args(kind)]
    return [str(choice) for choice in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _as_text(value: Any) -> str:
    """A value as TOML on one line; none as the configuration's files have it."""
    if value is None:
        return "none"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {number}" for key, number in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_as_text, value)) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").strip()
