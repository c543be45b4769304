"""The published boxes of FFHQ, from files of their form."""

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ModelError
from trainer.components import ComponentBoxes
from trainer.ffhq_landmarks import ffhq_number, read_ffhq_landmarks

PARTS = {"left_eye": (191.0, 240.5, 28.6), "right_eye": (318.0, 240.0, 23.7), "mouth": (256.0, 371.0, 42.2)}


def published(path: Path, **parts: object) -> Path:
    """A file of the published form: text -> text -> lists of NumPy scalars."""
    face = {name: [np.float64(value) for value in values] for name, values in (PARTS | parts).items()}
    torch.save({"00000000": face, "00069999": face}, path)
    return path


def as_numpy_1_wrote(path: Path) -> Path:
    """The same file with the module's name of NumPy 1."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data.replace(b"numpy._core.multiarray\n", b"numpy.core.multiarray\n"))
    return path


@pytest.mark.parametrize("rewritten", [lambda path: path, as_numpy_1_wrote])
def test_reads_the_published_form(tmp_path, rewritten):
    path = rewritten(published(tmp_path / "boxes.pth"))
    boxes = read_ffhq_landmarks(path)
    assert list(boxes) == [0, 69999]
    expected = ComponentBoxes(
        left_eye=(191 - 40.04, 240.5 - 40.04, 191 + 40.04, 240.5 + 40.04),  # 1.4 * 28.6
        right_eye=(318 - 33.18, 240 - 33.18, 318 + 33.18, 240 + 33.18),
        mouth=(256 - 42.2, 371 - 42.2, 256 + 42.2, 371 + 42.2),
    )
    for name in PARTS:
        assert getattr(boxes[69999], name) == pytest.approx(getattr(expected, name))


def test_the_numpy_1_file_differs(tmp_path):
    data = as_numpy_1_wrote(published(tmp_path / "boxes.pth")).read_bytes()
    assert b"numpy.core.multiarray\n" in data
    assert b"numpy._core" not in data


class Evil:
    def __reduce__(self):
        return Path.touch, (Path("harmed"),)


@pytest.mark.parametrize("content", [Evil(), {"00000000": {**PARTS, "mouth": Evil()}}, {"0": np.array([Evil()])}])
def test_runs_no_code(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    torch.save(content, tmp_path / "evil.pth")
    with pytest.raises(ModelError, match=r"evil\.pth"):
        read_ffhq_landmarks(tmp_path / "evil.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(content))
    with pytest.raises(ModelError, match=r"plain\.pth"):
        read_ffhq_landmarks(tmp_path / "plain.pth")
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    "content",
    [
        {"weight": torch.zeros(3)},
        [1, 2, 3],
        {"00000000": {name: values for name, values in PARTS.items() if name != "mouth"}},
        {"00000000": {**PARTS, "mouth": [1.0, 2.0]}},
        {"00000000": {**PARTS, "mouth": [1.0, float("nan"), 3.0]}},
        {"00000000": {**PARTS, "mouth": [1.0, 2.0, 0.0]}},
        {"one": PARTS},
    ],
)
def test_refuses_other_content(tmp_path, content):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"other\.pth.*not the published"):
        read_ffhq_landmarks(tmp_path / "other.pth")


def test_refuses_damaged_and_missing_files(tmp_path):
    path = published(tmp_path / "boxes.pth")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ModelError, match="damaged"):
        read_ffhq_landmarks(path)
    with pytest.raises(ModelError, match="no such file"):
        read_ffhq_landmarks(tmp_path / "missing.pth")


def test_other_globals_stay_forbidden(tmp_path):
    read_ffhq_landmarks(published(tmp_path / "boxes.pth"))
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "boxes.pth", weights_only=True)


@pytest.mark.parametrize(("name", "number"), [("00000.png", 0), ("00012.png", 12), ("me.png", -1), ("-3.png", -1)])
def test_numbers_of_file_names(name, number):
    assert ffhq_number(name) == number
