"""Sample pictures of a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.errors import PhotoError
from trainer.samples import Samples, sheet
from trainer.types import Batch


class Invert(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return -image


def batch(*levels: int) -> Batch:
    """Faces of one grey each: the truth has the level, the input is ten darker."""
    truths = torch.tensor(levels).view(-1, 1, 1, 1).expand(-1, 3, 16, 16) / 127.5 - 1
    return Batch(truths - 10 / 127.5, truths, torch.zeros(len(levels), 3, 4), torch.arange(len(levels)))


def level(path: Path) -> int:
    pixels = np.asarray(Image.open(path))
    assert pixels.shape == (16, 16, 3)
    assert pixels.min() == pixels.max()
    return int(pixels[0, 0, 0])


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_of_the_same_faces(tmp_path: Path) -> None:
    samples = Samples(tmp_path, [batch(50, 60, 70), batch(80), batch(90)], 3)
    path = samples.write(Invert(), 500)
    assert path == tmp_path / "000500.jpg"
    # The first, the middle and the last of five.
    assert [level(tmp_path / f"truth/{n}.png") for n in (1, 2, 3)] == [50, 70, 90]
    assert [level(tmp_path / f"input/{n}.png") for n in (1, 2, 3)] == [40, 60, 80]
    assert [level(tmp_path / f"000500/{n}.png") for n in (1, 2, 3)] == [215, 195, 175]
    before = (tmp_path / "input/1.png").stat().st_mtime_ns
    samples.write(nn.Identity(), 1000)
    assert [level(tmp_path / f"001000/{n}.png") for n in (1, 2, 3)] == [40, 60, 80]
    assert (tmp_path / "input/1.png").stat().st_mtime_ns == before
    assert len(names(tmp_path)) == 2 + 4 * 3


def test_the_sheet_has_a_row_a_face(tmp_path: Path) -> None:
    path = Samples(tmp_path, [batch(40, 240)], 6).write(Invert(), 7)
    page = np.asarray(Image.open(path))[..., 0].astype(int)
    left, top, step = 20 + 128, 20 + 30 + 128, 256 + 6
    seen = [[page[top + row * step, left + column * step] for column in range(3)] for row in range(2)]
    np.testing.assert_allclose(seen, [[30, 225, 40], [230, 25, 240]], atol=3)
    for column in range(3):
        label = page[20:44, 20 + column * step : 20 + column * step + 256]
        assert 20 < (label < 128).sum() < 3000, "a label above each column"
    assert page[:15].min() > 240, "a margin"
    assert page[:, 2 * step + 20 + 256 + 5 :].min() > 240, "a margin"


def test_sheets_have_columns_of_any_number() -> None:
    black = Image.new("RGB", (8, 8))
    assert sheet({"Faces": [black]})[:2] == b"\xff\xd8"


def test_no_held_out_faces_no_pictures(tmp_path: Path) -> None:
    assert Samples(tmp_path, [], 6).write(Invert(), 1) is None
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("in the way")
    with pytest.raises(PhotoError, match="samples"):
        Samples(tmp_path / "samples", [batch(50)], 1).write(Invert(), 1)
