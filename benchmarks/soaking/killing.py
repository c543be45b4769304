"""Processes are killed at random moments and started again, until their work is done all the same."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.soaking.material import Place, temporary_in
from core.files import STALE_SECONDS

STARTING = 0.15
"""Share of the kills that hit a process while it starts."""

LOST, HALF, TWICE = "lost", "half-written", "done twice"


@dataclass
class Findings:
    """What came of the kills on one kind of work. `in_write` are the kills while a file was being written,
    `checked` the files that were looked at, `problems` sentences by LOST, HALF and TWICE."""

    work: str
    kills: int = 0
    in_write: int = 0
    rounds: int = 0
    checked: int = 0
    seconds: float = 0.0
    left: int = 0
    left_in_the_end: int = 0
    processes_left: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)

    def problem(self, kind: str, sentence: str) -> None:
        """Write down something that should not be."""
        self.problems.setdefault(kind, []).append(f"kill {self.kills}: {sentence}")

    def count(self, kind: str) -> int:
        """How many problems there are of a kind."""
        return len(self.problems.get(kind, []))


class Work(ABC):
    """Something that the program does for a while, and goes on with after it was killed."""

    name: str
    span = 0.0
    """Seconds that it takes from its beginning to its end where nobody disturbs it."""

    def __init__(self, place: Place, findings: Findings) -> None:
        self.place, self.findings = place, findings
        self.output = place.folder / "output"
        self.seen: dict[Path, object] = {}

    @abstractmethod
    def begin(self, folder: Path) -> None:
        """Prepare a new round in an empty folder."""

    def learn(self) -> None:  # noqa: B027  # not every work has something to learn
        """Look at what came of it where nobody disturbed it."""

    @abstractmethod
    def command(self) -> list[str]:
        """What is started, the first time and after each kill."""

    @property
    @abstractmethod
    def folders(self) -> list[Path]:
        """Where it writes."""

    @property
    def has_begun(self) -> bool:
        """Whether the process that was started last is at work, by what it said."""
        return self.output.stat().st_size > 0

    @abstractmethod
    def check(self) -> None:
        """Look at what a killed process left."""

    @abstractmethod
    def check_end(self) -> None:
        """Look at what the last process of a round left, which came to its end."""

    def check_files(
        self, folder: Path, pattern: str, is_whole: Callable[[Path], bool], stays: bool = True
    ) -> None:
        """Every file of a name must be whole, and those that were there before still the same."""
        before = {path for path in self.seen if path.is_relative_to(folder) and path.match(pattern)}
        now = (
            {path for path in folder.rglob(pattern) if not path.name.startswith(".")} if folder.is_dir() else set()
        )
        for path in sorted(now):
            self.findings.checked += 1
            if not is_whole(path):
                self.findings.problem(HALF, f"'{path.name}' is not whole")
            # A file that is written again is another one.
            number = path.stat().st_ino
            if stays and self.seen.setdefault(path, number) != number:
                self.findings.problem(TWICE, f"'{path.name}' was written again")
                self.seen[path] = number
        for path in sorted(before - now) if stays else []:
            self.findings.problem(LOST, f"'{path.name}' is gone")
            del self.seen[path]


def kill_again_and_again(work: Work, kills: int, seed: int, tell: Callable[[], None] = lambda: None) -> None:
    """Let a work come to its end once, then kill it so many times, round after round, and let the last round end;
    then see what is left of temporary files, at once and after a day. `tell` is called after each kill."""
    random_, findings, start = random.Random(seed), work.findings, time.monotonic()
    _let_live(work)
    _new_round(work)
    while findings.kills < kills:
        if _one_life(work, random_):
            _new_round(work)
        findings.seconds = time.monotonic() - start
        tell()
    while not _one_life(work, None):
        pass
    left = temporary_in(work.folders)
    findings.left = len(left)
    for path in left:
        os.utime(path, (time.time() - 2 * STALE_SECONDS,) * 2)
    _one_life(work, None)
    findings.left_in_the_end = len(temporary_in(work.folders))
    findings.seconds = time.monotonic() - start


def _let_live(work: Work) -> None:
    """A round that nobody disturbs, to know what comes of it, and when."""
    folder = work.place.folder / f"{work.name} undisturbed"
    folder.mkdir()
    work.begin(folder)
    with work.output.open("wb") as said:
        child = subprocess.Popen(work.command(), env=work.place.variables, cwd=work.place.folder, stdout=said)
        _wait(child, lambda: work.has_begun, 600)
        begun = time.monotonic()
        child.wait(600)
    assert child.returncode == 0
    work.span = time.monotonic() - begun
    work.learn()


def _new_round(work: Work) -> None:
    work.findings.rounds += 1
    work.seen.clear()
    folder = work.place.folder / f"{work.name} {work.findings.rounds}"
    folder.mkdir()
    work.begin(folder)


def _one_life(work: Work, random_: random.Random | None) -> bool:
    """Start the work, and kill it at some moment unless it is to live (None); returns whether it came to its
    end."""
    findings, place = work.findings, work.place
    with work.output.open("wb") as said, (place.folder / "errors").open("w+") as errors:
        child = subprocess.Popen(work.command(), env=place.variables, cwd=place.folder, stdout=said, stderr=errors)
        if random_ is None:
            child.wait(600)
        elif _killed(child, work, random_):
            findings.kills += 1
            work.check()
            return False
        errors.seek(0)
        assert child.returncode == 0, errors.read()[-3000:]
    work.check()
    work.check_end()
    return True


def _killed(child: subprocess.Popen[bytes], work: Work, random_: random.Random) -> bool:
    """Kill a process at a random moment: while it starts, while it works, or while it writes a file."""
    span, waits_for_write = random_.uniform(0, work.span), random_.random() < 0.5
    if random_.random() < STARTING:
        _wait(child, lambda: False, random_.uniform(0, 2))
    else:
        _wait(child, lambda: work.has_begun, 300)
        _wait(child, lambda: waits_for_write and bool(temporary_in(work.folders)), span)
    if child.poll() is not None:
        return False
    helpers = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGKILL)
    child.wait()
    if child.returncode != -signal.SIGKILL:
        return False
    work.findings.in_write += bool(temporary_in(work.folders)) and waits_for_write
    _, alive = psutil.wait_procs(helpers, 20)
    work.findings.processes_left += len(alive)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return True


def _wait(child: subprocess.Popen[bytes], happens: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < deadline and not happens():
        time.sleep(0.0005)
