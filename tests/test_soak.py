"""The soak in short: some photos in one process, and some kills; and the page that it writes."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.soak import WORKS
from benchmarks.soaking.killing import LOST, TWICE, Findings, kill_again_and_again
from benchmarks.soaking.material import Place
from benchmarks.soaking.page import page
from benchmarks.soaking.steady import Course, through_the_command_line

PHOTOS = 20
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


@pytest.mark.slow
def test_photos_leave_no_thread_file_or_memory_behind(place: Place) -> None:
    course = through_the_command_line(place, PHOTOS)
    assert len(course.resident) >= PHOTOS - 1
    assert course.left == 0
    assert course.threads[1] <= course.threads[0]
    assert course.handles[1] <= course.handles[0]
    assert course.resident[-1] < course.resident[PHOTOS // 2] + 50


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), [("restore", 3), ("queue", 2), ("download", 5)])
def test_kills_lose_nothing(place: Place, name: str, kills: int) -> None:
    findings = Findings(name)
    with ExitStack() as stack:
        kill_again_and_again(WORKS[name](place, findings, stack), kills, seed=1)
    assert findings.problems == {}
    assert findings.kills == kills
    assert findings.checked > kills
    assert findings.left_in_the_end == findings.processes_left == 0


def test_a_slope_is_that_of_memory_after_the_first_photos() -> None:
    course = Course(300, resident=[500.0 + 10 * n for n in range(50)] + [1000.0 + 0.02 * n for n in range(250)])
    assert course.slope() == pytest.approx((2, 2, 2))


def test_the_page_has_what_was_found() -> None:
    course = Course(100, 20.0, [1000.0] * 100, [10, 11], [6, 7], 0)
    found = Findings("restore", kills=3, in_write=1, rounds=2, checked=30, left=1)
    found.problem(LOST, "a photo was changed")
    found.problem(LOST, "a photo is gone")
    found.problem(TWICE, "a photo was written again")
    text = page({"processor": "a chip"}, {"command line": course}, {"restore": found})
    assert "- processor: a chip" in text
    assert "| command line | 100 | 0.20 | 1000 | 1000 | +0.00 (+0.00 to +0.00) | 10 and 11 | 6 and 7 | 0 |" in text
    assert "| 3 | 1 | 2 | 30 | 2 | 0 | 1 | 0 | 1, 0 after a day |" in text
    assert "- restore, lost, kill 3: a photo is gone." in text
