"""The steps of a training beside one another: faces, plan, run, result, and the list of all runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.settings.settings import SettingsStore
from app.theme import GRID
from app.training.collection import Collection
from app.training.controller import TrainingController
from app.training.faces_page import FacesPage
from app.training.measuring import Measuring
from app.training.plan_page import PlanPage
from app.training.process import Outcome
from app.training.result_page import ResultPage
from app.training.run_page import RunPage
from app.training.runs import RunInfo, free_folder
from app.training.runs_page import RunsPage
from app.translation import translated
from core.errors import PhotoError
from trainer.config import TrainConfig
from trainer.run_folder import runs_folder


class Steps(QWidget):
    """`photos` gives the photos that are open; `folder` is the window's own."""

    try_asked = Signal(str)
    models_changed = Signal()

    def __init__(
        self, controller: TrainingController, store: SettingsStore, photos: Callable[[], list[Path]], folder: Path
    ) -> None:
        super().__init__()
        self._controller = controller
        self.collection = Collection(store, self)
        self.measuring = Measuring(controller.folder, self)
        self.faces = FacesPage(self.collection, store, photos)
        self.plan = PlanPage(self.collection, controller, self.measuring, store)
        self.run, self.result, self.runs = RunPage(controller), ResultPage(controller), RunsPage()
        self.stack = QStackedWidget()
        self.tabs = QButtonGroup(self)
        self._lay_out()
        self._connect()
        named = store.value.faces_folder
        self.collection.open(Path(named) if named else folder / "faces")
        self.show_step(self.run if controller.running else self.faces)

    def _lay_out(self) -> None:
        pages: list[tuple[str, QWidget]] = [
            (self.tr("&1  Faces"), self.faces),
            (self.tr("&2  Plan"), self.plan),
            (self.tr("&3  Training"), self.run),
            (self.tr("&4  Result"), self.result),
            (self.tr("&All trainings"), self.runs),
        ]
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        for place, (text, page) in enumerate(pages):
            button = QPushButton(text)
            button.setObjectName("step")
            button.setCheckable(True)
            self.tabs.addButton(button, place)
            if page is self.runs:
                row.addStretch()
            row.addWidget(button)
            if page in (self.faces, self.plan, self.run):
                arrow = QLabel("›")  # noqa: RUF001
                arrow.setObjectName("secondary")
                row.addWidget(arrow)
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addLayout(row)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        controller = self._controller
        self.tabs.idClicked.connect(self._on_tab)
        self.faces.next_asked.connect(self._to_plan)
        self.plan.start_asked.connect(self._start)
        self.plan.models_changed.connect(self.models_changed)
        self.run.result_asked.connect(self._to_result)
        self.result.try_asked.connect(self.try_asked)
        self.result.models_changed.connect(self.models_changed)
        self.runs.look_asked.connect(self._look)
        self.runs.go_on_asked.connect(self._go_on)
        self.runs.again_asked.connect(self._begin_alike)
        controller.changed.connect(self.runs.refresh)
        controller.began.connect(self.runs.refresh)
        controller.ended.connect(self._on_ended)

    def show_step(self, page: QWidget) -> None:
        """Go to one of them."""
        place = self.stack.indexOf(page)
        self.stack.setCurrentIndex(place)
        self.tabs.button(place).setChecked(True)

    def close_threads(self) -> None:
        """Stop what the pages do, but for the training."""
        self.measuring.cancel()
        self.collection.close()
        self.plan.missing.work.close()
        self.result.close_threads()
        self.runs.close_threads()

    @Slot(int)
    def _on_tab(self, place: int) -> None:
        self.stack.setCurrentIndex(place)

    @Slot()
    def _to_plan(self) -> None:
        if not self.plan.name.text():
            self.plan.name.setText(self.tr("my-model"))
        self.show_step(self.plan)

    @Slot()
    def _to_result(self) -> None:
        self.show_step(self.result)

    @Slot(object)
    def _start(self, config: TrainConfig) -> None:
        try:
            self._controller.begin(config, free_folder(config.name, runs_folder()))
        except (OSError, PhotoError) as error:
            self.plan.reason.setText(translated(str(error)))
            return
        self.show_step(self.run)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.done is not None and outcome.done.name and self.stack.currentWidget() is self.run:
            self.show_step(self.result)

    @Slot(object)
    def _look(self, run: RunInfo) -> None:
        self._controller.show(run.folder)
        self.show_step(self.run)

    @Slot(object)
    def _go_on(self, run: RunInfo) -> None:
        if not self._controller.running:
            self.measuring.cancel()
            self._controller.go_on(run.folder)
            self.show_step(self.run)

    @Slot(object)
    def _begin_alike(self, run: RunInfo) -> None:
        name = free_folder(run.name, runs_folder()).name
        self.plan.take_over(msgspec.structs.replace(run.config, run_id="", name=name))
        self.show_step(self.plan)
