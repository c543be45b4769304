"""The sample photos: the committed files are what the script beside them makes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resources.samples import make as samples

SIZES = {"wallet-photo.jpg": (333, 333), "studio-portrait.jpg": (384, 450), "album-page.jpg": (570, 410)}


def decode(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        return np.asarray(picture, dtype=np.float64)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    samples.make(folder)
    return folder


def test_the_script_makes_exactly_the_committed_files(made: Path) -> None:
    committed = {path.name for path in samples.FOLDER.iterdir() if path.suffix in {".jpg", ".part"}}
    assert {path.name for path in made.iterdir()} == committed == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_each_file_is_reproduced(made: Path, name: str) -> None:
    ours, committed = decode(made / name), decode(samples.FOLDER / name)
    assert committed.shape == (SIZES[name][1], SIZES[name][0], 3)
    # Encoders and decoders differ by version, so pixels are compared: 40 dB is a difference nobody sees.
    error = np.mean((ours - committed) ** 2)
    assert error < 255**2 / 10**4, f"{name} differs: remake it with python resources/samples/make.py"


@pytest.mark.parametrize("name", SIZES)
def test_each_file_is_small_enough_to_ship(name: str) -> None:
    assert (samples.FOLDER / name).stat().st_size < 60_000


def test_making_twice_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    for path in samples.make(tmp_path):
        assert path.read_bytes() == (made / path.name).read_bytes()


def test_the_readme_names_every_file_and_both_people() -> None:
    text = (samples.FOLDER / "README.md").read_text(encoding="utf-8")
    for word in (*SIZES, "Grace Hopper", "Eileen Collins", "public domain"):
        assert word in text
