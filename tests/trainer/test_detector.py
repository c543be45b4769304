"""A small face detector is made out of a better one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from app.cli.exit_codes import USAGE
from app.cli.main import run
from core.assembly import load_detector
from core.errors import ModelError, UsageError
from core.models import find_model
from trainer.detector import run as detector_run
from trainer.detector.distillation import (
    as_input,
    distillation_losses,
    guided_predictions,
    new_student,
    predictions,
)
from trainer.detector.mosaics import FACE_SIDE, Pictures, mosaic, paste, read_pictures
from trainer.detector.run import DETECTOR, DetectorRun, DetectorSettings, load_teacher, train_detector

TEACHER = find_model("bundled-detector", "detector").path
FEW = DetectorSettings(steps=4, guided=2, settled=3, every=2, half=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures and a file that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    portrait = Image.fromarray(skimage.data.astronaut())
    for name, picture in (("a", portrait), ("b", portrait.rotate(8)), ("c", portrait.crop((0, 0, 400, 300)))):
        picture.save(folder / f"{name}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def pictures(folder: Path) -> Pictures:
    return read_pictures(sorted(folder.iterdir()), sorted(folder.iterdir()))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector_run, "SIZES", ((96, 2),))


def test_pictures_are_read_as_bgr_and_broken_ones_left_out(folder: Path, pictures: Pictures) -> None:
    assert [face.shape for face in pictures.faces] == [(FACE_SIDE, FACE_SIDE, 3)] * 3
    assert [photo.shape for photo in pictures.photos] == [(512, 512, 3), (512, 512, 3), (300, 400, 3)]
    assert [photo.shape for photo in pictures.small_photos] == [(128, 128, 3), (128, 128, 3), (75, 100, 3)]
    np.testing.assert_array_equal(pictures.photos[0], skimage.data.astronaut()[..., ::-1])
    with pytest.raises(UsageError, match="no faces"):
        read_pictures([folder / "broken.png"], [folder / "a.png"])


@pytest.mark.parametrize("side", [64, 320])
def test_a_mosaic_depends_on_its_seed_alone(pictures: Pictures, side: int) -> None:
    for seed in range(20):
        one, same = (mosaic(pictures, side, np.random.default_rng(seed)) for _ in range(2))
        assert one.shape == (side, side, 3)
        np.testing.assert_array_equal(one, same)
        assert (one != mosaic(pictures, side, np.random.default_rng(seed + 100))).any()


@pytest.mark.parametrize("size", [12, 40, 150])
def test_a_pasted_face_has_the_size_asked_for(size: int) -> None:
    for seed in range(30):
        canvas = np.full((400, 400, 3), 255, np.uint8)
        paste(canvas, np.zeros((FACE_SIDE, FACE_SIDE, 3), np.uint8), size, np.random.default_rng(seed))
        rows, columns = (
            np.nonzero((canvas[..., 0] < 128).any(axis=1))[0],
            np.nonzero((canvas[..., 0] < 128).any(axis=0))[0],
        )
        if min(rows[0], columns[0]) == 0 or max(rows[-1], columns[-1]) == 399:
            continue  # cut off by the border
        # The oval or square that is shown reaches beyond the face's box, and turned squares are wider.
        assert 0.8 * size - 2 < np.ptp(rows) < 2.3 * size + 2
        assert 0.8 * size - 2 < np.ptp(columns) < 2.3 * size + 2


def test_the_parts_give_what_the_whole_network_gives() -> None:
    teacher = load_teacher(TEACHER)
    inputs = as_input([skimage.data.astronaut()[:160, 140:300, ::-1]] * 2)
    with torch.no_grad():
        boxes, scores, landmarks = teacher(inputs)
        ours = predictions(teacher, inputs)
        guided = guided_predictions(teacher, ours)
    for said in (ours, guided):
        torch.testing.assert_close(said.boxes, boxes)
        torch.testing.assert_close(torch.sigmoid(said.margins), scores[..., 1])
        torch.testing.assert_close(said.landmarks, landmarks)
    assert all(loss < 1e-6 for loss in distillation_losses(ours, guided).values())


@pytest.mark.parametrize("guided", [True, False])
def test_every_part_learns_and_the_losses_fall(guided: bool) -> None:
    torch.manual_seed(0)
    teacher, student = load_teacher(TEACHER), new_student()
    inputs = as_input(
        [skimage.data.astronaut()[:160, 140:300, ::-1], skimage.data.astronaut()[100:260, 140:300, ::-1]]
    )
    with torch.no_grad():
        truth = predictions(teacher, inputs)
    adam = torch.optim.Adam(student.parameters(), 3e-3)
    first: dict[str, float] = {}
    for _ in range(20):
        said = guided_predictions(student, truth) if guided else predictions(student, inputs)
        losses = distillation_losses(said, truth)
        first = first or {name: loss.item() for name, loss in losses.items()}
        adam.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in student.parameters())
        adam.step()
    assert first.keys() == {"score", "box", "landmark", "feature"}
    assert all(losses[name].item() < 0.9 * first[name] for name in ("score", "box", "landmark"))
    assert not guided or losses["feature"].item() < 0.8 * first["feature"]


@pytest.mark.usefixtures("small")
def test_an_interrupted_run_ends_as_an_uninterrupted_one(pictures: Pictures, tmp_path: Path) -> None:
    said: list[str] = []
    whole = DetectorRun(FEW, load_teacher(TEACHER), pictures)
    train_detector(whole, tmp_path / "whole", said.append)
    begun = DetectorRun(FEW, load_teacher(TEACHER), pictures)
    begun.step(), begun.step()
    resumed = DetectorRun(replace(FEW, seed=0), load_teacher(TEACHER), pictures)
    resumed.restore(begun.state())
    train_detector(resumed, tmp_path / "resumed", said.append)
    for key, value in whole.average.module.state_dict().items():
        torch.testing.assert_close(resumed.average.module.state_dict()[key], value)
    assert said[0].startswith("step 2: score ")


@pytest.mark.usefixtures("small")
def test_the_command_makes_a_detector_that_the_program_uses(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    common = ["train", "detector", "--teacher", TEACHER, "--out", out]
    arguments = [*common, "--faces", folder, "--photos", folder, folder, "--steps", 2, "--precision", "fp32"]
    assert run(list(map(str, arguments))) == 0
    assert "3 faces and 3 photos" in capsys.readouterr().out
    detector, file = load_detector(str(out / DETECTOR))
    assert file.path == out / DETECTOR
    assert detector.detect(np.zeros((100, 100, 3), np.uint8)) == []
    assert run(list(map(str, [*common, "--faces", tmp_path / "nowhere", "--photos", folder]))) == USAGE
    assert "is no folder" in capsys.readouterr().err


def test_a_teacher_of_another_shape_is_refused() -> None:
    with pytest.raises(ModelError, match="detector was expected"):
        load_teacher(find_model("bundled-restorer", "restorer").path)
