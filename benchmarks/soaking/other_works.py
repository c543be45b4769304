"""Works that are killed besides those on photos: getting a model from the web, and training."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from benchmarks.soaking.killing import HALF, LOST, TWICE, Findings, Work
from benchmarks.soaking.material import PROGRAM, Place
from core.errors import CoreError
from core.networks.loading import load_network
from tests.models.web import Web, whole
from tests.trainer.conftest import soft_dataset, train_arguments
from trainer.checkpoint import read_checkpoint
from trainer.events import Checkpoint, Hello, read_events
from trainer.resolving import from_toml

SIZE = 6_000_000
PUBLISHED, FILE = "gfpgan-v1", "GFPGANv1.pth"
"""A model for which no checksum is published, so that a file made up here can stand for it."""


@contextmanager
def downloading(place: Place, findings: Findings) -> Iterator[Work]:
    """`gfpgan-desktop models get`, from a slow server on this machine."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("weights", np.random.default_rng(0).bytes(SIZE))
    with Web(content.getvalue(), whole(pause=0.02)).running() as web:
        yield Downloading(place, findings, web)


class Downloading(Work):
    """A model in the models folder, or the beginning of it."""

    name = "download"

    def __init__(self, place: Place, findings: Findings, web: Web) -> None:
        super().__init__(place, findings)
        self._web, self._models = web, place.models

    def begin(self, folder: Path) -> None:
        self._models = folder / "models"
        self.place.variables["GFPGAN_DESKTOP_MODELS"] = str(self._models)
        self._have = 0
        self._web.requests.clear()

    def command(self) -> list[str]:
        return [*PROGRAM, "models", "get", PUBLISHED, "--mirror", self._web.url, "--accept-licence", "--json"]

    @property
    def folders(self) -> list[Path]:
        return [self._models]

    @property
    def has_begun(self) -> bool:
        return bool(self._web.requests)

    @property
    def _part(self) -> Path:
        return self._models / f"{FILE}.part"

    def check(self) -> None:
        content = self._web.content
        self.check_files(self._models, FILE, lambda path: path.read_bytes() == content)
        for asked in self._web.ranges:
            begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if begin != self._have:
                self.findings.problem(TWICE, f"it was asked for byte {begin} on, and {self._have} were there")
        self._web.requests.clear()
        if self._part.exists():
            self.findings.checked += 1
            part = self._part.read_bytes()
            if not content.startswith(part):
                self.findings.problem(HALF, "what came so far is not the beginning of the file")
            if len(part) < self._have:
                self.findings.problem(LOST, f"of {self._have} bytes {len(part)} are left")
            self._have = len(part)

    def check_end(self) -> None:
        if not (self._models / FILE).exists():
            self.findings.problem(LOST, "the model is not there")


class Training(Work):
    """`gfpgan-desktop train run`, with a process that reads ahead; gone on with by --resume."""

    name = "training"

    def __init__(self, place: Place, findings: Findings) -> None:
        super().__init__(place, findings)
        self._faces = soft_dataset(place.folder / "faces", 6)

    def begin(self, folder: Path) -> None:
        self._run = folder / f"tuned-{self.findings.rounds}"
        self._model = self.place.models / f"{self._run.name}.safetensors"
        self._step, self._events, self._starts = 0, b"", 0

    def command(self) -> list[str]:
        settings = {"steps": 30, "data__workers": 1, "every__sample": 5, "every__evaluation": 10}
        data = None if (self._run / "config.toml").exists() else self._faces
        return [*PROGRAM, *train_arguments(self._run, data, "--json", **(settings if data else {}))]

    @property
    def folders(self) -> list[Path]:
        return [self._run]

    def check(self) -> None:
        if (self._run / "config.toml").exists():
            from_toml((self._run / "config.toml").read_text("utf-8"))
        self.check_files(self._run, "*.ckpt", _is_checkpoint, stays=False)
        self.check_files(self._run, "*.jpg", _is_picture, stays=False)
        self.check_files(self._run, "*.png", _is_picture, stays=False)
        self.check_files(self._run, "*.safetensors", _is_network, stays=False)
        self.check_files(self.place.models, self._model.name, _is_network, stays=False)
        self._check_steps()

    def _check_steps(self) -> None:
        log = self._run / "events.jsonl"
        said = log.read_bytes() if log.exists() else b""
        if not said.startswith(self._events):
            self.findings.problem(LOST, "what the run said is not there any more")
        self._events = said
        events = list(read_events(log)) if said else []
        starts = [event.step for event in events if isinstance(event, Hello)]
        for begun in starts[self._starts :]:
            if begun != self._step:
                self.findings.problem(
                    TWICE, f"it began at step {begun}, and a checkpoint of step {self._step} was there"
                )
        self._starts = len(starts)
        steps = [int(path.stem.split("-")[1]) for path in self._run.glob("checkpoints/step-*.ckpt")]
        if max(steps, default=0) < self._step:
            self.findings.problem(LOST, f"the checkpoint of step {self._step} is gone")
        told = [event.step for event in events if isinstance(event, Checkpoint)]
        if max(told, default=0) > max(steps, default=0):
            self.findings.problem(LOST, f"a checkpoint of step {max(told)} was told of and is not there")
        self._step = max(steps, default=0)

    def check_end(self) -> None:
        for path in (self._run / "model.safetensors", self._model):
            if not path.exists():
                self.findings.problem(LOST, f"'{path.name}' is not there")


def _is_checkpoint(path: Path) -> bool:
    try:
        read_checkpoint(path)
    except CoreError:
        return False
    return True


def _is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            picture.load()
    except (UnidentifiedImageError, OSError):
        return False
    return True


def _is_network(path: Path) -> bool:
    try:
        load_network(path)
    except CoreError:
        return False
    return True
