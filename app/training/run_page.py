"""The third step of a training: how it gets on."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.amounts import amount, duration, number
from app.settings.fields import note
from app.theme import GRID, current, themes
from app.training.controller import TrainingController
from app.training.plots import LossPlot
from app.training.previews import Previews
from app.training.process import Outcome, for_the_window
from app.training.unfold import UnfoldButton
from app.translation import translated
from trainer.events import Event, Hello, Sample, Step

_WARNINGS = 2  # that are shown at once; all are in the log


class RunPage(QWidget):
    """Shows the controller's run, whether it is on or long over."""

    result_asked = Signal()

    def __init__(self, controller: TrainingController) -> None:
        super().__init__()
        self._controller = controller
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._refresh)
        self.title, self.state = QLabel(), QLabel()
        self.title.setObjectName("title")
        self.state.setObjectName("badge")
        self.pause, self.sample = QPushButton(self.tr("&Pause")), QPushButton(self.tr("Samples &now"))
        self.stop, self.again = QPushButton(self.tr("Stop and &keep")), QPushButton(self.tr("&Go on"))
        self.result = QPushButton(self.tr("&See the result"))
        self.result.setProperty("primary", "true")
        self.steps_bar, self.time_bar = QProgressBar(), QProgressBar()
        self.steps_words, self.time_words, self.pace_words = QLabel(), QLabel(), QLabel()
        self.words, self.warnings = note(""), QLabel()
        self.warnings.setWordWrap(True)
        self.plot, self.previews = LossPlot(), Previews()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumHeight(18 * GRID)
        self.unfold = UnfoldButton(self.tr("Log"), self.log)
        self._lay_out()
        self._connect()
        self._on_began()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.title)
        top.addWidget(self.state, alignment=Qt.AlignmentFlag.AlignVCenter)
        top.addStretch()
        for button in (self.sample, self.pause, self.stop, self.again, self.result):
            top.addWidget(button)
        bars = QHBoxLayout()
        bars.setSpacing(3 * GRID)
        for words, bar in ((self.steps_words, self.steps_bar), (self.time_words, self.time_bar)):
            bar.setTextVisible(False)
            part = QVBoxLayout()
            part.setSpacing(GRID // 2)
            part.addWidget(words)
            part.addWidget(bar)
            bars.addLayout(part, 1)
        self.steps_bar.setAccessibleName(self.tr("Steps"))
        self.time_bar.setAccessibleName(self.tr("Time"))
        self.pace_words.setObjectName("secondary")
        self.pace_words.setMinimumWidth(24 * GRID)
        self.pace_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bars.addWidget(self.pace_words)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(2 * GRID)
        self.split.addWidget(self.plot)
        self.split.addWidget(self.previews)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GRID)
        inner.addLayout(bars)
        inner.addWidget(self.warnings)
        inner.addWidget(self.split, 1)
        inner.addWidget(self.unfold, alignment=Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self.words)
        column.addWidget(self.body, 1)
        column.addStretch()

    def _connect(self) -> None:
        controller = self._controller
        controller.began.connect(self._on_began)
        controller.said.connect(self._on_said)
        controller.changed.connect(self._refresh)
        controller.ended.connect(self._on_ended)
        self.pause.clicked.connect(self._on_pause)
        self.sample.clicked.connect(controller.sample)
        self.stop.clicked.connect(controller.stop)
        self.again.clicked.connect(self._on_again)
        self.result.clicked.connect(self.result_asked)
        self.unfold.toggled.connect(self._show_log)
        themes().changed.connect(self._refresh)

    @Slot()
    def _on_began(self) -> None:
        self._clock.invalidate()
        history = self._controller.history
        self.plot.set_history(history)
        self.previews.set_history(history)
        self._refresh()

    @Slot(object)
    def _on_said(self, event: Event) -> None:
        match event:
            case Hello():
                self._clock.start()
                self._tick.start()
            case Step():
                self.plot.update_soon()
            case Sample() if event.sheet:
                self.previews.refresh()
        self._refresh()

    @Slot(object)
    def _on_ended(self, _: Outcome) -> None:
        self._tick.stop()
        self.plot.draw()

    @Slot()
    def _on_pause(self) -> None:
        if self._controller.paused:
            self._controller.resume()
        else:
            self._controller.pause()

    @Slot()
    def _on_again(self) -> None:
        run = self._controller.run
        if run is not None:
            self._controller.go_on(run.path)

    @Slot()
    def _refresh(self) -> None:
        controller, history = self._controller, self._controller.history
        running, paused = controller.running, controller.paused
        begun = running and history.hello is not None and history.state != "starting"
        there = controller.run is not None
        self.title.setText(controller.run.path.name if controller.run else self.tr("No training yet"))
        for widget in (self.body, self.state):
            widget.setVisible(there)
        words, level = self._state_words()
        self.state.setText(words)
        self.state.setProperty("level", level)
        self.state.style().polish(self.state)
        self.pause.setText(self.tr("&Resume") if paused else self.tr("&Pause"))
        for button in (self.pause, self.sample, self.stop):
            button.setVisible(running)
            button.setEnabled(begun and not controller.stopping)
        self.stop.setEnabled(running and not controller.stopping)
        over = controller.run is not None and not running
        left = history.step < history.steps or not history.steps
        self.again.setVisible(over and left)
        ready = over and history.done is not None and bool(history.done.model)
        self.result.setVisible(ready)
        self.again.setProperty("primary", "false" if ready else "true")
        self.again.style().polish(self.again)
        self._show_pace()
        self._show_sentences()

    def _state_words(self) -> tuple[str, str]:
        history, controller = self._controller.history, self._controller
        if controller.stopping:
            return self.tr("stopping"), ""
        return {
            "starting": (self.tr("starting"), ""),
            "running": (
                (self.tr("running"), "good") if controller.running else (self.tr("interrupted"), "warning")
            ),
            "paused": (self.tr("paused"), "warning"),
            "stopping": (self.tr("stopping"), ""),
            "finished": (self.tr("finished"), "good"),
            "stopped": (self.tr("stopped"), ""),
            "failed": (self.tr("failed"), "warning"),
        }.get(history.state, ("", ""))

    def _show_pace(self) -> None:
        history = self._controller.history
        self.steps_bar.setRange(0, max(1, history.steps))
        self.steps_bar.setValue(history.step)
        of = self.tr("{step} of {steps} steps").format(step=number(history.step), steps=number(history.steps))
        self.steps_words.setText(of if history.steps else self.tr("Steps"))
        left, spent = history.seconds_left, self._spent()
        running = self._controller.running
        self.time_bar.setRange(0, 1000)
        if not running or left is None:
            self.time_bar.setValue(1000 if history.state == "finished" else 0)
            self.time_words.setText(self.tr("Time left: not known yet") if running else self.tr("Time"))
        else:
            self.time_bar.setValue(round(1000 * spent / max(1.0, spent + left)))
            self.time_words.setText(self.tr("{time} left").format(time=duration(left)))
        last = history.last
        self.pace_words.setText(
            ""
            if last is None
            else self.tr("{pace} faces a second, {memory} of memory").format(
                pace=number(last.images_per_second, 1), memory=amount(last.memory_bytes)
            )
        )

    def _spent(self) -> float:
        return self._clock.elapsed() / 1000 if self._clock.isValid() else 0.0

    def _show_sentences(self) -> None:
        controller, history = self._controller, self._controller.history
        words = ""
        if controller.run is None:
            words = self.tr("Choose faces and a plan in the first two steps; the training is shown here.")
        elif controller.outcome is not None:
            words = controller.outcome.sentence
        elif controller.running and history.state == "starting":
            words = self.tr(
                "It reads the faces and makes a few steps on trial. Depending on the computer this takes minutes."
            )
        elif controller.paused:
            words = self.tr("Paused. Most of its memory is free, and nothing is lost.")
        elif controller.running and history.hello is not None and history.last is None:
            words = " ".join(map(translated, history.hello.estimate))
        self.words.setText(words)
        self.words.setVisible(bool(words))
        failed = controller.outcome is not None and controller.outcome.state == "failed"
        self.words.setStyleSheet(f"color: {current().danger};" if failed else "")
        warnings = list(dict.fromkeys(map(for_the_window, history.warnings)))[-_WARNINGS:]
        self.warnings.setText("\n".join(f"• {warning}" for warning in warnings))
        self.warnings.setStyleSheet(f"color: {current().warning};")
        self.warnings.setVisible(bool(warnings))
        self._show_log()

    @Slot()
    def _show_log(self) -> None:
        if self.log.isVisible():
            text = "\n".join(map(for_the_window, self._controller.history.log))
            if text != self.log.toPlainText():
                self.log.setPlainText(text)
                self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())
