"""Photos that the desktop opens reach the window that is there, in real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import DATA_FOLDER_VARIABLE
from tests.conftest import PATIENCE, SAMPLES

ROOT = SAMPLES.parent.parent
APPLE_EVENT = """
from PySide6.QtGui import QFileOpenEvent
from app.bootstrap import make_application
app = make_application()
app.photos_asked.connect(print)
app.sendEvent(app, QFileOpenEvent("/photos/grandma.jpg"))
"""


class Programs:
    """Starts the program, with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "data" / "session" / "photos.json"
        self._environment = {
            **os.environ,
            DATA_FOLDER_VARIABLE: str(folder / "data"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *paths: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "app", *map(str, paths)]
        output = subprocess.DEVNULL
        program = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=output, stderr=output)
        self._started.append(program)
        return program

    def wait_for(self, *names: str) -> None:
        """Until these photos are in the journal."""
        deadline = time.monotonic() + PATIENCE
        while not self.journal.exists() or not all(name in self.journal.read_text("utf-8") for name in names):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def close(self) -> None:
        for program in self._started:
            program.kill()
            program.wait()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    started = Programs(tmp_path)
    yield started
    started.close()


@pytest.mark.slow
def test_a_photo_opened_while_the_program_runs_comes_into_its_window(programs: Programs, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "wallet-photo.jpg", tmp_path / "first.jpg")
    shutil.copy(SAMPLES / "wallet-photo.jpg", tmp_path / "zweites ñ.jpg")
    killed = programs.start(tmp_path / "first.jpg")
    programs.wait_for("first.jpg")
    killed.kill()
    killed.wait()
    # A program that was killed is in nobody's way.
    programs.journal.unlink()
    running = programs.start(tmp_path / "first.jpg")
    programs.wait_for("first.jpg")
    assert running.poll() is None
    assert programs.start(tmp_path / "zweites ñ.jpg").wait(PATIENCE) == 0
    programs.wait_for("first.jpg", "zweites")
    # Neither does a second window come where nothing is to be opened.
    assert programs.start().wait(PATIENCE) == 0
    assert running.poll() is None


@pytest.mark.slow
def test_photos_opened_at_the_same_moment_come_into_one_window(programs: Programs, tmp_path: Path) -> None:
    names = ["one.jpg", "two.jpg", "three.jpg"]
    for name in names:
        shutil.copy(SAMPLES / "wallet-photo.jpg", tmp_path / name)
    started = [programs.start(tmp_path / name) for name in names]
    programs.wait_for(*names)
    deadline = time.monotonic() + PATIENCE
    while [program.poll() for program in started].count(0) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sorted(str(program.poll()) for program in started) == ["0", "0", "None"]


def test_a_photo_that_macos_opens_with_the_program_is_asked_for() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", APPLE_EVENT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert "grandma.jpg" in done.stdout, done.stderr
