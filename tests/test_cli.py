"""The command line as a user meets it: files in, files out, sentences, exit codes."""

import json
import os
import pickle
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from app.bootstrap import DATA_FOLDER_VARIABLE
from app.cli.main import run
from tests.conftest import PATIENCE, SAMPLES, assert_ctrl_c_stops, smooth_photo
from trainer.run_folder import runs_folder

PHOTOS = sorted(SAMPLES.glob("*.jpg"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with the samples, one of them in a subfolder."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for photo in PHOTOS[:2]:
        shutil.copy(photo, folder)
    shutil.copy(PHOTOS[2], folder / "more")
    return folder


def restore(*arguments: object) -> int:
    return run(["restore", *map(str, arguments)])


def json_lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_deep_photo_is_written_as_deep_as_asked(tmp_path: Path) -> None:
    photo = tmp_path / "deep.png"
    cv2.imwrite(str(photo), smooth_photo(96, 128).astype(np.uint16) * 257)
    for options, depth in (([], np.uint16), (["--depth", "8"], np.uint8)):
        assert (
            restore(photo, "-o", tmp_path / "out", "--keep-without-faces", "--on-exists", "overwrite", *options)
            == 0
        )
        assert cv2.imread(str(tmp_path / "out" / "deep.png"), cv2.IMREAD_UNCHANGED).dtype == depth


@pytest.mark.slow
def test_a_folder_is_restored(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert restore(photos, "-o", out, "--recursive", "--json", "--save-crops") == 0
    captured = capsys.readouterr()
    records = [json.loads(line) for line in captured.out.splitlines()]
    assert [r["status"] for r in records] == ["done"] * 3
    assert "bundled draft" in captured.err
    assert "models get gfpgan-v1.4" in captured.err
    for record in records:
        source = Path(record["input"])
        target = out / source.relative_to(photos)
        assert Path(record["output"]) == target
        before, after = np.asarray(Image.open(source)), np.asarray(Image.open(target))
        assert before.shape == after.shape
        assert record["faces"]
        for face in record["faces"]:
            assert face["restored"]
            assert len(face["landmarks"]) == 5
            left, top, right, bottom = (round(value) for value in face["box"])
            changed = np.abs(after[top:bottom, left:right].astype(int) - before[top:bottom, left:right])
            assert changed.mean() > 2
        assert {"detect", "restore", "compose"} <= set(record["seconds"])
    crops = sorted(p.name for p in (out / "crops").rglob("*.png"))
    assert sum("restored" in name for name in crops) == sum(len(r["faces"]) for r in records)
    assert not list(out.rglob("*.part"))
    # Whoever is killed in between has no result that would be skipped the next time.
    for record in records:
        faces = (out / "crops").rglob(f"{Path(record['input']).name}-face*.png")
        photo = Path(record["output"]).stat().st_mtime_ns
        assert all(path.stat().st_mtime_ns <= photo for path in faces)


@pytest.mark.slow
def test_a_sharp_face_is_changed_less_than_at_full_strength(tmp_path: Path, portrait: np.ndarray) -> None:
    source = tmp_path / "photo.png"
    Image.fromarray(portrait).save(source)
    changes = []
    for name, options in {"auto": [], "also auto": ["--strength", "auto"], "full": ["--strength", 1]}.items():
        assert restore(source, "-o", tmp_path / name, "--aligned", *options) == 0
        result = np.asarray(Image.open(tmp_path / name / "photo.png")).astype(int)
        changes.append(np.abs(result - portrait).mean())
    assert changes[0] == changes[1]
    assert 0 < changes[0] < 0.4 * changes[2]


@pytest.mark.slow
def test_strength_zero_in_a_lossless_file_is_the_photo(tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    Image.open(PHOTOS[2]).save(source)
    assert restore(source, "-o", tmp_path / "out", "--strength", 0) == 0
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "out" / "photo.png")), np.asarray(Image.open(source))
    )


@pytest.mark.slow
def test_enlarging_and_other_formats(tmp_path: Path) -> None:
    for form, suffix in (("png", ".png"), ("tiff", ".tif"), ("webp", ".webp")):
        assert restore(PHOTOS[2], "-o", tmp_path, "--upscale", 2, "--format", form, "--suffix=-large") == 0
        with Image.open(tmp_path / f"{PHOTOS[2].stem}-large{suffix}") as image:
            assert image.size == (666, 666)


@pytest.mark.slow
def test_existing_results_are_kept_overwritten_or_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (PHOTOS[2], "-o", tmp_path, "--json")
    for how, expected in (("unique", None), ("unique", "-1"), ("skip", "skipped"), ("overwrite", None)):
        assert restore(*arguments, "--on-exists", how) == 0
        (record,) = json_lines(capsys)
        if expected == "skipped":
            assert record["status"] == "skipped"
        else:
            assert Path(record["output"]).stem == PHOTOS[2].stem + (expected or "")
    assert len(list(tmp_path.glob("*.jpg"))) == 2


@pytest.mark.slow
def test_the_input_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "photo.jpg"
    shutil.copy(PHOTOS[2], photo)
    before = photo.read_bytes()
    assert restore(photo, "-o", tmp_path, "--on-exists", "overwrite") == 1
    assert "never overwritten" in capsys.readouterr().err
    assert photo.read_bytes() == before
    assert restore(photo, "-o", tmp_path) == 0
    assert photo.read_bytes() == before
    assert (tmp_path / "photo-1.jpg").exists()


@pytest.mark.slow
def test_an_input_is_not_skipped_as_its_own_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(PHOTOS[2], tmp_path / "photo.jpg")
    assert restore(tmp_path, "-o", tmp_path, "--on-exists", "skip") == 1
    assert "never overwritten" in capsys.readouterr().err


@pytest.mark.slow
def test_a_photo_that_failed_is_not_skipped_for_another_ones_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"damaged")
    Image.open(PHOTOS[2]).save(folder / "a.png")
    arguments = (folder, "-o", out, "--format", "png", "--on-exists", "skip", "--json")
    assert restore(*arguments) == 1
    assert [record["output"] for record in json_lines(capsys)] == [None, str(out / "a-1.png")]
    shutil.copy(PHOTOS[2], folder / "a.jpg")
    assert restore(*arguments) == 0
    first, second = json_lines(capsys)
    assert first["output"] == str(out / "a.png")
    assert second["warnings"] == [f"'{out / 'a-1.png'}' exists already"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["skip", "unique"])
@pytest.mark.parametrize("named", [False, True])
def test_results_among_the_photos_are_not_restored_again(
    how: str, named: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PHOTOS[2], tmp_path / "x.jpg")
    for expected in ({"x.jpg", "x_r.jpg"}, {"x.jpg", "x_r.jpg"} | ({"x_r-1.jpg"} if how == "unique" else set())):
        inputs = sorted(tmp_path.iterdir()) if named else [tmp_path]
        assert restore(*inputs, "-o", tmp_path, "--suffix", "_r", "--on-exists", how) == 0
        assert {path.name for path in tmp_path.iterdir()} == expected
    captured = capsys.readouterr()
    assert "Left out 1 photo named like results of others" in captured.err
    assert ("exists already" in captured.out) == (how == "skip")


@pytest.mark.slow
def test_a_photo_that_is_named_is_not_overwritten_though_it_looks_like_a_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("x.jpg", "x_r.jpg"):
        shutil.copy(PHOTOS[2], tmp_path / name)
    photos = (tmp_path / "x.jpg", tmp_path / "x_r.jpg")
    assert restore(*photos, "-o", tmp_path, "--suffix", "_r", "--on-exists", "overwrite") == 1
    assert photos[1].read_bytes() == PHOTOS[2].read_bytes()
    assert restore(tmp_path, "-o", tmp_path, "--suffix", "_r", "--on-exists", "overwrite") == 0
    assert photos[1].read_bytes() != PHOTOS[2].read_bytes()


@pytest.mark.slow
def test_bad_files_get_a_sentence_each_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("not a picture")
    (folder / "cut.jpg").write_bytes(PHOTOS[0].read_bytes()[:5000])
    Image.fromarray(smooth_photo(300, 200)).save(folder / "no-face.png")
    shutil.copy(PHOTOS[2], folder / "really-a-jpeg.png")
    assert restore(folder, folder / "missing.jpg", "-o", tmp_path / "out", "--json") == 1
    captured = capsys.readouterr()
    records = {Path(r["input"]).name: r for r in map(json.loads, captured.out.splitlines())}
    expected = {
        "empty.jpg": "empty",
        "text.png": "not a picture",
        "cut.jpg": "damaged or cut short",
        "no-face.png": "No face was found",
        "missing.jpg": "does not exist",
    }
    for name, words in expected.items():
        assert records[name]["status"] == "failed"
        assert words in records[name]["error"]
        assert name in records[name]["error"]
    assert records["really-a-jpeg.png"]["output"] == str(tmp_path / "out" / "really-a-jpeg.jpg")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["really-a-jpeg.jpg"]
    assert "Traceback" not in captured.err


@pytest.mark.slow
def test_a_photo_without_faces_can_be_kept(tmp_path: Path) -> None:
    picture = smooth_photo(300, 200)
    Image.fromarray(picture).save(tmp_path / "sky.png")
    assert restore(tmp_path / "sky.png", "-o", tmp_path / "out", "--keep-without-faces") == 0
    assert (tmp_path / "out" / "sky.png").read_bytes() == (tmp_path / "sky.png").read_bytes()
    with_format = (tmp_path / "sky.png", "-o", tmp_path / "deep", "--keep-without-faces", "--format", "tiff")
    assert restore(*with_format) == 0
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "deep" / "sky.tif")), picture)
    assert b"no face restored" in (tmp_path / "deep" / "sky.tif").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--quality", 80), ("--upscale", 2, "--background", "lanczos")])
def test_a_photo_without_faces_is_copied_where_nothing_else_is_asked(
    options: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "sky.jpg"
    several = {"save_all": True, "append_images": [Image.fromarray(smooth_photo(30, 20))]}
    Image.fromarray(smooth_photo(300, 200)).save(photo, "MPO", **several)
    assert restore(photo, "-o", tmp_path / "out", "--keep-without-faces", "--json", *options) == 0
    assert ((tmp_path / "out" / "sky.jpg").read_bytes() == photo.read_bytes()) == (options == ())
    (record,) = json_lines(capsys)
    assert ("several pictures" in str(record["warnings"])) == (options != ())


class Harmful:
    """Pickles to a call that would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["corrupt", "pickle", "other network", "missing"])
def test_a_bad_model_is_one_sentence_and_touches_nothing(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trap = tmp_path / "executed"
    model = tmp_path / "model.pth"
    if kind == "corrupt":
        model.write_bytes(os.urandom(2000))
    elif kind == "pickle":
        model.write_bytes(pickle.dumps({"params_ema": Harmful(trap)}))
    elif kind == "other network":
        model = SAMPLES.parent / "weights" / "bundled-detector.safetensors"
    assert restore(PHOTOS[2], "-o", tmp_path / "out", "--model", model) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert model.name in message
    assert "Traceback" not in message
    assert not trap.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["restore"], "required"),
        (["restore", "a.jpg"], "-o/--output"),
        (["restore", "a.jpg", "-o", "x", "--strength", "2"], "from 0 to 1"),
        (["restore", "a.jpg", "-o", "x", "--strength", "nan"], "from 0 to 1"),
        (["restore", "a.jpg", "-o", "x", "--upscale", "3"], "invalid choice"),
        (["restore", "a.jpg", "-o", "x", "--quality", "0"], "from 1 to 100"),
        (["restore", "a.jpg", "-o", "x", "--suffix", "/../../up"], "part of a file name"),
        (["restore", "a.jpg", "-o", "x", "--batch", "-1"], "from 1 to 1024"),
        (["restore", "a.jpg", "-o", "x", "--threads", "0"], "from 1 to 1024"),
        (["restore", "a.jpg", "-o", "x", "--precision", "int8"], "invalid choice"),
        (["nonsense"], "invalid choice"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(arguments)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_a_folder_without_photos_and_an_impossible_output_are_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert restore(tmp_path / "empty", "-o", tmp_path / "out") == 2
    assert "no photo" in capsys.readouterr().err
    (tmp_path / "file").write_text("x")
    assert restore(PHOTOS[0], "-o", tmp_path / "file" / "below") == 2
    assert "cannot be made" in capsys.readouterr().err
    assert restore(PHOTOS[0], "-o", tmp_path / "file") == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["restore", "faces", "train prepare"])
def test_a_device_that_is_absent_is_exit_code_2_before_anything_is_done(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    target = ["--draw", str(out)] if command == "faces" else ["-o", str(out)]
    assert run([*command.split(), str(PHOTOS[0]), *target, "--device", "cuda:99"]) == 2
    captured = capsys.readouterr()
    assert "no 'cuda:99' on this machine" in captured.err
    assert captured.out == ""
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--device", "cpu", "--precision", "fp32"], ["--threads", "1"]])
def test_a_photo_is_restored_as_asked_for(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads, cv_threads = torch.get_num_threads(), cv2.getNumThreads()
    try:
        assert restore(PHOTOS[2], "-o", tmp_path, "--json", *options) == 0
    finally:
        torch.set_num_threads(threads)
        cv2.setNumThreads(cv_threads)
    (record,) = json_lines(capsys)
    assert record["faces"][0]["restored"]
    assert record["warnings"] == []


@pytest.mark.slow
def test_faces_are_told_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faces", str(SAMPLES), "--draw", str(tmp_path), "--json"]) == 0
    records = json_lines(capsys)
    assert [len(r["faces"]) for r in records] == [2, 1, 1]
    for record in records:
        before, after = (np.asarray(Image.open(record[key]).convert("RGB")) for key in ("input", "output"))
        changed = (np.abs(before.astype(int) - after) > 30).any(axis=2).mean()
        assert 0.001 < changed < 0.2
    assert run(["faces", str(PHOTOS[0]), "--faces", "largest"]) == 0
    assert "1 face," in capsys.readouterr().out


@pytest.mark.slow
def test_crops_never_meet_and_never_overwrite_a_photo(tmp_path: Path) -> None:
    for name in ("a/x.jpg", "b/x.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True)
        shutil.copy(PHOTOS[2], tmp_path / "in" / name)
    out = tmp_path / "out"
    old = out / "crops" / "a" / "x.jpg-face1-input.png"
    old.parent.mkdir(parents=True)
    Image.open(PHOTOS[2]).save(old)
    before = old.read_bytes()
    options = ("-o", out, "--recursive", "--save-crops", "--on-exists", "overwrite")
    assert restore(tmp_path / "in", old, *options) == 1
    assert old.read_bytes() == before
    assert (out / "crops" / "b" / "x.jpg-face1-restored.png").exists()
    # A second run over the results' own folder takes the photos, not the crops.
    assert restore(out, "-o", out, "--recursive", "--suffix=-again") == 0
    assert sorted(p.name for p in out.rglob("*again*")) == [
        "x-again.jpg",
        "x-again.jpg",
        "x.jpg-face1-input-again.png",
    ]


@pytest.mark.slow
def test_a_picture_too_large_for_the_container_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (16_000, 20)).save(tmp_path / "wide.png")
    assert restore(tmp_path / "wide.png", "-o", tmp_path / "o", "--upscale", 2, "--format", "webp") == 1
    assert "16383 px" in capsys.readouterr().err


@pytest.mark.slow
def test_a_mistake_of_ours_costs_one_photo_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pipeline import RestorationPipeline

    original, seen = RestorationPipeline.restore_faces, []

    def sometimes(self, request, *args):
        seen.append(request)
        if len(seen) < 3:
            raise [MemoryError(), IndexError("list index out of range")][len(seen) - 1]
        return original(self, request, *args)

    monkeypatch.setattr(RestorationPipeline, "restore_faces", sometimes)
    assert restore(SAMPLES, "-o", tmp_path, "--json") == 1
    captured = capsys.readouterr()
    records = [json.loads(line) for line in captured.out.splitlines()]
    assert [r["status"] for r in records] == ["failed", "failed", "done"]
    assert "memory" in records[0]["error"]
    assert "should not happen (IndexError" in records[1]["error"]
    assert set(records[0]) == set(records[2])
    assert "Traceback" not in captured.err


@pytest.mark.slow
def test_faces_that_all_fail_are_a_failure_and_some_are_partial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from core.restoration import NetworkRestorer

    def first_fails(self, crops):
        return [
            replace(c, failure="no picture") if i == 0 else replace(c, restored=c.pixels)
            for i, c in enumerate(crops)
        ]

    monkeypatch.setattr(NetworkRestorer, "restore", first_fails)
    assert restore(SAMPLES, "-o", tmp_path, "--json") == 1
    records = json_lines(capsys)
    assert [r["status"] for r in records] == ["partial", "failed", "failed"]
    assert "None of the faces" in records[1]["error"]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell's pipes")
@pytest.mark.parametrize("sink", ["| head -1", ">&-", "2>&-", "> /dev/full", "| cat"])
def test_whoever_reads_the_results_the_photos_are_done(sink: str, tmp_path: Path) -> None:
    photos = tmp_path / "in"
    photos.mkdir()
    for number in range(4):
        shutil.copy(PHOTOS[2], photos / f"ü\u2603 {number}.jpg")
    program = [sys.executable, "-m", "app", "restore", str(photos), "-o", str(tmp_path / "out"), "--json"]
    command = f"{shlex.join(program)} {sink}"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=SAMPLES.parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_info_and_version_and_help(
    own_models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "data"))
    own_models_folder.mkdir()
    (own_models_folder / "mine.pth").write_bytes(b"x")
    assert run(["info"]) == 0
    text = capsys.readouterr().out
    for words in (
        "torch",
        "cpu  ",
        "openvino:CPU",
        "auto takes",
        "bundled-restorer",
        "mine.pth",
        str(own_models_folder),
        os.environ["GFPGAN_DESKTOP_CACHE"],
        str(tmp_path / "data"),
        str(runs_folder()),
    ):
        assert words in text
    assert run([]) == 0
    assert "restore" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one child on Windows")
def test_ctrl_c_stops_between_faces_and_leaves_no_half_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(200):
        shutil.copy(PHOTOS[2], folder / f"{number:03}.jpg")
    out = tmp_path / "out"
    assert_ctrl_c_stops(["restore", folder, "-o", out], lambda: len(list(out.glob("*.jpg"))) >= 2)
    done = list(out.iterdir())
    assert 2 <= len(done) < 200
    for path in done:
        assert path.suffix == ".jpg"
        with Image.open(path) as image:
            image.load()
