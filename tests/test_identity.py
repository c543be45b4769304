"""How much of a likeness a restored face keeps, and what a face's pixels say against trusting its restoration."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.cli.main import run
from core.advice import crop_warnings, face_warnings
from core.alignment import FFHQ_TEMPLATE
from core.assembly import assemble, load_identity_meter
from core.engines.engine import Target
from core.identity import LIMITS, IdentityMeter, angle_between, is_doubtful, limit_of
from core.networks.embedding import load_embedding
from core.photo import read_photo
from core.restoration import to_network
from core.result import RestoredFaces
from core.severity import SEVERE, advised_strength, agreement, prominence
from core.types import CROP_SIZE, Face, FaceCrop, Likeness, Photo, RestoreOptions, RestoreRequest
from tests.conftest import SAMPLES, face_at, flat
from tests.networks.onnx_files import tiny_onnx
from trainer.degradation import degrade
from trainer.recipes import PAPER

SHARED = Path(__file__).parents[2] / "shared"
MOBILEFACENET = SHARED / "weights" / "mobilefacenet.onnx"
FACES = SHARED / "faces" / "heldout"
NETWORK = "mobilefacenet"
PROCESSOR = Target("openvino", "CPU")


class Means:
    """An engine that embeds a picture as the means of its channels."""

    target, size = PROCESSOR, CROP_SIZE

    def run(self, images: np.ndarray) -> np.ndarray:
        return images.mean(axis=(2, 3))


class Full:
    """An engine without memory."""

    target, size = PROCESSOR, CROP_SIZE

    def run(self, images: np.ndarray) -> np.ndarray:
        raise MemoryError


@pytest.fixture
def installed(own_models_folder: Path) -> Path:
    """A small embedding network in the place of the catalogue's."""
    own_models_folder.mkdir()
    path = own_models_folder / "MobileFaceNet.onnx"
    tiny_onnx(path)
    return path


def whole(pixels: np.ndarray, restored: np.ndarray | None = None) -> FaceCrop:
    face = Face((0.0, 0.0, 511.0, 511.0), FFHQ_TEMPLATE, 1.0)
    return FaceCrop(face, np.eye(2, 3), pixels, restored)


# The angle.


@given(
    st.tuples(*[arrays.arrays(np.float32, 8, elements=st.floats(-9, 9, width=16))] * 2).filter(
        lambda pair: all(np.linalg.norm(vector) > 1e-3 for vector in pair)
    )
)
def test_angles_are_those_of_the_cosine(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = (vector.astype(np.float64) for vector in pair)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert np.cos(np.radians(angle_between(*pair))) == pytest.approx(cosine, abs=1e-6)
    assert angle_between(*pair) == angle_between(pair[1], pair[0])
    assert angle_between(pair[0], 3 * pair[0]) == pytest.approx(0, abs=1e-4)


def test_each_restored_crop_is_measured() -> None:
    red, green = flat((255, 127, 127)), flat((127, 255, 127))
    crops = [whole(red, red), whole(red, green), whole(red)]
    same, other, none = IdentityMeter(Means(), "means").measure(crops)  # type: ignore[arg-type]
    assert same.likeness == Likeness(0.0, "means")
    assert other.likeness is not None
    assert other.likeness.angle == pytest.approx(90, abs=1)
    assert none.likeness is None


def test_without_memory_there_is_no_angle_but_a_face() -> None:
    (crop,) = IdentityMeter(Full(), "full").measure([whole(flat((1, 2, 3)), flat((3, 2, 1)))])  # type: ignore[arg-type]
    assert crop.likeness is None
    assert crop.restored is not None


def test_limits_belong_to_a_network() -> None:
    limit = LIMITS[NETWORK]
    assert [is_doubtful(Likeness(angle, NETWORK)) for angle in (limit - 0.1, limit)] == [False, True]
    assert limit_of(Likeness(120.0, "another")) is None
    assert not is_doubtful(Likeness(120.0, "another"))


# In the pipeline and on the command line.


@pytest.mark.slow
def test_an_installed_network_measures_what_the_trainer_would(installed: Path, tmp_path: Path) -> None:
    assembly = assemble(target=PROCESSOR)
    assert assembly.models["identity"] == "MobileFaceNet"
    photo = read_photo(SAMPLES / "wallet-photo.jpg")
    (crop,) = assembly.pipeline.restore_faces(RestoreRequest(photo)).crops
    embed = load_embedding(installed)
    assert crop.restored is not None
    before, after = (
        embed(torch.from_numpy(to_network(p, 512)[None]))[0].numpy() for p in (crop.pixels, crop.restored)
    )
    assert crop.likeness is not None
    assert crop.likeness.network == NETWORK
    assert crop.likeness.angle == pytest.approx(angle_between(before, after), abs=0.01)
    assert crop.likeness.angle > 1


@pytest.mark.slow
def test_the_report_states_it(installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = str(SAMPLES / "wallet-photo.jpg")
    assert run(["restore", photo, "-o", str(tmp_path / "a"), "--json"]) == 0
    (record,) = map(json.loads, capsys.readouterr().out.splitlines())
    likeness = record["faces"][0]["likeness"]
    assert likeness["network"] == NETWORK
    assert run(["restore", photo, "-o", str(tmp_path / "b")]) == 0
    assert f"likeness: face 1 {likeness['angle']:.0f}°" in capsys.readouterr().out
    installed.unlink()
    assert run(["restore", photo, "-o", str(tmp_path / "c"), "--json"]) == 0
    (record,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert "likeness" not in record["faces"][0]
    assert "identity" not in record["models"]


@pytest.mark.slow
def test_a_damaged_network_costs_the_likeness_alone(installed: Path) -> None:
    installed.write_bytes(b"\x08\x07" + bytes(900))
    assembly = assemble(target=PROCESSOR)
    assert "identity" not in assembly.models
    assert any("Likeness is not measured" in note and "MobileFaceNet.onnx" in note for note in assembly.notes)
    crop = whole(flat((9, 9, 9)), flat((8, 8, 8)))
    assert assembly.pipeline.compare_crops([crop]) == [crop]


@pytest.mark.skipif(not MOBILEFACENET.exists() or not FACES.exists(), reason="the shared weights are not here")
def test_mobilefacenet_tells_people_apart() -> None:
    meter, _ = load_identity_meter(str(MOBILEFACENET), [PROCESSOR])
    faces = [read_photo(path).rgb for path in sorted(FACES.glob("real-*"))[:4]]
    embeddings = [meter.embedding(face) for face in faces]
    angles = np.array([[angle_between(a, b) for b in embeddings] for a in embeddings])
    assert np.diag(angles).max() < 0.01
    assert angles[~np.eye(4, dtype=bool)].min() > LIMITS[NETWORK]
    assert max(angle_between(e, meter.embedding(f[:, ::-1])) for e, f in zip(embeddings, faces, strict=True)) < 35


# What the pixels say.


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_advice_follows_the_strength_of_the_degradation(portrait: np.ndarray, seed: int) -> None:
    found = [prominence(portrait)]
    for strength in (0.3, 1.0, 2.0):
        ends = {"sigma": 10 * strength, "factor": 1 + 7 * strength, "noise": 15 * strength}
        ends["jpeg"] = 100 - 40 * strength
        worse = replace(PAPER, **{name: (value, value) for name, value in ends.items()})
        found.append(prominence(degrade(portrait, worse, np.random.default_rng(seed))))
    assert found[0] > found[1] > found[2] > found[3]
    assert found[1] > SEVERE > found[2]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_more_a_face_is_like_the_restored_one_the_less_it_is_changed(
    portrait: np.ndarray, dtype: type
) -> None:
    rng, scale = np.random.default_rng(1), np.iinfo(dtype).max / 255
    faces = [portrait.astype(np.float64)]
    for sigma, noise in ((1.2, 2), (3, 3), (8, 15)):
        faces.append(cv2.GaussianBlur(faces[0], (0, 0), sigma) + rng.normal(0, noise, portrait.shape))
    portrait, *faces = ((face.clip(0, 255) * scale).astype(dtype) for face in faces)
    faces.insert(0, portrait)
    strengths = [advised_strength(face, portrait, 0.25) for face in faces]
    assert (strengths[0], strengths[-1]) == (0.25, 1.0)
    assert strengths == sorted(strengths)
    assert any(0.25 < strength < 1 for strength in strengths)
    assert {advised_strength(face, portrait, 1.0) for face in faces} == {1.0}
    flat = np.full_like(portrait, 90)
    assert agreement(flat, flat) == 0
    assert agreement(portrait, flat) == 0


def test_a_faded_face_is_no_blurred_one(portrait: np.ndarray) -> None:
    faded = (portrait * 0.3 + 150).astype(np.uint8)
    assert prominence(faded) == pytest.approx(prominence(portrait), abs=0.05)
    assert prominence(portrait.astype(np.uint16) * 257) == pytest.approx(prominence(portrait), abs=1e-6)
    assert np.isfinite(prominence(flat((40, 40, 40))))


def test_what_is_wrong_with_a_crop_is_said_in_sentences(portrait: np.ndarray) -> None:
    assert crop_warnings(whole(portrait)) == []
    blurred = cv2.GaussianBlur(portrait, (0, 0), 20)
    assert "largely guessed" in " ".join(crop_warnings(whole(blurred)))
    other = replace(whole(portrait, portrait), likeness=Likeness(80.2, NETWORK))
    assert "another person (80° from the photo's)" in " ".join(crop_warnings(other))
    assert crop_warnings(replace(other, likeness=Likeness(23.0, NETWORK))) == []


def test_a_result_gives_advice_by_face(portrait: np.ndarray) -> None:
    crops = (whole(portrait), whole(cv2.GaussianBlur(portrait, (0, 0), 20)))
    restored = RestoredFaces(photo=Photo(portrait, portrait), options=RestoreOptions(), crops=crops)
    assert [sentence[:6] for sentence in restored.advice] == ["face 2"]


def test_a_tiny_face_is_called_so_and_nothing_else(portrait: np.ndarray) -> None:
    crop = replace(whole(cv2.GaussianBlur(portrait, (0, 0), 20)), face=face_at(100, 70, 30))
    assert prominence(crop.pixels) < SEVERE
    assert crop_warnings(crop) == face_warnings(crop.face) != []
