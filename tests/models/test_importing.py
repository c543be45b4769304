"""Importing what the user has: linked, copied or converted, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
import torch

from core.errors import Cancelled
from core.models import bundled_folder, find_model
from core.models import catalogue as known_models
from core.models.importing import Imported, Refused, import_models
from core.models.installing import ImportOptions, Placing
from core.models.records import read_records
from core.networks.loading import load_network, read_state_dict, save_network
from core.progress import CancelToken
from tests.models.conftest import left_in
from tests.models.imports import refused, take, taken
from tests.models.networks import published, restorer, upscaler

WEIGHTS = Path(__file__).parents[3] / "shared" / "weights"


# How it comes.


def test_a_link_takes_no_space_and_outlives_its_original(theirs: Path) -> None:
    source = published(restorer(), theirs / "mine.pth")
    outcome = taken(source)
    assert outcome.done == "linked"
    assert outcome.place.samefile(source)
    source.unlink()
    assert load_network(outcome.place).kind == "restorer"


def test_a_copy_is_the_models_folders_own(theirs: Path) -> None:
    source = published(restorer(), theirs / "mine.pth")
    outcome = taken(source, placing=Placing.COPY)
    assert outcome.done == "copied"
    assert not outcome.place.samefile(source)
    assert outcome.place.read_bytes() == source.read_bytes()


def test_a_symbolic_link_leads_to_the_original(theirs: Path) -> None:
    source = published(restorer(), theirs / "mine.pth")
    outcome = taken(source, placing=Placing.SYMLINK)
    assert outcome.done == "linked"
    assert outcome.place.is_symlink()
    assert outcome.place.resolve() == source.resolve()
    assert taken(source, placing=Placing.SYMLINK).done == "here already"


def test_where_no_link_can_be_it_is_a_copy(theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", other_disk)
    source = published(restorer(), theirs / "mine.pth")
    outcome = taken(source)
    assert outcome.done == "copied"
    assert outcome.place.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("variant", ["clean", "original", "bilinear"])
def test_converting_keeps_every_tensor_and_what_shapes_do_not_show(theirs: Path, variant: str) -> None:
    source = published(restorer(variant), theirs / "mine.pth")
    outcome = taken(source, convert=True)
    assert (outcome.done, outcome.place.name) == ("converted", "mine.safetensors")
    before, (after, metadata) = read_state_dict(source)[0], read_state_dict(outcome.place)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert metadata["origin_file"] == "mine.pth"
    assert metadata["origin_sha256"] == outcome.what.sha256
    assert load_network(outcome.place).description == load_network(source).description
    assert taken(source, convert=True).done == "here already"


def test_a_converted_published_model_is_that_model(theirs: Path, own_models_folder: Path) -> None:
    outcome = taken(published(restorer("bilinear"), theirs / "GFPGANv1.pth"), convert=True)
    assert outcome.place == own_models_folder / "GFPGANv1.safetensors"
    assert find_model("gfpgan-v1", "restorer").path == outcome.place
    moved = outcome.place.rename(theirs / "moved.safetensors")
    again = taken(moved)
    assert again.place == outcome.place
    assert again.what.how == "what it says it was converted from"


def test_safetensors_and_upscalers_convert_too(theirs: Path) -> None:
    assert taken(published(upscaler(), theirs / "up.pth"), convert=True).done == "converted"
    assert load_network(find_model("up", "upscaler").path).kind == "upscaler"
    copy = theirs / "again.safetensors"
    shutil.copy(find_model("up", "upscaler").path, copy)
    assert taken(copy, convert=True).done == "linked"


def test_half_precision_is_half_as_large(theirs: Path) -> None:
    source = theirs / "mine.safetensors"
    save_network(restorer("clean"), source)
    outcome = taken(source, half=True)
    assert outcome.done == "converted"
    assert outcome.place.stat().st_size < 0.6 * source.stat().st_size
    before, (after, metadata) = read_state_dict(source)[0], read_state_dict(outcome.place)
    assert {value.dtype for value in after.values()} == {torch.float16}
    assert all(torch.allclose(before[key].float(), after[key].float(), rtol=1e-3, atol=1e-6) for key in before)
    assert metadata["origin_sha256"] == outcome.what.sha256
    assert load_network(outcome.place).description == load_network(source).description
    assert taken(source, half=True).done == "here already"


def test_what_does_not_fit_half_precision_is_refused(theirs: Path, own_models_folder: Path) -> None:
    network = restorer("clean")
    with torch.no_grad():
        next(network.parameters()).fill_(1e6)
    assert "too large for half precision" in refused(published(network, theirs / "wide.pth"), half=True)
    assert left_in(own_models_folder) == set()


def test_what_is_there_is_not_overwritten(theirs: Path) -> None:
    place = taken(published(restorer(), theirs / "mine.pth"), placing=Placing.COPY).place
    before = place.read_bytes()
    why = refused(published(restorer("original"), theirs / "mine.pth"))
    assert "not the model that is called 'mine' here; give it another name with --name" in why
    assert place.read_bytes() == before


def test_records_say_where_a_model_came_from(theirs: Path) -> None:
    source = published(restorer(), theirs / "mine.pth")
    outcome = taken(source)
    record = read_records()["mine.pth"]
    assert (record.sha256, record.size) == (outcome.what.sha256, source.stat().st_size)
    assert (record.origin, record.kind) == (str(source), "restorer")


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    theirs: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GFPGAN_DESKTOP_MODELS", str(small_disk))
    why = refused(bundled_like(theirs))
    assert "needs" in why
    assert "free some space" in why
    assert left_in(small_disk) <= {"records.json"}


def bundled_like(theirs: Path) -> Path:
    """The bundled detector with other bytes: too large for the small disk."""
    state, _ = read_state_dict(bundled_folder() / "bundled-detector.safetensors")
    torch.save(state, theirs / "large.pth")
    return theirs / "large.pth"


def test_importing_can_be_cancelled(theirs: Path) -> None:
    cancel = CancelToken()
    for number in range(2):
        published(restorer(), theirs / f"{number}.pth")
    outcomes = import_models([theirs], ImportOptions(), cancel)
    assert isinstance(next(outcomes), Imported)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(outcomes)


# Other programs' folders.

LAYOUTS = {
    "GFPGAN": ["experiments/pretrained_models/GFPGANv1.pth", "gfpgan/weights/detection_mobilenet0.25_Final.pth"],
    "A1111": ["models/GFPGAN/GFPGANv1.pth", "models/ESRGAN/4x_mine.pth", "models/Stable-diffusion/notes.txt"],
    "ComfyUI": ["models/facerestore_models/GFPGANv1.pth", "models/upscale_models/4x_mine.safetensors"],
}


@pytest.mark.parametrize("program", LAYOUTS)
def test_other_programs_folders(theirs: Path, program: str, own_models_folder: Path) -> None:
    for name in LAYOUTS[program]:
        place = theirs / name
        if "GFPGANv1" in name:
            published(restorer("bilinear"), place)
        elif name.endswith("4x_mine.pth"):
            published(upscaler(), place)
        elif name.endswith("4x_mine.safetensors"):
            save_network(upscaler(), place)
        elif "detection" in name:
            place.parent.mkdir(parents=True)
            detector = bundled_folder() / "bundled-detector.safetensors"
            torch.save({f"module.{key}": value for key, value in read_state_dict(detector)[0].items()}, place)
        else:
            place.parent.mkdir(parents=True)
            place.write_text("no model")
    outcomes = take(theirs)
    assert all(isinstance(outcome, Imported) for outcome in outcomes), outcomes
    expected = {Path(name).name for name in LAYOUTS[program] if not name.endswith(".txt")}
    assert left_in(own_models_folder) == expected | {"records.json"}


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="needs published weights beside the checkout")
def test_real_published_weights(own_models_folder: Path) -> None:
    outcomes = {Path(outcome.source).name: outcome for outcome in take(WEIGHTS)}
    known = {info.name for info in known_models()}
    for name, kind, is_known in [
        ("mobilefacenet.onnx", "identity", True),
        ("retinaface_mobilenet0.25.pth", "detector", False),
    ]:
        outcome = outcomes[name]
        assert isinstance(outcome, Imported)
        assert outcome.what.kind == kind
        assert (outcome.what.info is not None and outcome.what.info.name in known) == is_known
    upscaler = taken(WEIGHTS / "realesr-general-x4v3.safetensors", name="compact")
    assert upscaler.what.description == "RealESRGAN Compact, enlarges 4 times, 1.2 million parameters"
    restorer = taken(WEIGHTS / "bundled-restorer-256.pth", name="draft", convert=True)
    assert load_network(restorer.place, expect="restorer").metadata["origin_file"] == "bundled-restorer-256.pth"
    for name in ("yunet.onnx", "squeezenet1_1-caffe.safetensors", "lpips-squeeze-heads.pth"):
        assert isinstance(outcomes[name], Refused)
    assert "MobileFaceNet.onnx" in left_in(own_models_folder)
