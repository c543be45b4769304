"""The files that TensorBoard reads."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from core.errors import UsageError
from trainer.events import Done, Sample, Step
from trainer.tensorboard import Board


@pytest.mark.slow
def test_losses_metrics_and_samples_are_there(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    sheet = tmp_path / "000020.jpg"
    Image.new("RGB", (40, 30), (200, 100, 50)).save(sheet)
    board = Board(tmp_path / "board")
    for step, loss in ((10, 0.5), (20, 0.25)):
        board(Step(step, 20, {"l1": loss}, 1e-4, 3.0, 1.0, 0))
    board(Sample(20, "", {"psnr": 24.5}))
    board(Sample(20, str(sheet)))
    board(Done("finished", 20))
    read = EventAccumulator(str(tmp_path / "board")).Reload()
    assert [(event.step, event.value) for event in read.Scalars("train/l1")] == [(10, 0.5), (20, 0.25)]
    assert [event.value for event in read.Scalars("train/rate")] == pytest.approx([1e-4, 1e-4])
    assert [(event.step, event.value) for event in read.Scalars("held-out/psnr")] == [(20, 24.5)]
    assert [(image.step, image.width, image.height) for image in read.Images("samples")] == [(20, 40, 30)]


@pytest.mark.slow
def test_a_board_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    board = Board(tmp_path / "board")
    board(Sample(20, str(tmp_path / "gone.jpg"), {"psnr": 24.5}))
    board(Step(20, 20, {"l1": float("nan")}, 1e-4, 3.0, 1.0, 0))
    assert [record.getMessage() for record in caplog.records] == [
        "TensorBoard's files end here (no such file or directory); the run goes on."
    ]


def test_where_it_is_not_installed_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UsageError, match="pip install tensorboard"):
        Board(tmp_path)
