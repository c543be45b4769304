"""Photos to prepare, and what was made of them."""

import json
from pathlib import Path

import pytest
import skimage.data
from matplotlib import cbook
from PIL import Image

from app.cli.main import run
from trainer.dataset import FaceRecord, read_dataset


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
