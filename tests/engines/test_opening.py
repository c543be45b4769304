"""Weights files become engines that agree, and what was converted once is found again, unless it is damaged."""

import logging
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.devices import openvino_devices, precisions
from core.engines import openvino
from core.engines.cache import cache_folder
from core.engines.engine import Engine, Precision, Target
from core.engines.opening import PREPARING, discard_converted, open_network
from core.engines.openvino import OpenVINOEngine
from core.engines.pytorch import TorchEngine
from core.errors import DeviceError, ModelError
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from core.removal import remove_model
from tests.conftest import PATIENCE, SAMPLES, smooth_photo

PYTORCH = Target("pytorch", "cpu")
OPENVINO = Target("openvino", "CPU")
TARGETS = [PYTORCH, *(Target("openvino", device) for device in openvino_devices())]
if torch.cuda.is_available():
    TARGETS.append(Target("pytorch", "cuda:0"))


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GFPGAN_DESKTOP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def small(variant: str, folder: Path, seed: int = 0) -> Path:
    """The weights file of a small GFP-GAN with outputs of a picture's range."""
    torch.manual_seed(seed)
    path = folder / f"{variant}.safetensors"
    network = GFPGAN(variant, 32, 16, 1, 0.06, 2)  # type: ignore[arg-type]
    for to_rgb in network.stylegan_decoder.to_rgbs:
        to_rgb.modulated_conv.weight.data *= 0.3  # type: ignore[union-attr]
    save_network(network, path)
    return path


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small("clean", tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    picture = smooth_photo(32 * 3, 32).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
    return np.stack(np.split(picture, 3, axis=2))


def psnr(found: np.ndarray, expected: np.ndarray) -> float:
    """In dB, for pictures whose range is that of `expected`."""
    return float(20 * np.log10(np.ptp(expected) / np.sqrt(np.square(found - expected).mean())))


@pytest.mark.parametrize("variant", ["clean", "original", "bilinear"])
def test_every_engine_gives_the_same_pixels(variant: str, tmp_path: Path, images: np.ndarray) -> None:
    path = small(variant, tmp_path)
    expected = open_network(path, "restorer", PYTORCH).engine.run(images)
    assert expected.shape == images.shape
    for target in TARGETS:
        for precision in precisions(target):
            engine = open_network(path, "restorer", replace(target, precision=precision)).engine
            assert engine.size == 32
            found = engine.run(images)
            assert found.dtype == np.float32
            if precision is Precision.FP32:
                assert np.abs(found - expected).max() < 1e-3
            else:
                assert psnr(found, expected) > 45, engine.target


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_the_detector_agrees_at_any_size(target: Target) -> None:
    path = SAMPLES.parent / "weights" / "bundled-detector.safetensors"
    theirs, ours = (open_network(path, "detector", t).engine for t in (PYTORCH, target))
    for height, width in ((64, 96), (333, 200), (1, 5), (64, 96)):
        picture = (smooth_photo(width, height).astype(np.float32).transpose(2, 0, 1) - 110)[None]
        np.testing.assert_allclose(ours.run(picture), theirs.run(picture), atol=1e-3)


@pytest.mark.slow
def test_pictures_of_ever_new_sizes_leave_no_memory_behind() -> None:
    program = f"""
import numpy, psutil
from pathlib import Path
from core.engines.engine import Target
from core.engines.opening import open_network
path = Path({str(SAMPLES.parent / "weights" / "bundled-detector.safetensors")!r})
engine = open_network(path, "detector", Target("openvino", "CPU")).engine
for count in range(151):
    engine.run(numpy.zeros((1, 3, 300 + count, 400 - count), numpy.float32))
    if count % 50 == 0:
        print(psutil.Process().memory_info().rss // 1_000_000)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=SAMPLES.parent.parent, capture_output=True, text=True, check=True
    )
    _, early, _, late = map(int, run.stdout.split())
    # Without a limit each of the hundred sizes takes 1 MB, with it a fifth of that.
    assert late < early + 60


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_the_same_pictures_give_the_same_bits_whatever_the_batch(
    target: Target, clean: Path, images: np.ndarray
) -> None:
    engine = open_network(clean, "restorer", target).engine
    together = engine.run(images)
    np.testing.assert_array_equal(together, engine.run(images))
    one_by_one = np.concatenate([engine.run(image[None]) for image in images])
    np.testing.assert_allclose(together, one_by_one, atol=1e-5)


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_an_engine_gave_is_not_written_to_again(target: Target, clean: Path, images: np.ndarray) -> None:
    engine = open_network(clean, "restorer", target).engine
    first = engine.run(images[:1])
    kept = first.copy()
    engine.run(images[1:2])
    np.testing.assert_array_equal(first, kept)


def test_threads_are_those_asked_for(clean: Path, images: np.ndarray) -> None:
    before = torch.get_num_threads()
    try:
        engine = open_network(clean, "restorer", replace(PYTORCH, threads=1)).engine
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    other = open_network(clean, "restorer", replace(OPENVINO, threads=1)).engine
    assert isinstance(other, OpenVINOEngine)
    assert other.threads == 1
    np.testing.assert_allclose(engine.run(images), other.run(images), atol=1e-3)


def test_what_was_prepared_of_a_model_can_be_thrown_away(empty_cache: Path, clean: Path) -> None:
    open_network(clean, "restorer", OPENVINO)
    assert list(empty_cache.rglob("*.xml"))
    discard_converted(clean, "restorer")
    assert not list(empty_cache.rglob("*.xml"))


def test_a_model_of_no_known_kind_leaves_nothing_converted_behind(
    empty_cache: Path, clean: Path, own_models_folder: Path
) -> None:
    own_models_folder.mkdir(parents=True, exist_ok=True)
    by_hand = own_models_folder / "by-hand.safetensors"
    shutil.copyfile(clean, by_hand)
    open_network(by_hand, "restorer", OPENVINO)
    assert list(empty_cache.rglob("*.xml"))
    remove_model("by-hand")
    assert not by_hand.exists()
    assert not list(empty_cache.rglob("*.xml"))


def test_a_model_is_prepared_once_and_then_found(
    empty_cache: Path, clean: Path, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    first = open_network(clean, "restorer", OPENVINO, said.append)
    assert said == [PREPARING]

    def never(*_: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(openvino, "convert", never)
    again = open_network(clean, "restorer", OPENVINO, said.append)
    # Another precision is another way to compile the same model.
    half = open_network(
        clean, "restorer", replace(OPENVINO, precision=openvino.precisions("CPU")[-1]), said.append
    )
    assert said == [PREPARING]
    assert again.facts == first.facts == half.facts
    assert "GFP-GAN (clean), 32 px" in again.facts.description
    np.testing.assert_array_equal(again.engine.run(images), first.engine.run(images))


def test_other_weights_under_the_same_name_are_another_model(
    empty_cache: Path, tmp_path: Path, images: np.ndarray
) -> None:
    outputs = []
    for seed in (1, 2):
        path = small("clean", tmp_path, seed)
        outputs.append(open_network(path, "restorer", OPENVINO).engine.run(images))
        expected = open_network(path, "restorer", PYTORCH).engine.run(images)
        np.testing.assert_allclose(outputs[-1], expected, atol=1e-3)
    assert np.abs(outputs[0] - outputs[1]).max() > 0.01


def cut_model(entry: Path) -> None:
    (entry / "model.bin").write_bytes((entry / "model.bin").read_bytes()[:-100])


def flip_bit(entry: Path) -> None:
    content = bytearray((entry / "model.bin").read_bytes())
    content[len(content) // 2] ^= 64
    (entry / "model.bin").write_bytes(content)


def spoil_graph(entry: Path) -> None:
    (entry / "model.xml").write_text("<net/>")


def spoil_facts(entry: Path) -> None:
    (entry / "entry.json").write_text('{"facts": {}}')


def lose_facts(entry: Path) -> None:
    (entry / "entry.json").unlink()


def lose_model(entry: Path) -> None:
    (entry / "model.bin").unlink()


@pytest.mark.parametrize("damage", [cut_model, flip_bit, spoil_graph, spoil_facts, lose_facts, lose_model])
def test_a_damaged_entry_is_made_anew(damage, empty_cache: Path, clean: Path, images: np.ndarray) -> None:
    expected = open_network(clean, "restorer", OPENVINO).engine.run(images)
    (entry,) = (path for path in empty_cache.iterdir() if path.is_dir())
    damage(entry)
    said: list[str] = []
    np.testing.assert_array_equal(
        open_network(clean, "restorer", OPENVINO, said.append).engine.run(images), expected
    )
    assert said == [PREPARING]
    open_network(clean, "restorer", OPENVINO, said.append)
    assert said == [PREPARING]


def test_a_model_that_openvino_cannot_read_is_made_anew(
    empty_cache: Path, clean: Path, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense(model: object, path: Path) -> None:
        path.write_text("<net/>")

    with monkeypatch.context() as patch:
        patch.setattr(openvino, "save", nonsense)
        # The model that was just made is at hand all the same.
        open_network(clean, "restorer", OPENVINO).engine.run(images)
    said: list[str] = []
    open_network(clean, "restorer", OPENVINO, said.append).engine.run(images)
    assert said == [PREPARING]


def test_without_a_cache_folder_the_model_runs_all_the_same(
    tmp_path: Path, clean: Path, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GFPGAN_DESKTOP_CACHE", str(tmp_path / "file"))
    engine = open_network(clean, "restorer", OPENVINO).engine
    assert isinstance(engine, OpenVINOEngine)
    expected = open_network(clean, "restorer", PYTORCH).engine.run(images)
    np.testing.assert_allclose(engine.run(images), expected, atol=1e-3)


def fails(*_: object) -> None:
    raise RuntimeError("no such operator")


def test_a_network_that_cannot_be_converted_runs_in_pytorch_and_the_log_says_so(
    empty_cache: Path, clean: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(openvino, "convert", fails)
    for precision in (Precision.FP32, openvino.precisions("CPU")[-1]):
        engine = open_network(clean, "restorer", replace(OPENVINO, precision=precision)).engine
        assert isinstance(engine, TorchEngine)
        assert engine.target.device == "cpu"
    (record, _) = caplog.records
    assert record.levelno == logging.WARNING
    assert "clean.safetensors' cannot be converted for OpenVINO (no such operator); PyTorch" in record.getMessage()
    assert not [path for path in cache_folder().glob("*") if path.is_dir()]


def test_a_device_that_was_asked_for_never_becomes_the_processor(
    empty_cache: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino, "convert", fails)
    with pytest.raises(DeviceError, match=r"does not run on openvino:NPU in fp16 .*choose another --device"):
        open_network(clean, "restorer", Target("openvino", "NPU", Precision.FP16))


def test_lack_of_memory_is_no_reason_to_throw_a_model_away(
    empty_cache: Path, clean: Path, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_network(clean, "restorer", OPENVINO)

    def full(*_: object, **__: object) -> Engine:
        raise RuntimeError("std::bad_alloc")

    with monkeypatch.context() as patch:
        patch.setattr(OpenVINOEngine, "__init__", full)
        with pytest.raises(RuntimeError, match="bad_alloc"):
            open_network(clean, "restorer", OPENVINO)
    said: list[str] = []
    open_network(clean, "restorer", OPENVINO, said.append)
    assert said == []


@pytest.mark.parametrize("target", [PYTORCH, OPENVINO], ids=str)
def test_files_that_are_no_such_network_are_refused_as_ever(target: Target, tmp_path: Path, clean: Path) -> None:
    with pytest.raises(ModelError, match="is not there"):
        open_network(tmp_path / "absent.pth", "restorer", target)
    (tmp_path / "junk.pth").write_bytes(b"junk" * 100)
    with pytest.raises(ModelError, match="damaged"):
        open_network(tmp_path / "junk.pth", "restorer", target)
    open_network(clean, "restorer", target)
    with pytest.raises(ModelError, match="a face detector was expected"):
        open_network(clean, "detector", target)


@pytest.mark.slow
def test_a_start_with_prepared_models_needs_no_torch_and_tells_nobody() -> None:
    program = f"""
import sys
from core.assembly import assemble
from core.engines.engine import Target
from core.photo import read_photo
from core.types import RestoreRequest
from pathlib import Path
said = []
assembly = assemble("bundled-restorer", "bundled-detector", Target("openvino", "CPU"), said.append)
result = assembly.pipeline.run(RestoreRequest(read_photo(Path({str(SAMPLES / "wallet-photo.jpg")!r}))))
assert result.restored_count == 1
print(said, [name for name in ("torch", "torchvision", "facexlib") if name in sys.modules])
print(sys.modules["openvino_telemetry"])
"""
    root = SAMPLES.parent.parent
    done = [
        subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=PATIENCE)
        for _ in range(2)
    ]
    assert done[1].stdout.split("\n")[:2] == ["[] []", "None"], done[1].stderr
