"""The log, mistakes that nobody caught, and photos that the desktop opens."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import LOG, keep_log, report_uncaught


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a log, whose handler goes away again."""
    before, level = list(logging.getLogger().handlers), logging.getLogger("app").level
    yield tmp_path
    for handler in [each for each in logging.getLogger().handlers if each not in before]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    for name in ("app", "core", "trainer"):
        logging.getLogger(name).setLevel(level)


def test_the_log_has_what_the_program_told(folder: Path) -> None:
    keep_log(folder)
    logging.getLogger("app.notify").info("told to its user: grün")
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("somebody.else").warning("a warning")
    text = (folder / LOG).read_text(encoding="utf-8")
    assert "INFO app.notify: told to its user: grün" in text
    assert "a warning" in text
    assert "chatter" not in text


def test_the_log_does_not_grow_without_end(folder: Path) -> None:
    keep_log(folder)
    for _ in range(3000):
        logging.getLogger("app").info("x" * 1000)
    assert sorted(path.name for path in folder.iterdir()) == [LOG, f"{LOG}.1"]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_100_000


def test_a_folder_that_takes_no_log_is_no_obstacle(tmp_path: Path) -> None:
    keep_log(tmp_path / "is not there")


def test_mistakes_are_told_and_logged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    keep_log(folder)
    told: list[str] = []
    report_uncaught(told.append)
    try:
        raise KeyError("lost")
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    caplog.clear()
    assert told == ["KeyError: 'lost'"]
    text = (folder / LOG).read_text(encoding="utf-8")
    assert "an exception that nobody caught" in text
    assert "Traceback" in text
