"""`gfpgan-desktop evaluate` as a user meets it: folders and models in, tables and pages out, sentences, codes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from app.cli.main import run
from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from trainer.losses.features import squeezenet_features
from trainer.scoring.pictures import read_crop


def evaluate(*arguments: object) -> int:
    return run(["evaluate", *map(str, arguments)])


@pytest.fixture(scope="module")
def truths(tmp_path_factory: pytest.TempPathFactory, collins: Image.Image, hopper: Image.Image) -> Path:
    folder = tmp_path_factory.mktemp("truths")
    collins.crop((90, 0, 350, 260)).resize((512, 512)).save(folder / "collins.png")
    hopper.crop((50, 20, 470, 440)).resize((512, 512)).save(folder / "hopper.png")
    return folder


@pytest.fixture
def networks(own_models_folder: Path) -> None:
    """Networks with random weights where those of the metrics are looked for."""
    torch.manual_seed(0)
    own_models_folder.mkdir()
    save_file(squeezenet_features().state_dict(), own_models_folder / "squeezenet1_1-caffe.safetensors")
    torch.save(ArcFace().state_dict(), own_models_folder / "arcface_resnet18.pth")


@pytest.mark.slow
@pytest.mark.usefixtures("networks")
def test_a_model_is_degraded_restored_and_scored(
    truths: Path, clean_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    model = ("--model", clean_base, "--strength", 0.5, 1, "--baselines", "--limit", 1)
    assert evaluate("--reference", truths, "-o", out, "--seed", 3, "--degradation", "4x", *model) == 0
    said = capsys.readouterr().out
    rows = [line.split("  ")[0].strip() for line in said.splitlines()[1:6]]
    assert rows == ["Input", "Bicubic", "Classical (OpenCV)", "base, strength 0.5", "base"]
    assert "LPIPS is left out" in said
    assert "FID is left out" in said
    report = json.loads((out / "report.json").read_text())
    assert report["about"]["degradation"] == "4x"
    keys = [metric["key"] for metric in report["metrics"]]
    assert keys == ["features", "lpips_other", "niqe", "deg", "psnr", "ssim", "landmarks"]
    methods = {method["name"]: method for method in report["methods"]}
    assert all(value is not None for value in methods["Input"]["values"]["landmarks"])
    assert methods["Bicubic"]["means"]["psnr"]["mean"] == pytest.approx(
        methods["Input"]["means"]["psnr"]["mean"], abs=0.1
    )
    assert "table 2" in (out / "tables.md").read_text()
    assert "<figure>" in (out / "report.html").read_text()
    before, half, full = (
        read_crop(out / at / "collins.png").astype(float) for at in ("input", "base-strength-0-5", "base")
    )
    assert np.abs((before + full) / 2 - half).max() <= 1

    # Those that another evaluation left there were not made so.
    shutil.copy(out / "input" / "collins.png", out / "input" / "hopper.png")
    assert evaluate("--input", out / "input", "--restored", out / "base") == 0
    assert "1 pictures in" in capsys.readouterr().err
    (out / "input" / "hopper.png").unlink()

    # What another system made of the same inputs stands in a table with the model's.
    theirs = ("--restored", out / "base", "--name", "Theirs", "--restored", out / "classical")
    arguments = ("--reference", truths, "--limit", 1, "--input", out / "input", *theirs, "--json")
    assert evaluate(*arguments) == 0
    again = json.loads(capsys.readouterr().out)
    assert [method["name"] for method in again["methods"]] == ["Input", "Theirs", "classical"]
    assert again["methods"][1]["values"] == methods["base"]["values"]
    assert again["about"] | {"inputs": "input"} == report["about"] | {"inputs": "input"}
    assert again["draws"].keys() == {"collins"}


@pytest.mark.slow
def test_an_ablation_has_names_and_stands_beside_table_4(
    truths: Path, clean_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_folder = tmp_path / "without identity"
    run_folder.mkdir()
    shutil.copy(clean_base, run_folder / "model.safetensors")
    models = ("--ablation", clean_base, run_folder, f"no pyramid loss={clean_base}")
    assert evaluate("--reference", truths, "--limit", 1, "-o", tmp_path, *models) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert [method["name"] for method in report["methods"]] == [
        "Input",
        "base",
        "without identity",
        "no pyramid loss",
    ]
    assert report["faces"] == ["collins"]
    assert "| d) no pyramid loss (paper) |" in (tmp_path / "tables.md").read_text()


@pytest.mark.slow
def test_no_model_is_scored_by_the_pictures_of_another(
    truths: Path, clean_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one name, of a name that is cut off, and of the name of what is there anyway."""
    out, long = tmp_path / "out", tmp_path / f"{'n' * 52}.safetensors"
    files = [tmp_path / name / "model.safetensors" for name in ("anna", "bert")]
    torch.manual_seed(1)
    for file, network in zip(files, (None, GFPGAN("clean", 32, 16, 1, 0.06, 2)), strict=True):
        file.parent.mkdir()
        shutil.copy(clean_base, file) if network is None else save_network(network, file)
    shutil.copy(clean_base, long)
    models = ("--model", *files, long, "--ablation", f"input={files[1]}", f"anna={files[1]}")
    assert evaluate("--reference", truths, "--limit", 1, "-o", out, "--strength", 0, 1, 0, *models) == 0
    assert f"'{files[1]}' is 'anna-2' in the tables" in capsys.readouterr().err
    methods = json.loads((out / "report.json").read_text())["methods"]
    names = [method["name"] for method in methods]
    called = ["anna", "bert", "n" * 52, "input", "anna-2"]
    rows = [row for name in called for row in (f"{name}, strength 0", name)]
    assert names == ["Input", *("input-2" if row == "input" else row for row in rows)]
    pictures = {method["name"]: method["pictures"]["collins"] for method in methods}
    assert len(set(pictures.values())) == len(methods) == 11
    scored = {method["name"]: method["means"]["psnr"]["mean"] for method in methods}
    assert scored["anna"] == scored["n" * 52] != scored["bert"] == scored["anna-2"] == scored["input-2"]
    assert scored["Input"] == scored["anna, strength 0"] == scored["n" * 52 + ", strength 0"] != scored["anna"]


def test_without_a_model_there_are_degraded_faces_and_baselines(
    truths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("--reference", truths, "--limit", 1, "--baselines", "-o", tmp_path) == 0
    rows = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()[1:4]]
    assert rows == ["Input", "Bicubic", "Classical (OpenCV)"]
    assert (tmp_path / "input" / "degradation.json").is_file()


def test_folders_alone_with_a_missing_face(
    truths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.open(truths / "hopper.png").save(tmp_path / "hopper.webp", lossless=True)
    assert evaluate("--restored", tmp_path, "--reference", truths, "--name", "Ours") == 1
    said = capsys.readouterr().out
    assert "Ours lacks 1 of 2 faces (collins, ...)." in said
    assert evaluate("--restored", tmp_path) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["NIQE", "↓"]
    assert "which --reference would give" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "nothing to score"),
        (("--model", "x"), "nothing to restore"),
        (("--model", "x", "--reference", "{truths}"), "give --out DIR"),
        (("--model", "x", "--reference", "{truths}", "-o", "{out}"), "no restorer called 'x'"),
        (("--restored", "{truths}", "--name", "a", "--name", "b"), "more --name than --restored"),
        (("--restored", "{out}"), "no picture in"),
        (("--restored", "{truths}", "--lpips", "a", "b", "--reference", "{truths}"), "no file 'a'"),
        (("--restored", "{truths}", "--identity", "nobody", "--reference", "{truths}"), "no file 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: tuple[str, ...], sentence: str, truths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(*(part.format(truths=truths, out=tmp_path) for part in arguments)) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("mistyped", ["--identity", "--restored", "--fid-against"])
def test_what_is_mistyped_costs_no_restoring(
    mistyped: str, truths: Path, clean_base: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert evaluate("--model", clean_base, "--reference", truths, "-o", out, mistyped, tmp_path / "nowhere") == 2
    assert not out.exists()


def test_a_file_in_place_of_the_results_is_told_before_measuring(
    truths: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.cli.evaluate.measure", None)
    assert evaluate("--restored", truths, "-o", truths / "hopper.png") == 2
    assert "choose a folder" in capsys.readouterr().err


def test_a_record_of_other_pictures_is_told(
    truths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"degradation": "none", "seed": 0, "settings": None, "draws": {"somebody": None}}
    (tmp_path / "degradation.json").write_text(json.dumps(record))
    shutil.copy(truths / "hopper.png", tmp_path)
    assert evaluate("--restored", tmp_path, "--input", tmp_path) == 2
    assert "of none of the pictures there" in capsys.readouterr().err


def test_a_given_folder_is_never_written_into(
    truths: Path, clean_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(truths, tmp_path / "input")
    before = (tmp_path / "input" / "hopper.png").read_bytes()
    assert evaluate("--model", clean_base, "--reference", tmp_path / "input", "-o", tmp_path) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert (tmp_path / "input" / "hopper.png").read_bytes() == before


def test_folders_of_different_faces_are_told(
    truths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.open(truths / "hopper.png").save(tmp_path / "somebody.png")
    assert evaluate("--restored", tmp_path, "--reference", truths) == 2
    assert "name them alike" in capsys.readouterr().err
