"""`train prepare` as a user meets it: photos in, a dataset with reasons out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFilter

from app.cli.main import run
from core.alignment import FFHQ_TEMPLATE
from tests.conftest import SAMPLES, smooth_photo
from tests.trainer.conftest import faces, prepare
from trainer.dataset import read_dataset
from trainer.report import FEW, USUAL, advice

pytestmark = pytest.mark.slow


def test_good_faces_are_aligned_and_written_down(
    photos: Path, collins: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collins.save(photos / "collins.png")
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    assert prepare(photos, "-o", tmp_path / "d", "--min-size", 150) == 0
    captured = capsys.readouterr()
    assert captured.out.count("1 face,") == 2
    assert "2 faces to learn from, of 2 photos" in captured.err
    assert "too few" in captured.err
    found = faces(tmp_path / "d")
    assert [face.file for face in found] == ["faces/collins-1.png", "faces/hopper-1.png"]
    for face in found:
        assert face.accepted
        assert face.reasons == ()
        with Image.open(tmp_path / "d" / face.file) as image:
            assert (image.size, image.mode, image.format) == ((512, 512), "RGB", "PNG")
        assert np.abs(face.points - FFHQ_TEMPLATE).max() < 25
    page = (tmp_path / "d" / "report.html").read_text()
    assert page.count("data:image/jpeg") == 2
    assert page.count("<svg") == 2
    assert "http" not in page
    with Image.open(tmp_path / "d" / "contact-sheet.jpg") as sheet:
        assert sheet.size == (256, 128)
    assert before == {path.name: path.read_bytes() for path in photos.iterdir()}
    assert not list(tmp_path.rglob("*.part"))


def test_the_samples_are_left_out_for_what_is_wrong_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(SAMPLES, "-o", tmp_path, "--json") == 0
    captured = capsys.readouterr()
    records = {Path(r["input"]).stem: r for r in map(json.loads, captured.out.splitlines())}
    reasons = {name: [set(face["reasons"]) for face in r["faces"]] for name, r in records.items()}
    assert [{"too small", "grey"} <= found for found in reasons["album-page"]] == [True, True]
    assert "grey" in reasons["studio-portrait"][0]
    assert {"too small", "blurred"} <= reasons["wallet-photo"][0]
    assert all(not face["accepted"] for r in records.values() for face in r["faces"])
    assert all((tmp_path / face["file"]).exists() for r in records.values() for face in r["faces"])
    assert "0 faces to learn from, of 3 photos" in captured.err
    assert not (tmp_path / "contact-sheet.jpg").exists()


def test_blurred_cut_grey_and_repeated_faces(photos: Path, hopper: Image.Image, tmp_path: Path) -> None:
    hopper.filter(ImageFilter.GaussianBlur(3)).save(photos / "z-blurred.png")
    hopper.crop((0, 110, 512, 600)).save(photos / "z-cut.png")
    hopper.convert("L").save(photos / "z-grey.png")
    hopper.resize((460, 539)).save(photos / "z-smaller.jpg")
    hopper.rotate(90, expand=True).save(photos / "z-turned.png")
    assert prepare(photos, "-o", tmp_path / "d") == 0
    found = {face.source: face for face in faces(tmp_path / "d")}
    assert found["hopper.png"].accepted
    assert "blurred" in found["z-blurred.png"].reasons
    assert "cut by the border" in found["z-cut.png"].reasons
    assert "grey" in found["z-grey.png"].reasons
    for name in ("z-smaller.jpg", "z-turned.png"):
        assert found[name].reasons == ("near-duplicate",)
        assert found[name].duplicate_of == "faces/hopper-1.png"
    assert [face.source for face in read_dataset(tmp_path / "d").accepted] == ["hopper.png"]
    assert "near-duplicate (of faces/hopper-1.png)" in (tmp_path / "d" / "report.html").read_text()


def test_grey_faces_are_kept_when_asked(hopper: Image.Image, tmp_path: Path) -> None:
    hopper.convert("L").save(tmp_path / "grey.png")
    assert prepare(tmp_path / "grey.png", "-o", tmp_path / "d") == 0
    assert faces(tmp_path / "d")[0].reasons == ("grey",)
    assert prepare(tmp_path / "grey.png", "-o", tmp_path / "d", "--keep-grey") == 0
    assert faces(tmp_path / "d")[0].accepted


def test_an_aligned_folder_is_taken_as_it_is(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(photos, "-o", tmp_path / "first") == 0
    aligned = tmp_path / "aligned"
    aligned.mkdir()
    with Image.open(tmp_path / "first" / "faces" / "hopper-1.png") as crop:
        crop.load()
    crop.save(aligned / "00000.png")
    crop.resize((1024, 1024)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(aligned / "00001.png")
    crop.crop((0, 0, 512, 400)).save(aligned / "00002.png")
    crop.resize((200, 200)).save(aligned / "00003.png")
    Image.fromarray(smooth_photo(256, 256)).save(aligned / "00004.png")
    Image.new("RGB", (1024, 1024)).save(aligned / "00005.png")
    assert prepare(aligned, "-o", tmp_path / "second", "--aligned") == 1
    captured = capsys.readouterr()
    assert captured.err.count("an aligned face is square") == 2
    assert captured.out.count("no face was found") == 2
    straight, flipped = faces(tmp_path / "second")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "second" / straight.file)), np.asarray(crop))
    assert (straight.measures.native_size, flipped.measures.native_size) == (512, 1024)
    assert straight.measures.outside == flipped.measures.outside == 0
    mirrored = flipped.points[[1, 0, 2, 4, 3]]
    mirrored[:, 0] = 511 - mirrored[:, 0]
    assert np.abs(mirrored - straight.points).max() < 30  # nor is the published detector the same to both sides


def test_a_crop_has_the_colours_that_the_profile_means(photos: Path, hopper: Image.Image, tmp_path: Path) -> None:
    swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = re.sub(b"[rb]XYZ", lambda tag: swapped[tag[0]], srgb)
    red, green, blue = hopper.split()
    Image.merge("RGB", (blue, green, red)).save(tmp_path / "blue-first.png", icc_profile=profile)
    assert prepare(tmp_path / "blue-first.png", photos, "-o", tmp_path / "d") == 0
    first, second = (np.asarray(Image.open(tmp_path / "d" / face.file), float) for face in faces(tmp_path / "d"))
    np.testing.assert_allclose(first.mean(axis=(0, 1)), second.mean(axis=(0, 1)), atol=6)
    assert abs(second[..., 0].mean() - second[..., 2].mean()) > 10


def test_bad_files_get_a_sentence_each_and_the_others_go_on(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "a-cut.png").write_bytes((photos / "hopper.png").read_bytes()[:5000])
    Image.fromarray(smooth_photo(300, 200)).save(photos / "b-sky.png")
    assert prepare(photos, photos / "missing.jpg", "-o", tmp_path / "d") == 1
    captured = capsys.readouterr()
    assert captured.err.count("FAILED") == 2
    assert "damaged or cut short" in captured.err
    assert "cannot be read (no such file" in captured.err
    assert "no face was found" in captured.out
    assert "1 photo without a face" in captured.err
    assert len(faces(tmp_path / "d")) == 1


def test_nothing_to_do_is_exit_code_2(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert prepare(tmp_path / "empty", "-o", tmp_path / "d") == 2
    assert "no photo" in capsys.readouterr().err
    assert not (tmp_path / "d").exists()
    assert prepare(photos, "-o", tmp_path / "d") == 0
    capsys.readouterr()
    assert prepare(tmp_path / "d", "-o", tmp_path / "d") == 2
    assert "nothing but the results" in capsys.readouterr().err
    (tmp_path / "file").write_text("x")
    assert prepare(photos, "-o", tmp_path / "file") == 2
    assert "is a file" in capsys.readouterr().err


def test_the_advice_grows_with_the_faces() -> None:
    assert len({advice(count) for count in (0, FEW, USUAL)}) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "STEP"),
        (["train", "prepare", "a.jpg"], "-o/--output"),
        (["train", "prepare", "a.jpg", "-o", "x", "--min-size", "0"], "from 1 to"),
        (["train", "prepare", "a.jpg", "-o", "x", "--min-sharpness", "1"], "from -20 to 0"),
        (["train", "prepare", "a.jpg", "-o", "x", "--max-angle", "nan"], "from 0 to 90"),
        (["train", "prepare", "a.jpg", "-o", "x", "--max-outside", "101"], "from 0 to 100"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(arguments)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
