"""Where a run keeps what it makes. No torch here: the window looks into these folders too."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from core.errors import UsageError
from core.files import make_folder, reason, remove_stale
from core.locks import LOCK, is_locked, lock
from core.models import APP_NAME

RUNS_FOLDER_VARIABLE = "GFPGAN_DESKTOP_RUNS"
"""Environment variable that names another folder for runs."""

MODEL, CARD = "model.safetensors", "model.md"
"""The files of a finished model in its run's folder: the network, and the page about it."""

LONGEST_NAME = 48
"""Characters, which in a file's name can be four bytes each of 255."""


def as_name(name: str) -> str:
    """`name` as a model and the folder of its run can be called: without what a file's name cannot hold."""
    letters = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name.removesuffix(".safetensors")))
    return letters[:LONGEST_NAME].strip("-_") or "model"


def runs_folder() -> Path:
    """Where runs are made that are given no folder; it need not exist."""
    named = os.environ.get(RUNS_FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_data_path(APP_NAME, appauthor=False) / "runs"


def runs_folders() -> list[Path]:
    """Where runs are looked for: also where former versions made them, in a cache, which cleaners empty."""
    if os.environ.get(RUNS_FOLDER_VARIABLE):
        return [runs_folder()]
    return [runs_folder(), platformdirs.user_cache_path(APP_NAME, appauthor=False) / "runs"]


class RunFolder:
    """The paths of a run.

    config.toml        every setting
    events.jsonl       what the run said (`trainer.events`)
    samples/           the same held-out faces again and again (`trainer.samples`)
    checkpoints/       (`trainer.checkpoint`)
    tensorboard/       if asked for
    model.safetensors  and model.md, the finished model and its card
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.events = path / "events.jsonl"
        self.samples = path / "samples"
        self.checkpoints = path / "checkpoints"
        self.tensorboard = path / "tensorboard"
        self.model = path / MODEL
        self._before: set[str] = set()  # what was in the folder as a run began

    @property
    def exists(self) -> bool:
        """Whether there is a run."""
        return self.config.is_file()

    @property
    def in_use(self) -> bool:
        """Whether a process trains in it now."""
        return is_locked(self.path)

    def begin(self) -> None:
        """Make the folder for a new run. Raises UsageError where there is one, or other files."""
        if self.exists:
            raise UsageError(
                f"'{self.path}' holds a run already; go on with --resume, or choose another folder with --out."
            )
        make_folder(self.path)
        # What a run said that was killed before it began is in nobody's way.
        ours = (LOCK, self.events.name, self.tensorboard.name)
        self._before = {path.name for path in self.path.iterdir()}
        if not self._before.issubset(ours):
            raise UsageError(f"'{self.path}' is not empty; choose another folder with --out.")

    def take_back(self) -> None:
        """Undo `begin` for a run that came to nothing, so that it can be begun once more with other settings. What
        was there before it stays."""
        for path in self.path.iterdir():
            if path.name in self._before | {LOCK}:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def check_exists(self) -> None:
        """Raises UsageError where there is no run to go on with."""
        if not self.exists:
            raise UsageError(f"There is no run in '{self.path}' to go on with; begin one without --resume.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out. Raises UsageError where one trains in this folder, or it takes no file."""
        try:
            held = self._lock()
        except Timeout:
            raise UsageError(f"Another process is training in '{self.path}'; wait for it, or stop it.") from None
        except OSError as error:
            raise UsageError(
                f"'{self.path}' cannot be written ({reason(error)}); check the folder and the free space."
            ) from error
        try:
            self._tidy()
            yield
        finally:
            self._leave()
            held.release()
            with suppress(OSError):
                self.path.rmdir()  # Windows lets nobody remove a lock that is held

    def _lock(self) -> FileLock:
        """Raises PhotoError where the folder cannot be made, and what `core.locks.lock` does."""
        make_folder(self.path)
        with suppress(FileNotFoundError):
            return lock(self.path)
        make_folder(self.path)  # a run that came to nothing took it along
        return lock(self.path)

    def _leave(self) -> None:
        """Leave no folder behind for a run that never began."""
        with suppress(OSError):
            if [path.name for path in self.path.iterdir()] == [LOCK]:
                self.path.joinpath(LOCK).unlink()
                self.path.rmdir()

    def _tidy(self) -> None:
        """Remove what was being written when a process before this one was killed."""
        for root, _, _ in os.walk(self.path):
            remove_stale(Path(root), 0)
