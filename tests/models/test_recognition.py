"""What an imported file is told to be, and what is refused, and never run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from core.models import bundled_folder, find_model, present_models
from core.models.importing import Imported, Refused
from core.models.installing import Placing
from core.models.recognition import LANDMARKS_GLOBALS
from core.networks.loading import load_network
from tests.models.conftest import left_in
from tests.models.imports import refused, take, taken
from tests.models.networks import malicious, prior, published, restorer, upscaler

# What it is.


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_an_own_restorer_is_told_by_its_architecture_and_gets_its_files_name(theirs: Path, legacy: bool) -> None:
    outcome = taken(published(restorer(), theirs / "Anna 2.pth", legacy))
    assert outcome.what.info is None
    assert (outcome.what.kind, outcome.what.how) == ("restorer", "its architecture")
    assert outcome.what.description.startswith("GFP-GAN (clean), 64 px")
    model = find_model("anna 2", "restorer")
    assert model.path == outcome.place
    assert model.kind == "restorer"
    assert load_network(model.path).kind == "restorer"


@pytest.mark.parametrize(("network", "kind"), [(upscaler, "upscaler"), (prior, "prior")])
def test_other_networks_are_told_too(theirs: Path, network: object, kind: str) -> None:
    outcome = taken(published(network(), theirs / "x.pth"), name="mine")  # type: ignore[operator]
    assert outcome.what.kind == kind
    assert outcome.place.name == "mine.pth"
    assert [model.name for model in present_models(kind) if model.info is None] == ["mine.pth"]
    assert "mine.pth" not in [model.name for model in present_models("parser")]


def test_a_published_file_is_told_by_its_checksum_whatever_it_is_called(theirs: Path) -> None:
    shutil.copy(bundled_folder() / "bundled-detector.safetensors", theirs / "found somewhere.pt")
    outcome = taken(theirs / "found somewhere.pt")
    assert outcome.what.info is not None
    assert (outcome.what.info.name, outcome.what.how) == ("bundled-detector", "its checksum")
    assert outcome.done == "here already"


def test_one_without_a_published_checksum_goes_by_its_name_and_is_remembered(
    theirs: Path, own_models_folder: Path
) -> None:
    outcome = taken(published(restorer("bilinear"), theirs / "gfpganv1.PTH"), placing=Placing.COPY)
    assert outcome.what.info is not None
    assert (outcome.what.info.name, outcome.what.how) == ("gfpgan-v1", "its name")
    assert outcome.place.name == "GFPGANv1.pth"
    outcome.place.rename(theirs / "first.pth")
    torch.save({"params": restorer("original").state_dict()}, theirs / "gfpganv1.PTH")
    assert "is not the file that came on" in refused(theirs / "gfpganv1.PTH")
    assert left_in(own_models_folder) == {"records.json"}
    again = taken((theirs / "first.pth").rename(theirs / "renamed.pth"))
    assert (again.place.name, again.what.how) == ("GFPGANv1.pth", "its checksum")


def test_one_that_is_called_like_another_kind_is_refused(theirs: Path) -> None:
    why = refused(published(prior(), theirs / "GFPGANv1.pth"))
    assert "is called like a restorer and is StyleGAN2" in why


def test_first_digits_of_a_checksum_can_only_refuse(theirs: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(2)}, theirs / "vgg19-dcbb9e9d.pth")
    assert "that of the published one begins with dcbb9e9d" in refused(theirs / "vgg19-dcbb9e9d.pth")


def test_an_own_model_cannot_take_a_published_ones_name(theirs: Path) -> None:
    source = published(restorer(), theirs / "GFPGANv1.4.pth")
    why = refused(source)
    assert "GFP-GAN (clean), 64 px" in why
    assert "but not the model that is called 'GFPGANv1.4' here" in why
    assert taken(source, name="other").place.name == "other.pth"


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 101, "new\nline"])
def test_names_that_are_none(theirs: Path, name: str) -> None:
    assert "cannot be a model's name" in refused(published(restorer(), theirs / "fine.pth"), name=name)


def test_landmarks_are_taken_with_numpys_scalars_and_nothing_else(theirs: Path, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    place = theirs / "FFHQ_eye_mouth_landmarks_512.pth"
    torch.save({"0": {"left_eye": [numpy.float64(1.5)] * 3}}, place)
    named = set(torch.serialization.get_unsafe_globals_in_checkpoint(place))
    assert named <= LANDMARKS_GLOBALS
    outcome = taken(place)
    assert outcome.what.kind == "landmarks"
    outcome.place.unlink()
    malicious(place, tmp_path / "trace")
    assert "holds Python code" in refused(place)
    assert not (tmp_path / "trace").exists()


# What is refused.


@pytest.mark.parametrize("form", ["zip", "legacy", "bare pickle"])
@pytest.mark.parametrize("name", ["evil.pth", "GFPGANv1.pth", "GFPGANv1_net_d.pth", "evil.PT"])
@pytest.mark.parametrize("convert", [False, True])
def test_code_in_a_pickle_is_refused_with_the_reason_and_not_run(
    theirs: Path, tmp_path: Path, own_models_folder: Path, form: str, name: str, convert: bool
) -> None:
    source = malicious(theirs / name, tmp_path / "trace", form)
    assert f"'{name}' holds Python code beside its weights and was not opened" in refused(source, convert=convert)
    assert not (tmp_path / "trace").exists()
    assert left_in(own_models_folder) <= {"records.json"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pth", b"", "is empty"),
        ("text.safetensors", b"no weights" * 100, "is damaged or no weights file"),
        ("cut.pth", b"PK\x03\x04" + bytes(900), "is damaged"),
        ("other.onnx", b"\x08\x07" + bytes(900), "is an ONNX file that this program does not know"),
    ],
)
def test_what_is_no_model(theirs: Path, name: str, content: bytes, sentence: str) -> None:
    (theirs / name).write_bytes(content)
    assert sentence in refused(theirs / name)


def test_an_unknown_architecture_names_its_keys(theirs: Path) -> None:
    torch.save({"some.weight": torch.zeros(2)}, theirs / "strange.pth")
    assert "'strange.pth' is no network this program knows (it begins with some.weight)" in refused(
        theirs / "strange.pth"
    )


def test_what_is_not_there_and_what_is_empty(theirs: Path) -> None:
    assert "could not be read (no such file or directory)" in refused(theirs / "nothing.pth")
    assert "There is no weights file in" in refused(theirs)


def test_one_bad_file_stops_no_other(theirs: Path) -> None:
    sources = [theirs / "no.pth", published(restorer(), theirs / "yes.pth")]
    first, second = take(*sources)
    assert isinstance(first, Refused)
    assert isinstance(second, Imported)


def test_a_file_that_is_too_large_is_not_even_read(theirs: Path) -> None:
    with (theirs / "sdxl.safetensors").open("wb") as file:
        file.truncate(3 << 30)
    assert "is too large to be a model" in refused(theirs / "sdxl.safetensors")
