"""One file after another, in one step or in three that overlap."""

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import app.cli.batch
from app.cli.batch import for_each, for_each_overlapped
from app.cli.exit_codes import INTERRUPTED, OK, SOME_FAILED
from app.cli.reporting import Reporter
from core.errors import PhotoError
from core.files import InputFile
from core.progress import CancelToken

FILES = [InputFile(Path(f"{number}.jpg"), Path(f"{number}.jpg")) for number in range(5)]
SECONDS = 20


def overlapped(work, cancel: CancelToken | None = None) -> int:
    with Reporter(len(FILES), as_json=False) as reporter:
        return for_each_overlapped(FILES, reporter, cancel or CancelToken(), lambda file: work(file, reporter))


def test_the_next_file_is_read_and_the_last_one_written_while_a_file_is_worked_on() -> None:
    read, worked_on = ([threading.Event() for _ in FILES] for _ in range(2))

    def work(file: InputFile, reporter: Reporter) -> Iterator[int]:
        number = FILES.index(file)
        read[number].set()
        yield 1
        worked_on[number].set()
        if number < len(FILES) - 1:
            assert read[number + 1].wait(SECONDS)
        yield 1
        if number < len(FILES) - 1:
            assert worked_on[number + 1].wait(SECONDS)

    assert overlapped(work) == OK


@pytest.mark.parametrize("large", [0, 1])
def test_what_holds_much_shares_the_memory_with_nothing(large: int) -> None:
    held = (app.cli.batch.LARGE + 1) * large
    steps, alive, most = [], set(), 0

    def work(file: InputFile, reporter: Reporter) -> Iterator[int]:
        nonlocal most
        alive.add(file)
        most = max(most, len(alive))
        steps.append((file, "read"))
        yield held
        steps.append((file, "work"))
        yield held
        steps.append((file, "write"))
        alive.remove(file)

    assert overlapped(work) == OK
    if large:
        assert steps == [(file, step) for file in FILES for step in ("read", "work", "write")]
        assert most == 1
    assert most <= 3
    assert [file for file, step in steps if step == "write"] == FILES


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("error", [PhotoError("'2.jpg' is bad"), MemoryError(), IndexError("no")])
def test_a_failure_in_any_step_is_told_in_its_turn(
    step: int, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(file: InputFile, reporter: Reporter) -> Iterator[int]:
        for number in range(3):
            if file is FILES[2] and step == number:
                raise error
            if number < 2:
                yield 1
        reporter.say(f"{file.path} is done")

    assert overlapped(work) == SOME_FAILED
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "done" in line] == [f"{number}.jpg is done" for number in (0, 1, 3, 4)]
    assert "FAILED '2.jpg'" in lines[2]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_failed_file_lets_go_of_its_memory_at_once(step: int) -> None:
    held: list[weakref.ref[np.ndarray]] = []

    def work(file: InputFile, reporter: Reporter) -> Iterator[int]:
        for number in range(3):
            photo = np.zeros(10)
            held.append(weakref.ref(photo))
            if step == number:
                raise PhotoError("it is bad")
            yield 1

    gc.disable()
    try:
        assert overlapped(work) == SOME_FAILED
        assert len(held) == (step + 1) * len(FILES)
        assert [reference() for reference in held] == [None] * len(held)
    finally:
        gc.enable()


def test_when_stopped_what_was_worked_on_is_still_written(capsys: pytest.CaptureFixture[str]) -> None:
    cancel, begun, written = CancelToken(), [], []

    def work(file: InputFile, reporter: Reporter) -> Iterator[int]:
        begun.append(file)
        yield 1
        cancel.raise_if_cancelled()
        if file is FILES[1]:
            cancel.cancel()
        yield 1
        written.append(file)
        reporter.skipped(file.path, "it is a test")

    assert overlapped(work, cancel) == INTERRUPTED
    assert written == FILES[:2]
    assert len(begun) <= 3
    assert "Stopped; 2 of 5 photos are done." in capsys.readouterr().err


def test_work_in_one_step_goes_on_after_a_failure_and_stops_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    cancel, seen = CancelToken(), []

    def work(file: InputFile) -> None:
        seen.append(file)
        if file is FILES[3]:
            cancel.cancel()
        if file is FILES[0]:
            raise PhotoError("'0.jpg' is bad")

    with Reporter(len(FILES), as_json=False) as reporter:
        assert for_each(FILES, reporter, cancel, work) == INTERRUPTED
    assert seen == FILES[:4]
    assert "FAILED '0.jpg' is bad" in capsys.readouterr().err
