"""The second step of a training: what is trained, how long, and what the model will be called."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.forms import add_row, make_form
from app.settings.fields import heading, note
from app.settings.settings import SettingsStore
from app.theme import GRID
from app.training.advanced import AdvancedSettings
from app.training.collection import Collection
from app.training.controller import TrainingController
from app.training.measuring import Measuring
from app.training.missing_networks import MissingNetworks
from app.training.presets import PresetCard, presets
from app.training.unfold import UnfoldButton
from app.translation import translated
from core.models.store import present_models
from trainer.config import ConfigError, TrainConfig
from trainer.report import USUAL
from trainer.resolving import load_preset, resolve

_AFTER = 1200  # ms without a change, after which the plan is measured


@dataclass(frozen=True)
class Plan:
    """What the user wants, and why it cannot begin ("" where it can)."""

    config: TrainConfig | None
    reason: str


class PlanPage(QWidget):
    """`start_asked` carries the configuration, `models_changed` tells that another model is here."""

    start_asked = Signal(object)
    models_changed = Signal()

    def __init__(
        self, collection: Collection, controller: TrainingController, measuring: Measuring, store: SettingsStore
    ) -> None:
        super().__init__()
        self._collection, self._controller, self._measuring = collection, controller, measuring
        self.cards = {preset.name: PresetCard(preset) for preset in presets()}
        self._presets = {name: resolve({"preset": name, **load_preset(name)}) for name in self.cards}
        self.base, self.name = QComboBox(), QLineEdit()
        self.name.setPlaceholderText(self.tr("What the model will be called"))
        self.advanced = AdvancedSettings()
        self.unfold = UnfoldButton(self.tr("Advanced settings"), self.advanced)
        self.missing = MissingNetworks(store)
        self.reason = note("")
        self.start = QPushButton(self.tr("&Start training"))
        self.start.setProperty("primary", "true")
        self._soon = QTimer(self, interval=_AFTER)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._measure)
        self._lay_out()
        self._connect()
        self.refresh_models()
        self.choose("personal")

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(2 * GRID)
        for card in self.cards.values():
            cards.addWidget(card)
        form = make_form()
        add_row(form, self.tr("&Begin with"), self.base)
        add_row(form, self.tr("&Name"), self.name)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(heading(self.tr("What is it for?")))
        column.addLayout(cards)
        column.addLayout(form)
        column.addWidget(self.missing)
        column.addWidget(self.unfold)
        column.addWidget(self.advanced)
        column.addStretch()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setWidget(body)
        ending = QHBoxLayout()
        ending.setSpacing(2 * GRID)
        ending.addWidget(self.reason, 1)
        ending.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.area, 1)
        column.addLayout(ending)

    def _connect(self) -> None:
        for card in self.cards.values():
            card.clicked.connect(self._on_card)
        self.base.activated.connect(self._on_base)
        self.name.textEdited.connect(self._refresh)
        self.advanced.changed.connect(self._refresh)
        self.missing.changed.connect(self._refresh)
        self.missing.changed.connect(self.models_changed)
        self.start.clicked.connect(self._on_start)
        self._measuring.changed.connect(self._refresh)
        self._controller.changed.connect(self._refresh)
        self._controller.began.connect(self._refresh)
        self._collection.model.counted.connect(self._refresh)
        self._collection.changed.connect(self._refresh)

    # What is chosen.

    def choose(self, preset: str) -> None:
        """Begin with the settings of a preset."""
        self._chosen = preset
        self.cards[preset].setChecked(True)
        self.advanced.set_config(self._presets[preset])

    def take_over(self, config: TrainConfig) -> None:
        """Begin with the settings of another run, and a name of its own."""
        if config.preset in self.cards:
            self._chosen = config.preset
            self.cards[config.preset].setChecked(True)
        self.advanced.set_config(config)
        place = self.base.findData(config.network.base)
        if place < 0 and config.network.base:
            self.base.addItem(config.network.base, config.network.base)
        self.base.setCurrentIndex(max(0, self.base.findData(config.network.base)))
        self.name.setText(config.name)
        self._refresh()

    @property
    def preset(self) -> str:
        """The one whose card is chosen."""
        return next(name for name, card in self.cards.items() if card.isChecked())

    def refresh_models(self) -> None:
        """Offer the restorers that are on this machine now."""
        chosen = self.base.currentData()
        self.base.clear()
        self.base.addItem(self.tr("The best model here"), "best")
        for model in present_models("restorer"):
            if model.kind:
                self.base.addItem(translated(model.title), model.name)
        self.base.setCurrentIndex(max(0, self.base.findData(chosen)))

    def plan(self) -> Plan:
        """What the user wants."""
        model, controller = self._collection.model, self._controller
        try:
            config = self._config()
        except ConfigError as error:
            return Plan(None, translated(str(error)))
        needs = self._measuring.known(config)
        reason = ""
        if self._collection.busy:
            reason = self.tr("Photos are still being added.")
        elif not model.accepted:
            reason = self.tr("There is no face to learn from yet: add photos in the first step.")
        elif not config.name:
            reason = self.tr("Give the model a name.")
        elif controller.running:
            reason = self.tr("A training is running; it has to end first.")
        elif needs is not None and needs.problem:
            reason = needs.problem
        return Plan(config, reason)

    def _config(self) -> TrainConfig:
        return self._placed(self.advanced.config())

    def _placed(self, config: TrainConfig) -> TrainConfig:
        """With what the page asks for outside the advanced settings."""
        replace = msgspec.structs.replace
        network = replace(config.network, base=self.base.currentData() or "")
        data = replace(config.data, folder=str(self._collection.folder))
        return replace(config, name=self.name.text().strip(), network=network, data=data)

    @Slot()
    def _on_card(self) -> None:
        if self.preset != self._chosen:
            self.choose(self.preset)
        elif (plan := self.plan()).config is not None and not self._controller.running:
            self._measuring.measure(plan.config)

    @Slot(int)
    def _on_base(self, _: int) -> None:
        self._refresh()

    @Slot()
    def _on_start(self) -> None:
        plan = self.plan()
        if plan.config is not None and not plan.reason:
            self._soon.stop()
            self._measuring.cancel()
            self.start_asked.emit(plan.config)

    # What it takes.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Measure what is looked at."""
        super().showEvent(event)
        self._refresh()

    @Slot()
    def _measure(self) -> None:
        plan = self.plan()
        if self.isVisible() and plan.config and not plan.reason and self._measuring.known(plan.config) is None:
            self._measuring.measure(plan.config)

    @Slot()
    def _refresh(self) -> None:
        plan = self.plan()
        accepted = self._collection.model.accepted
        for name, card in self.cards.items():
            config = plan.config if card.isChecked() else self._placed(self._presets[name])
            if config is not None:
                card.show_needs(self._measuring.known(config), self._measuring.measures(config))
        if plan.config is not None and self._measuring.known(plan.config) is None:
            self._soon.start()
        words = plan.reason
        if not words and accepted < self.cards[self.preset].preset.faces:
            wanted = self.cards[self.preset].preset.faces
            words = self.tr("{wanted} faces or more are wanted for this; with {count} the model may learn little.")
            words = words.format(wanted=wanted, count=accepted)
        elif not words and accepted >= USUAL and self.preset != "standard":
            words = self.tr("{count} faces: enough for many people too.").format(count=accepted)
        self.reason.setText(words)
        self.missing.show_for(plan.config.losses if plan.config else None)
        self.start.setEnabled(plan.config is not None and not plan.reason)
