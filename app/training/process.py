"""The training process as the window's child: what it says, what it is told, and how it ends."""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import psutil
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, QProcess, QTimer, Signal, Slot

from app.amounts import number
from app.translation import translated
from core.engines.ladder import out_of_memory
from trainer.control import COMMANDS
from trainer.events import Done, Error, Hello, NewerVersionError, decode

LONGEST_LINE = 1_000_000
"""Bytes without an end of line that are still waited for."""

PATIENCE = 20 * 60_000
"""ms without a word before hello: the trial steps of a large network on a processor take minutes."""

GRACE = 120_000
"""ms from the command to stop to the end by force: the step is finished, checkpoint and model are written."""


def training_command() -> list[str]:
    """What starts the child; its arguments follow."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--train-worker"]
    return [sys.executable, "-m", "app", "--train-worker"]


@dataclass(frozen=True)
class Outcome:
    """How the process ended, in one sentence. done: its last word, None where it died without one. lacks_memory:
    it would go with more."""

    state: Literal["finished", "stopped", "failed"]
    sentence: str
    done: Done | None = None
    lacks_memory: bool = False


class Lines:
    """Puts lines together from pieces of bytes, wherever these are cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that are whole now. Of one that has no end the beginning is dropped."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-LONGEST_LINE:]
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]

    def end(self) -> list[str]:
        """What came without an end of line."""
        return [line for line in self.feed(b"\n") if line]


class TrainingProcess(QObject):
    """One child at a time. Each start ends in exactly one `ended`."""

    said = Signal(object)  # Event
    muttered = Signal(str)  # a line that is no event
    ended = Signal(object)  # Outcome

    def __init__(
        self,
        parent: QObject | None = None,
        command: Sequence[str] | None = None,
        patience: int = PATIENCE,
        grace: int = GRACE,
    ) -> None:
        super().__init__(parent)
        self._command = list(command or training_command())
        self._process: QProcess | None = None
        self._patience, self._grace = QTimer(self, interval=patience), QTimer(self, interval=grace)
        for timer in (self._patience, self._grace):
            timer.setSingleShot(True)
        self._patience.timeout.connect(self._on_silence)
        self._grace.timeout.connect(self._on_too_late)

    @property
    def running(self) -> bool:
        """Whether there is a child."""
        return self._process is not None

    def start(self, arguments: Sequence[str]) -> None:
        """Start the child with these arguments behind the command, unless there is one."""
        if self._process is not None:
            return
        self._output, self._errors = Lines(), Lines()
        self._last_words: deque[str] = deque(maxlen=40)
        self._error: Error | None = None
        self._done: Done | None = None
        self._forced = ""
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._on_output)
        process.readyReadStandardError.connect(self._on_errors)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._patience.start()
        process.start(self._command[0], [*self._command[1:], *arguments])

    def tell(self, command: str) -> None:
        """Give a command of `trainer.control.COMMANDS`."""
        assert command in COMMANDS, command
        if self._process is not None:
            self._process.write(f"{command}\n".encode())

    def stop(self) -> None:
        """Have it save and stop; by force where that takes too long."""
        if self._process is not None and not self._grace.isActive():
            self.tell("stop")
            self._grace.start()

    def kill(self, why: str = "") -> None:
        """End it with all processes that it started; `why` is said as the outcome."""
        if self._process is None:
            return
        self._forced = why or self.tr("The training was ended by force; it can go on from its last checkpoint.")
        with suppress(psutil.Error):
            for process in psutil.Process(self._process.processId()).children(recursive=True):
                with suppress(psutil.Error):
                    process.kill()
        self._process.kill()

    def close(self) -> None:
        """End it at once and wait, as a window that is gone must."""
        if self._process is not None:
            self.kill()
            self._process.waitForFinished(10_000)

    @Slot()
    def _on_output(self) -> None:
        if self._process is not None:
            for line in self._output.feed(bytes(self._process.readAllStandardOutput().data())):
                self._take(line)

    @Slot()
    def _on_errors(self) -> None:
        if self._process is not None:
            for line in self._errors.feed(bytes(self._process.readAllStandardError().data())):
                self._mutter(line)

    def _take(self, line: str) -> None:
        try:
            event = decode(line)
        except NewerVersionError as error:
            self.kill(for_the_window(str(error)))
            return
        if event is None:
            self._mutter(line)
            return
        # Any word shows that it is at work.
        self._patience.start()
        if isinstance(event, Hello):
            self._patience.stop()
        elif isinstance(event, Error):
            self._error = event
        elif isinstance(event, Done):
            self._done = event
            self._patience.stop()
        self.said.emit(event)

    def _mutter(self, line: str) -> None:
        if line.strip():
            self._last_words.append(line)
            self.muttered.emit(line)

    @Slot()
    def _on_silence(self) -> None:
        self.kill(self.tr("The training did not begin; it was ended after too long a silence. Try it once more."))

    @Slot()
    def _on_too_late(self) -> None:
        self.kill(
            self.tr("The training did not stop in time and was ended; it can go on from its last checkpoint.")
        )

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            sentence = self.tr("The training could not be started ({reason}); install the program again.")
            self._end(Outcome("failed", sentence.format(reason=reason)))

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        self._on_errors()
        for line in self._output.end():
            self._take(line)
        for line in self._errors.end():
            self._mutter(line)
        self._end(self._outcome(code, status is QProcess.ExitStatus.CrashExit))

    def _end(self, outcome: Outcome) -> None:
        process, self._process = self._process, None
        self._patience.stop()
        self._grace.stop()
        if process is not None:
            process.deleteLater()
            self.ended.emit(outcome)

    def _outcome(self, code: int, crashed: bool) -> Outcome:
        done, error = self._done, self._error
        if done is not None and done.state == "failed":
            why = for_the_window(error.message) if error else unexpected(code, crashed, self._last_words)[0]
            return Outcome("failed", why, done, bool(error and error.memory))
        if done is not None:
            end = {
                "finished": self.tr("The training is finished, after {steps} steps."),
                "stopped": self.tr("The training is stopped after {steps} steps; it can go on any time."),
            }[done.state]
            return Outcome(done.state, end.format(steps=number(done.step)), done)
        if self._forced:
            return Outcome("failed", self._forced)
        sentence, memory = unexpected(code, crashed, self._last_words)
        return Outcome("failed", sentence, None, memory)


_MEMORY = QT_TRANSLATE_NOOP(
    "TrainingProcess", "There was not enough memory. Choose smaller batches, or close other programs."
)
_ENDED_BY_SYSTEM = QT_TRANSLATE_NOOP(
    "TrainingProcess",
    "The system ended the training, most likely because memory ran out. It can go on from its last checkpoint.",
)
_CRASHED = QT_TRANSLATE_NOOP("TrainingProcess", "The training crashed. It can go on from its last checkpoint.")
_WITHOUT_A_WORD = QT_TRANSLATE_NOOP(
    "TrainingProcess", "The training ended without a word. It can go on from its last checkpoint."
)


def unexpected(code: int, crashed: bool, words: Sequence[str]) -> tuple[str, bool]:
    """Why a child died without a word of its own, by what libraries and drivers wrote; and whether it lacked
    memory. `code` is the exit code, or on POSIX the signal's number where it crashed."""
    for line in reversed(words):
        if _memory_in(line):
            return _said(_MEMORY), True
        for sign, sentence in _SIGNS.items():
            if sign in line:
                return _said(sentence), False
    if crashed and code == 9 and sys.platform != "win32":
        return _said(_ENDED_BY_SYSTEM), True
    if crashed:
        return _said(_CRASHED), False
    if words and code:
        return for_the_window(words[-1]), False
    return _said(_WITHOUT_A_WORD), False


def _memory_in(line: str) -> bool:
    return (
        out_of_memory(RuntimeError(line))
        or any(sign in line for sign in ("OUT_OF_MEMORY", "cudaErrorMemoryAllocation", "hipErrorOutOfMemory"))
        or line.startswith("MemoryError")
    )


_SIGNS = {
    "No space left on device": QT_TRANSLATE_NOOP(
        "TrainingProcess", "The disk is full; free some space and go on."
    ),
    "not enough space on the disk": QT_TRANSLATE_NOOP(
        "TrainingProcess", "The disk is full; free some space and go on."
    ),
    "driver version is insufficient": QT_TRANSLATE_NOOP(
        "TrainingProcess", "The graphics driver is too old for this program; update it."
    ),
    "no kernel image is available": QT_TRANSLATE_NOOP(
        "TrainingProcess", "This graphics card is too old or too new for this program; use the processor."
    ),
    "device-side assert": QT_TRANSLATE_NOOP(
        "TrainingProcess", "The graphics card stopped with an error; start the computer again and go on."
    ),
    "CUDNN_STATUS": QT_TRANSLATE_NOOP(
        "TrainingProcess", "The graphics driver failed; close other programs that use the card, and go on."
    ),
    "BrokenProcessPool": QT_TRANSLATE_NOOP(
        "TrainingProcess", "A process that reads the faces was ended, most likely because memory ran out."
    ),
}
"""What drivers and libraries write, and what it means."""


def _said(sentence: object) -> str:
    return QCoreApplication.translate("TrainingProcess", str(sentence))


_FOR_A_SHELL = {
    " with --resume": "",
    " without --resume": "",
    ", or choose another folder with --out": "",
    ", or choose another folder.": ".",
    "; add photos with 'train prepare', or accept faces in its dataset.json": "; add photos, or accept faces",
    "; see report.html there for the reasons": "; each says why",
    " Or train without it with --allow-missing:": " Or allow missing terms in the advanced settings:",
    "leave out --aligned for ordinary photos": "it is no aligned face",
}


def for_the_window(sentence: str) -> str:
    """A sentence of the trainer in the window's language, without what is only of use in a shell."""
    if (known := translated(sentence)) != sentence:
        return known
    for words, instead in _FOR_A_SHELL.items():
        sentence = sentence.replace(words, instead)
    return _COMMAND.sub("get it in the settings, under models", sentence)


_COMMAND = re.compile(r'get (it|one) with "gfpgan-desktop models get [^"]*"')
