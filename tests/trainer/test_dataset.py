"""A dataset over several runs: what is new is added, what the user decided stands, nothing is lost."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.errors import PhotoError
from tests.conftest import SAMPLES, assert_ctrl_c_stops
from tests.trainer.conftest import edit, faces, prepare
from trainer.dataset import DatasetError, read_dataset

pytestmark = pytest.mark.slow


def test_another_run_adds_only_what_is_new(
    photos: Path, collins: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = photos / "dataset"  # Inside the inputs: it must not be read.
    assert prepare(photos, "-o", out, "--recursive") == 0
    first = faces(out)
    shutil.copy(photos / "hopper.png", photos / "copy.png")
    capsys.readouterr()
    assert prepare(photos, photos / "dataset", "-o", out, "--recursive", "--json") == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(r["input"]).name for r in records] == ["copy.png", "hopper.png"]
    assert {r["status"] for r in records} == {"skipped"}
    assert faces(out) == first
    (photos / "more").mkdir()
    collins.save(photos / "more" / "hopper.png")  # Another photo of the same name.
    assert prepare(photos, "-o", out, "--recursive", "--min-size", 150) == 0
    second = faces(out)
    assert second[:1] == first
    assert len(second) == 2
    assert second[1].file.startswith("faces/hopper-")
    assert second[1].file != first[0].file


def test_the_users_decisions_stand_and_the_limits_count_anew(
    photos: Path, collins: Image.Image, tmp_path: Path
) -> None:
    out = tmp_path / "d"
    collins.save(photos / "collins.png")
    assert prepare(photos, "-o", out) == 0
    assert [face.accepted for face in faces(out)] == [False, True]
    edit(out, 1, accepted=False)
    assert prepare(photos, "-o", out, "--min-size", 150) == 0
    small, refused = faces(out)
    assert (small.accepted, small.reasons, small.by_user) == (True, (), False)
    assert (refused.accepted, refused.reasons, refused.by_user) == (False, (), True)
    edit(out, 1, accepted=True)
    (out / small.file).unlink()
    assert prepare(photos, "-o", out, "--min-size", 500) == 0
    gone, taken = faces(out)
    assert gone.reasons == ("too small", "its image is gone")
    assert (taken.accepted, taken.reasons) == (True, ("too small",))
    assert prepare(photos, "-o", out) == 0
    assert faces(out)[1].accepted


@pytest.mark.parametrize("wanted", [True, False])
def test_a_decision_outlives_that_the_image_is_away_for_a_while(
    photos: Path, tmp_path: Path, wanted: bool
) -> None:
    out = tmp_path / "d"
    limits = ("--min-size", 500) if wanted else ()
    assert prepare(photos, "-o", out, *limits) == 0
    edit(out, 0, accepted=wanted)
    image = out / faces(out)[0].file
    away = image.rename(tmp_path / "away.png")
    assert prepare(photos, "-o", out, *limits) == 0
    assert read_dataset(out).accepted == []
    assert "by your decision" not in (out / "report.html").read_text() or not wanted
    away.rename(image)
    assert prepare(photos, "-o", out, *limits) == 0
    assert [face.usable for face in faces(out)] == [wanted]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "no JSON"),
        (b"[]", "no version"),
        (b'{"version": 2}', "newer version"),
        (b'{"version": 1}', "'photos' is missing"),
        (b'{"version": 1, "photos": {}, "faces": [{"file": "../x.png"}]}', "outside the folder"),
        (b'{"version": 1, "photos": {}, "faces": [{"file": "faces/x.png"}]}', "'box' is missing"),
    ],
)
def test_a_damaged_dataset_is_told_and_left_alone(
    content: bytes, words: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dataset.json").write_bytes(content)
    assert prepare(photos, "-o", tmp_path) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert (tmp_path / "dataset.json").read_bytes() == content


def test_a_face_is_read_strictly(photos: Path, tmp_path: Path) -> None:
    assert prepare(photos, "-o", tmp_path / "d") == 0
    for wrong in (
        {"accepted": "yes"},
        {"landmarks": [[1, 2]]},
        {"sharpness": float("nan")},
        {"reasons": ["ugly"]},
    ):
        edit(tmp_path / "d", 0, **wrong)
        with pytest.raises(DatasetError, match="damaged"):
            faces(tmp_path / "d")
        shutil.rmtree(tmp_path / "d")
        assert prepare(photos, "-o", tmp_path / "d") == 0
    with pytest.raises(DatasetError, match="train prepare"):
        read_dataset(photos)


def test_a_full_disk_costs_no_photo_that_was_done(
    photos: Path, collins: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trainer.prepare

    write = trainer.prepare.write_atomically

    def full(path: Path, data: bytes) -> None:
        if "hopper" in path.name:
            raise PhotoError(f"'{path}' cannot be written (no space left on device); free some space.")
        write(path, data)

    collins.save(photos / "collins.png")
    monkeypatch.setattr(trainer.prepare, "write_atomically", full)
    assert prepare(photos, "-o", tmp_path / "d") == 1
    assert [face.source for face in faces(tmp_path / "d")] == ["collins.png"]
    monkeypatch.undo()
    assert prepare(photos, "-o", tmp_path / "d") == 0
    assert [face.source for face in faces(tmp_path / "d")] == ["collins.png", "hopper.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one child on Windows")
def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    data = (SAMPLES / "wallet-photo.jpg").read_bytes()
    for number in range(300):
        (folder / f"{number:03}.jpg").write_bytes(data + bytes([number % 256, number // 256]))
    out = tmp_path / "out"
    arguments = ["train", "prepare", folder, "-o", out]
    assert_ctrl_c_stops(arguments, lambda: len(list(out.glob("faces/*.png"))) >= 2)
    dataset = read_dataset(out)
    assert 2 <= len(dataset.faces) < 300
    assert all((out / face.file).exists() for face in dataset.faces)
    assert (out / "report.html").exists()
