"""A network becomes a file, a page and a name that `restore --model` takes."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from core.assembly import assemble
from core.errors import ModelError
from core.models import find_model, present_models
from core.networks.convert import clean_to_bilinear
from core.networks.gfpgan import GFPGAN
from core.networks.loading import load_network
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.card import Card
from trainer.export import export, install, name_for, rename
from trainer.run_folder import LONGEST_NAME

pytestmark = pytest.mark.usefixtures("seeded")

SMALL: dict[str, Any] = {"size": 32, "style_dim": 16, "channel_multiplier": 1, "narrow": 0.125, "num_mlp": 2}
INPUTS = {"psnr": 22.0, "ssim": 0.6, "perceptual": 3.5, "identity_angle": 45.0}
BEFORE = {"psnr": 24.0, "ssim": 0.7, "perceptual": 3.0, "identity_angle": 40.0}
AFTER = {"psnr": 24.5, "ssim": 0.72, "perceptual": 2.8, "identity_angle": 38.0}
CARD = Card(
    name="anna",
    run_id="20251124-a1",
    preset="personal",
    steps=3000,
    faces=128,
    photos=40,
    data="anna-faces",
    sources="her own albums",
    base="GFP-GAN v1.4, 512 px",
    licence="non-commercial",
    settings={"batch": 4, "learning rate": 0.0003},
    losses=("l1", "pyramid"),
    off=("The identity loss is off, so faces drift further from the person: no file.",),
    held_out=12,
    inputs=INPUTS,
    before=BEFORE,
    after=AFTER,
)


def network(variant: Any, **options: Any) -> GFPGAN:
    """As after some training: no bias or noise strength is zero."""
    result = GFPGAN(variant, **SMALL, **options).eval()
    with torch.no_grad():
        for parameter in result.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return result


def from_clean(lr_mlp: float) -> GFPGAN:
    clean = network("clean", input_is_latent=False)
    bilinear = GFPGAN("bilinear", **SMALL, input_is_latent=False, lr_mlp=lr_mlp).eval()
    bilinear.load_state_dict(clean_to_bilinear(clean.state_dict(), lr_mlp))
    return bilinear


@pytest.mark.parametrize(
    ("make", "was_clean", "variant"),
    [
        (lambda: network("clean"), False, "clean"),
        (lambda: from_clean(0.01), True, "clean"),
        (lambda: from_clean(0.5), True, "clean"),
        (lambda: network("bilinear"), False, "bilinear"),
        (lambda: network("original"), False, "original"),
    ],
    ids=["clean", "from clean", "from clean, lr_mlp 0.5", "bilinear", "original"],
)
def test_restores_by_name_with_the_same_pixels(tmp_path: Path, make: Any, was_clean: bool, variant: str) -> None:
    average = make()
    before = {key: value.clone() for key, value in average.state_dict().items()}
    name = install(export(average, tmp_path / "run", CARD, was_clean=was_clean), "anna")
    assert name == "anna"
    loaded = load_network(find_model(name, "restorer").path, expect="restorer").module
    assert isinstance(loaded, GFPGAN)
    lr_mlp = average.hyperparameters["lr_mlp"]
    assert loaded.hyperparameters == {**average.hyperparameters, "variant": variant, "lr_mlp": lr_mlp}
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        expected, found = average(image), loaded(image)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * float(expected.std()))
    torch.testing.assert_close(dict(average.state_dict()), before, rtol=0, atol=0)


def test_restore_takes_the_name(tmp_path: Path) -> None:
    install(export(network("clean"), tmp_path, CARD), "Anna & Bert")
    assert assemble("anna-bert").models["restorer"] == "Anna-Bert"


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    with safe_open(export(network("clean"), tmp_path, CARD), framework="np") as file:
        metadata = file.metadata()
    wanted = {"name": "anna", "run_id": "20251124-a1", "preset": "personal", "steps": "3000", "date": CARD.date}
    assert metadata.items() >= (wanted | {"variant": "clean", "licence": "non-commercial"}).items()
    assert metadata["base"] == "GFP-GAN v1.4, 512 px"
    assert metadata["data"] == "128 faces of 40 photos in the dataset 'anna-faces'; her own albums"
    assert metadata["program"].startswith("gfpgan-desktop 0.")
    assert json.loads(metadata["metrics"]) == {"faces": 12, "inputs": INPUTS, "before": BEFORE, "after": AFTER}


def test_the_page_for_people(tmp_path: Path) -> None:
    export(network("clean"), tmp_path, CARD)
    text = (tmp_path / "model.md").read_text()
    for words in (
        "# anna\n",
        "Face restorer (GFP-GAN, clean), 32 px",
        "Tuned from GFP-GAN v1.4, 512 px.",
        "restore PHOTOS -o RESULTS --model anna\n",
        "128 faces of 40 photos in the dataset 'anna-faces'; her own albums.",
        "3,000 steps, preset `personal`",
        "| learning rate | 0.0003 |",
        "Loss terms: l1, pyramid. The identity loss is off",
        "| | degraded input | before training | after |",
        "| PSNR (dB, higher is better) | 22.00 | 24.00 | 24.50 |",
        "| identity angle (degrees, lower is better) | 45.0 | 40.0 | 38.0 |",
        "Measured on 12 faces",
        "That is few",
        "became better than before training. Worse than before: nothing that was measured.",
        "inherit the licence of their base, GFP-GAN v1.4, 512 px: non-commercial.",
        "no evidence of who somebody was",
    ):
        assert words in text


def verdict(**changes: Any) -> str:
    return replace(CARD, **changes).text("", "", "").partition("## How good it is")[2].partition("## Licence")[0]


def test_honest_words() -> None:
    worse = verdict(after=AFTER | {"perceptual": 3.3, "ssim": 0.69}, held_out=50)
    assert "did not become better" in worse
    assert "Worse than before: SSIM, perceptual distance." in worse
    assert "That is few" not in worse
    assert "degraded faces themselves" not in worse
    assert "degraded faces themselves are closer" in verdict(after=AFTER | {"perceptual": 5.0})
    mixed = verdict(after=AFTER | {"psnr": 20.0})
    assert "On the whole it became better than before training. Worse than before: PSNR." in mixed
    assert "Not measured: no faces were held out" in verdict(held_out=0, inputs={}, before={}, after={})
    assert "Not measured: it was stopped before" in verdict(after={})
    blind = {name: {"psnr": 20.0 + gain, "ssim": 0.7} for gain, name in enumerate(("inputs", "before", "after"))}
    for gain in (1, -1):
        unknown = verdict(**blind | {"after": {"psnr": 21.0 + gain, "ssim": 0.7}})
        assert "Whether it became better is not known" in unknown
        assert "On the whole" not in unknown
    assert "Whether it became better is not known" in verdict(**blind | {"before": {}})
    # Metrics that are not there leave no empty rows or columns.
    short = verdict(inputs={}, before={}, after={"psnr": 25.0, "ssim": math.nan})
    assert (
        "| | after |\n|---|---:|\n| PSNR (dB, higher is better) | 25.00 |\n| SSIM (higher is better) | nan |"
        in short
    )


def test_words_on_the_licence() -> None:
    assert replace(CARD, base=None, licence=None).licence_note().startswith("none stated")
    assert (
        replace(CARD, licence=None).licence_note() == "that of its base, GFP-GAN v1.4, 512 px, which is not known"
    )
    assert "inherit" not in replace(CARD, licence=None).text("", "", "")
    assert "Trained from new weights." in replace(CARD, base=None).text("", "", "")


def test_a_run_replaces_its_own_model_and_no_other(tmp_path: Path, own_models_folder: Path) -> None:
    anna, bert = network("clean"), network("clean")
    other = replace(CARD, run_id="other")
    assert install(export(anna, tmp_path / "a", CARD), "anna") == "anna"
    content = (own_models_folder / "anna.safetensors").read_bytes()
    assert install(export(bert, tmp_path / "b", other), "anna") == "anna-2"
    assert (own_models_folder / "anna.safetensors").read_bytes() == content
    second = export(bert, tmp_path / "a", CARD)
    assert install(second, "anna") == "anna"
    assert (own_models_folder / "anna.safetensors").read_bytes() == second.read_bytes() != content
    assert install(export(anna, tmp_path / "b", other), "anna") == "anna-2"
    assert sorted(path.name for path in own_models_folder.glob("*.safetensors")) == [
        "anna-2.safetensors",
        "anna.safetensors",
    ]


@pytest.mark.parametrize("file", ["anna.pth", "Anna.safetensors"])
def test_files_of_other_making_keep_their_name(own_models_folder: Path, file: str) -> None:
    own_models_folder.mkdir()
    (own_models_folder / file).write_bytes(b"anything")
    assert name_for("anna", "") == "anna-2"


def test_names_of_the_catalogue_are_taken() -> None:
    assert name_for("GFPGANv1.4", "r") == "GFPGANv1-4"
    assert name_for("gfpganV1", "r") == "gfpganV1-2"
    assert name_for("parsenet", "r") == "parsenet-2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Großmutter 1920", "Großmutter-1920"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf", "rf"),
        ("a.safetensors", "a"),
        ("C:\\faces\\", "C-faces"),
        ("***", "model"),
        ("", "model"),
        ("x" * 300, "x" * LONGEST_NAME),
    ],
)
def test_names_become_file_names(name: str, expected: str) -> None:
    assert name_for(name, "r") == expected


def test_a_prior_is_exported_and_not_installed(tmp_path: Path, own_models_folder: Path) -> None:
    prior = StyleGAN2Generator("original", **SMALL).eval()
    path = export(prior, tmp_path, replace(CARD, base=None, held_out=0, after={}))
    loaded = load_network(path, expect="prior").module
    assert isinstance(loaded, StyleGAN2Generator)
    assert loaded.hyperparameters == prior.hyperparameters
    z = torch.randn(2, 16)
    with torch.no_grad():
        torch.testing.assert_close(loaded(z), prior(z))
    assert "network.prior=model.safetensors" in (tmp_path / "model.md").read_text()
    with pytest.raises(ModelError, match="no face restorer"):
        install(path, "anna")
    assert not own_models_folder.exists()


def test_what_goes_wrong_is_said(tmp_path: Path, own_models_folder: Path) -> None:
    with pytest.raises(ModelError, match="missing or damaged"):
        install(tmp_path / "model.safetensors", "anna")
    own_models_folder.write_text("a file in the folder's place")
    path = export(network("clean"), tmp_path / "run", CARD)
    with pytest.raises(ModelError, match="could not be copied"):
        install(path, "anna")


def test_a_model_is_renamed_with_what_is_remembered_of_it(tmp_path: Path, own_models_folder: Path) -> None:
    path = export(network("clean"), tmp_path / "run", CARD)
    assert install(path, "anna") == "anna"
    assert install(export(network("clean"), tmp_path / "b", replace(CARD, run_id="b")), "bob") == "bob"
    (model,) = [model for model in present_models("restorer") if model.title == "anna"]
    assert model.kind == "restorer"
    assert rename("anna", "Anna Maria") == "Anna-Maria"
    assert rename("Anna-Maria", "bob") == "bob-2"
    assert {model.title: model.kind for model in present_models("restorer") if model.info is None} == {
        "bob": "restorer",
        "bob-2": "restorer",
    }
    assert rename("bob-2", "bob-2") == "bob-2"
    assert find_model("bob-2", "restorer").path.read_bytes() == path.read_bytes()
    with pytest.raises(ModelError, match="missing or damaged"):
        rename("nobody", "anna")
