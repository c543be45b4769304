"""Works on photos that are killed: restoring a folder, the window's queue, and exporting from it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from app.document.journal import SESSION, Journal, Saved
from app.document.library import PhotoLibrary, PhotoState
from benchmarks.soaking.killing import HALF, LOST, Findings, Work
from benchmarks.soaking.material import Place, digest_of
from core.crops import load_crop
from core.errors import CoreError
from core.photo import read_photo

PHOTOS = 8


class PhotoWork(Work):
    """What all of them share: photos, which are never touched, and a run that nobody disturbs, for comparison."""

    def __init__(self, place: Place, findings: Findings) -> None:
        super().__init__(place, findings)
        self.photos = place.photos(f"photos to {self.name}", PHOTOS)
        self._untouched = digest_of(self.photos)
        self._expected: dict[str, np.ndarray] = {}

    def learn(self) -> None:
        for path in self.made():
            self._expected[path.name] = self.pixels(path)
        assert len(self._expected) >= PHOTOS

    def made(self) -> list[Path]:
        """The files that the work has made so far."""
        (folder,) = self.folders
        return [path for path in folder.rglob("*.*") if path.suffix in (".jpg", ".png", ".npz")]

    def pixels(self, path: Path) -> np.ndarray:
        """What is in such a file. Raises CoreError where it is not whole."""
        return read_photo(path).rgb

    def is_right(self, path: Path) -> bool:
        """Whether a file is whole, and what an undisturbed run makes."""
        try:
            return np.array_equal(self.pixels(path), self._expected[path.name])
        except CoreError:
            return False

    def check(self) -> None:
        if digest_of(self.photos) != self._untouched:
            self.findings.problem(LOST, "a photo was changed")
        for suffix in ("jpg", "png", "npz"):
            self.check_files(self.folders[0], f"*.{suffix}", self.is_right)

    def check_end(self) -> None:
        for name in sorted(set(self._expected) - {path.name for path in self.made()}):
            self.findings.problem(LOST, f"'{name}' was never written")


class Restoring(PhotoWork):
    """`gfpgan-desktop restore` of a folder, where results that are there are skipped."""

    name = "restore"

    def begin(self, folder: Path) -> None:
        self._results = folder / "results"

    def command(self) -> list[str]:
        options = ("--on-exists", "skip", "--save-crops", "--keep-times")
        return self.place.restoring(self.photos, self._results, *options)

    @property
    def folders(self) -> list[Path]:
        return [self._results]


class Queue(PhotoWork):
    """All photos of a folder through the window's queue; the session of a killed window is gone on with."""

    name = "queue"

    def begin(self, folder: Path) -> None:
        self._data = self.place.data(f"{folder.name}/data")

    def command(self) -> list[str]:
        return self.place.window(self._data, self.photos)

    @property
    def folders(self) -> list[Path]:
        return [self._data]

    def pixels(self, path: Path) -> np.ndarray:
        crop = load_crop(path).restored
        assert crop is not None
        return crop

    def check(self) -> None:
        super().check()
        journal = self._data / SESSION / "photos.json"
        if journal.exists():
            self.findings.checked += 1
            self._check_journal()
        elif journal in self.seen:
            self.findings.problem(LOST, "the session is gone")

    def _check_journal(self) -> None:
        journal = self._data / SESSION / "photos.json"
        saved = self._saved()
        if saved is None:
            self.findings.problem(HALF, "the session cannot be read")
            return
        self.seen[journal] = None
        names = sorted(Path(photo.path).name for photo in saved.photos)
        if names != sorted(path.name for path in self.photos.iterdir()):
            self.findings.problem(LOST, f"the session has {len(names)} photos")

    def check_end(self) -> None:
        super().check_end()
        saved = self._saved()
        if saved is None or any(photo.state != PhotoState.DONE for photo in saved.photos):
            self.findings.problem(LOST, "the queue ended, and not all photos are restored")

    def _saved(self) -> Saved | None:
        # A copy: whoever opens a session puts it in order.
        folder = self.place.folder / "a look at the session"
        folder.mkdir(exist_ok=True)
        shutil.copy(self._data / SESSION / "photos.json", folder)
        journal = Journal(PhotoLibrary(), folder)
        try:
            assert journal.is_ours
            return journal.read()
        finally:
            journal.close()


class Exporting(PhotoWork):
    """Export of all photos of a window with their faces and pictures of before and after; files that are there
    are left out."""

    name = "export"

    def __init__(self, place: Place, findings: Findings) -> None:
        self._restored = place.data("restored session")
        super().__init__(place, findings)

    def begin(self, folder: Path) -> None:
        if not (self._restored / SESSION).exists():
            window, where = self.place.window(self._restored, self.photos), self.place.folder
            subprocess.run(window, env=self.place.variables, cwd=where, check=True, capture_output=True)
        self._data, self._results = folder / "data", folder / "results"
        shutil.copytree(self._restored, self._data)

    def command(self) -> list[str]:
        return self.place.window(self._data, self.photos, "--export", self._results)

    @property
    def folders(self) -> list[Path]:
        return [self._results]
