"""Photos to prepare and what was made of them, and runs so small that they take a moment."""

import contextlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import skimage.data
import torch
from matplotlib import cbook
from PIL import Image

from app.cli.main import run
from core.alignment import FFHQ_TEMPLATE
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from tests.conftest import smooth_photo
from trainer import loop
from trainer.dataset import Dataset, FaceRecord, read_dataset
from trainer.events import Event, read_events
from trainer.loop import Run
from trainer.quality import Measures
from trainer.types import Batch, Values


@pytest.fixture(scope="session")
def hopper() -> Image.Image:
    """A sharp portrait in colour, 512 x 600 px; the face's square is about 430 px large."""
    return Image.open(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))).convert("RGB")


@pytest.fixture(scope="session")
def collins() -> Image.Image:
    """A sharp portrait in colour, 512 x 512 px; the face's square is about 210 px large."""
    return Image.fromarray(skimage.data.astronaut())


def prepare(*arguments: object) -> int:
    return run(["train", "prepare", *map(str, arguments)])


def faces(dataset: Path) -> list[FaceRecord]:
    return read_dataset(dataset).faces


def edit(dataset: Path, number: int, **values: object) -> None:
    """Change a face in dataset.json as a user would."""
    path = dataset / "dataset.json"
    content = json.loads(path.read_text())
    content["faces"][number].update(values)
    path.write_text(json.dumps(content))


@pytest.fixture
def photos(tmp_path: Path, hopper: Image.Image) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    hopper.save(folder / "hopper.png")
    return folder


TINY = {
    "network.size": 32,
    "network.style_dim": 16,
    "network.narrow": 0.06,
    "network.num_mlp": 2,
    "network.channel_multiplier": 1,
    "network.freeze_prior": "false",
    "discriminators.narrow": 0.06,
    "discriminators.delay": 0,
    "losses.pyramid": 1,
    "losses.perceptual": 0,
    "losses.identity": 0,
    "losses.adversarial": 0,
    "losses.component": 0,
    "optimizer.rate": 5e-4,
    "data.held_out": 2,
    "data.workers": 0,
    "device": "cpu",
    "precision": "fp32",
    "samples": 2,
    "evaluate": 2,
    "steps": 3,
    "batch": 2,
    "every.report": 1,
    "every.evaluation": 0,
    "every.sample": 0,
    "every.checkpoint": 2,
}
"""Settings of a run whose steps take a moment, and which needs no file but its dataset."""


@dataclass(frozen=True)
class Ran:
    """How a run went: its exit code, what it wrote on standard error, and its events, of all starts."""

    code: int
    said: str
    events: list[Event]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def train_arguments(out: Path, data: Path | None, *options: object, **settings: object) -> list[str]:
    """Arguments of a tiny run, or without a dataset of going on with it. In settings, "__" stands for a dot."""
    changes = {key.replace("__", "."): value for key, value in settings.items()}
    begin = ["--resume"] if data is None else ["--base", "none", "--data", str(data)]
    if data is not None:
        changes = TINY | changes
    changed = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    return ["train", "run", "--out", str(out), *begin, *changed, *map(str, options)]


def train(out: Path, data: Path | None, *options: object, **settings: object) -> Ran:
    """Such a run in this process, as from a shell."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = run(train_arguments(out, data, *options, **settings))
    events = list(read_events(out / "events.jsonl")) if (out / "events.jsonl").exists() else []
    assert "Traceback" not in said.getvalue()
    return Ran(code, said.getvalue(), events)


def soft_dataset(folder: Path, faces: int) -> Path:
    """A dataset of soft pictures, each of another photo."""
    (folder / "faces").mkdir(parents=True)
    landmarks = tuple((float(x), float(y)) for x, y in FFHQ_TEMPLATE)
    measures = Measures(512.0, 1.0, 0.0, 0.0, False, "0" * 64)
    records = []
    for number in range(faces):
        picture = Image.fromarray(smooth_photo(512, 512, number))
        picture.save(folder / "faces" / f"{number}.png", compress_level=1)
        records.append(
            FaceRecord(
                file=f"faces/{number}.png",
                photo=f"photo {number}",
                source=f"{number}.jpg",
                box=(0, 0, 512, 512),
                landmarks=landmarks,
                measures=measures,
                accepted=True,
            )
        )
    Dataset(folder, records).save()
    return folder


@pytest.fixture
def seeded() -> None:
    """The same random numbers for every test of a file that asks for it."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve faces; not to be changed."""
    return soft_dataset(tmp_path_factory.mktemp("data") / "soft faces", 12)


@pytest.fixture(scope="session")
def clean_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny clean restorer."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("base") / "base.safetensors"
    save_network(GFPGAN("clean", 32, 16, 1, 0.06, 2), path, {"licence": "Apache-2.0"})
    return path


def during(monkeypatch: pytest.MonkeyPatch, hook: Callable[[Run, Values], None]) -> None:
    """Call `hook` after each update of a run, with what the update is about to report; the steps that are tried
    before the run and taken back do not count."""

    original = loop.train

    def watched(begun: Run) -> bool:
        update = begun.training.update

        def updated(step: int, batches: Sequence[Batch], rate: float) -> Values:
            values = update(step, batches, rate)
            hook(begun, values)
            return values

        monkeypatch.setattr(begun.training, "update", updated)
        return original(begun)

    monkeypatch.setattr(loop, "train", watched)
