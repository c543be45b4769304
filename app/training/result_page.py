"""The last step of a training: how good the model is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.amounts import number
from app.settings.background_work import BackgroundWork
from app.settings.fields import note
from app.theme import GRID, current, themes
from app.training.controller import TrainingController
from app.training.previews import Previews
from core.errors import ModelError
from trainer.events import Done, EventLog
from trainer.missing import is_judged


@dataclass(frozen=True)
class Measure:
    """A metric of held-out faces in plain words."""

    name: str
    words: str
    unit: str
    digits: int
    more_is_better: bool


def measures() -> list[Measure]:
    """Those that there may be (`trainer.evaluation.Metrics`)."""
    return [
        Measure(
            "identity_angle",
            QCoreApplication.translate("Measures", "Likeness lost, less is better"),
            "°",
            1,
            False,
        ),
        Measure(
            "psnr",
            QCoreApplication.translate("Measures", "Closeness to the true picture (PSNR), more is better"),
            " dB",
            2,
            True,
        ),
        Measure(
            "ssim", QCoreApplication.translate("Measures", "Same structure (SSIM), more is better"), "", 4, True
        ),
        Measure(
            "perceptual",
            QCoreApplication.translate("Measures", "Difference in texture, less is better"),
            "",
            3,
            False,
        ),
    ]


class ResultPage(QWidget):
    """`try_asked` carries the model's name."""

    try_asked = Signal(str)
    models_changed = Signal()

    def __init__(self, controller: TrainingController) -> None:
        super().__init__()
        self._controller = controller
        self._work = BackgroundWork(self)
        self.title, self.verdict, self.words = QLabel(), note(""), note("")
        self.title.setObjectName("title")
        self.table = QGridLayout()
        self.table.setHorizontalSpacing(3 * GRID)
        self.table.setVerticalSpacing(GRID)
        self.previews = Previews()
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("The model's name"))
        self.rename, self.discard = QPushButton(self.tr("Re&name")), QPushButton(self.tr("&Discard"))
        self.keep, self.attempt = QPushButton(self.tr("&Keep it")), QPushButton(self.tr("&Try it on this photo"))
        self.attempt.setProperty("primary", "true")
        self._lay_out()
        self.rename.clicked.connect(self._on_rename)
        self.name.returnPressed.connect(self._on_rename)
        self.discard.clicked.connect(self._on_discard)
        self.keep.clicked.connect(self._on_keep)
        self.attempt.clicked.connect(self._on_try)
        self._work.returned.connect(self._on_returned)
        self._work.failed.connect(self.words.setText)
        controller.began.connect(self.refresh)
        controller.changed.connect(self.refresh)
        themes().changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.name, 1)
        buttons.addWidget(self.rename)
        buttons.addSpacing(2 * GRID)
        for button in (self.discard, self.keep, self.attempt):
            buttons.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(2 * GRID)
        left.addWidget(self.verdict)
        left.addLayout(self.table)
        left.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(4 * GRID)
        middle.addLayout(left, 1)
        middle.addWidget(self.previews, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(self.title)
        column.addLayout(middle, 1)
        column.addWidget(self.words)
        column.addLayout(buttons)

    @property
    def done(self) -> Done | None:
        """How the run that is shown ended; None where there is no model of it."""
        done = self._controller.history.done
        return done if done is not None and done.model else None

    def close_threads(self) -> None:
        """Wait for what is being done."""
        self._work.close()

    @Slot()
    def refresh(self) -> None:
        """Show the result there is."""
        done = self.done
        self.previews.set_history(self._controller.history)
        for widget in (self.name, self.rename, self.discard, self.keep, self.attempt):
            widget.setEnabled(done is not None and bool(done.name))
        if done is None:
            self.title.setText(self.tr("No model yet"))
            self.verdict.setText(self.tr("When a training ends, or is stopped, its model is shown here."))
            self._fill({})
            return
        self.title.setText(done.name or self.tr("The model was discarded"))
        if not self.name.hasFocus():
            self.name.setText(done.name)
        self._fill(done.metrics)
        self.verdict.setText(self._verdict(done.metrics))

    def _verdict(self, metrics: dict[str, dict[str, float]]) -> str:
        before, after = metrics.get("before", {}), metrics.get("after", {})
        both = [each for each in measures() if each.name in before and each.name in after]
        if not both and (before or after):
            return self.tr("It was stopped before it was measured. Look at it on your own photos.")
        if not both:
            return self.tr("There were no faces to measure it on. Look at it on your own photos.")
        if not is_judged(after):
            return self.tr(
                "Whether it became better is not known: the networks that see textures and likeness are not here, "
                "and the other two measures prefer a blurred face. Your own photos decide: try it on one."
            )
        better = sum(_gain(each, before, after) > 0 for each in both)
        text = self.tr(
            "On faces it did not learn from, it is better than the model before in {better} of {all} measures."
        )
        return text.format(better=better, all=len(both)) + " " + self.tr("Your own photos decide: try it on one.")

    def _fill(self, metrics: dict[str, dict[str, float]]) -> None:
        while (item := self.table.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        before, after = metrics.get("before", {}), metrics.get("after", {})
        shown = [each for each in measures() if each.name in before or each.name in after]
        if not shown:
            return
        heads = ["", self.tr("Given"), self.tr("Model before"), self.tr("Your model")]
        for column, text in enumerate(heads):
            self._put(0, column, text, "secondary")
        for row, each in enumerate(shown, 1):
            self._put(row, 0, each.words, "")
            for column, values in enumerate((metrics.get("inputs", {}), before, after), 1):
                self._put(row, column, _number(each, values), "heading" if column == 3 else "")
            gain = _gain(each, before, after) if is_judged(after) else 0.0  # what blur wins is no good news
            if gain and (item := self.table.itemAtPosition(row, 3)) is not None and (label := item.widget()):
                label.setStyleSheet(f"color: {current().good if gain > 0 else current().warning};")
        self.table.setColumnStretch(0, 1)

    def _put(self, row: int, column: int, text: str, name: str) -> None:
        label = QLabel(text)
        label.setObjectName(name)
        label.setWordWrap(column == 0)
        label.setAlignment(
            Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
        )
        self.table.addWidget(label, row, column)

    # What becomes of it.

    @Slot()
    def _on_try(self) -> None:
        if self.done is not None:
            self.try_asked.emit(self.done.name)

    @Slot()
    def _on_keep(self) -> None:
        if self.done is not None:
            self.words.setText(self.tr("'{name}' is in every list of models now.").format(name=self.done.name))

    @Slot()
    def _on_rename(self) -> None:
        done, wanted = self.done, self.name.text().strip()
        if done is None or not done.name or not wanted or wanted == done.name:
            return

        def work(*_: object) -> tuple[str, str]:
            from trainer.export import rename

            new = rename(done.name, wanted)
            return new, self.tr("It is called '{name}' now.").format(name=new)

        self._start(work)

    @Slot()
    def _on_discard(self) -> None:
        done = self.done
        if done is None or not done.name:
            return

        def work(*_: object) -> tuple[str, str]:
            from core.removal import remove_model

            with suppress(ModelError):  # it is gone already
                remove_model(done.name)
            return "", self.tr("Discarded. The run is still in the list, and can go on.")

        self._start(work)

    def _start(self, work: Callable[..., object]) -> None:
        self.name.clearFocus()
        self._work.start(work)

    @Slot(object)
    def _on_returned(self, outcome: tuple[str, str]) -> None:
        name, words = outcome
        run, done = self._controller.run, self._controller.history.done
        if run is not None and done is not None:
            # What the run says last is what is shown of it the next time.
            EventLog(run.events, self._controller.history.take)(replace(done, name=name))
        self.refresh()
        self.words.setText(words)
        self.models_changed.emit()


def _gain(measure: Measure, before: dict[str, float], after: dict[str, float]) -> float:
    """By how much it is better; 0 where that is not known, or not to be seen in the digits shown."""
    if measure.name not in before or measure.name not in after:
        return 0.0
    gain = round(after[measure.name], measure.digits) - round(before[measure.name], measure.digits)
    return gain if measure.more_is_better else -gain


def _number(measure: Measure, values: dict[str, float]) -> str:
    value = values.get(measure.name)
    return "–" if value is None else f"{number(value, measure.digits)}{measure.unit}"  # noqa: RUF001
