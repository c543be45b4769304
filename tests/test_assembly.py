"""Models on their devices, put together: what happens when memory runs out between photos, and what the catalogue
says of them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core import assembly
from core.alignment import FFHQ_TEMPLATE
from core.assembly import assemble, load_restorer
from core.engines import pytorch
from core.engines.cache import NetworkFacts
from core.engines.engine import Precision, Target
from core.engines.opening import OpenedNetwork
from core.errors import DeviceError
from core.models.folders import resources_folder
from core.types import BlendOptions, ColorMode, Face, FaceCrop, Photo, RestoreOptions, RestoreRequest
from tests.conftest import smooth_photo

CARD = Target("pytorch", "cuda:0")


class Whitener:
    """Makes every picture white; on the card, and in float32 anywhere, it runs out of memory."""

    def __init__(self, target: Target, full: bool) -> None:
        self.target, self.size, self.full = target, 256, full

    def run(self, images: np.ndarray) -> np.ndarray:
        if self.full:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return np.ones_like(images)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Target]]:
    """Networks are white pictures on a machine whose card is full; gives what was opened."""
    opened: list[tuple[str, Target]] = []

    def stand_in(path: Path, kind: str, target: Target, tell: object = None, size: object = None) -> OpenedNetwork:
        opened.append((kind, target))
        facts = NetworkFacts(kind, {}, 256)
        return OpenedNetwork(Whitener(target, target.device == "cuda:0"), facts)

    monkeypatch.setattr(assembly, "open_network", stand_in)
    monkeypatch.setattr(pytorch, "has_bfloat16", lambda device: True)
    return opened


def aligned() -> RestoreRequest:
    pixels = smooth_photo(512, 512)
    return RestoreRequest(Photo(pixels, pixels), RestoreOptions(BlendOptions(color=ColorMode.MODEL), aligned=True))


def test_a_full_card_is_told_with_the_photo_and_the_next_photo_starts_lower(
    opened: list[tuple[str, Target]],
) -> None:
    pipeline = assemble(target=CARD).pipeline
    first = pipeline.run(aligned())
    assert first.restored_count == 1
    assert (first.crops[0].restored == 255).all()
    assert [warning.partition(" ran out")[0] for warning in first.warnings] == ["the restorer"] * 2
    assert "cuda:0 in bf16; it goes on with openvino:CPU" in first.warnings[1]
    restorers = [target for kind, target in opened if kind == "restorer"]
    assert restorers[:2] == [CARD, Target("pytorch", "cuda:0", Precision.BF16)]
    assert restorers[2].backend == "openvino"
    count = len(opened)
    second = pipeline.run(aligned())
    assert second.warnings == ()
    assert len(opened) == count


def test_landmarks_come_from_float32_and_first_looks_from_bfloat16_alone(opened: list[tuple[str, Target]]) -> None:
    in_bf16 = Target("openvino", "CPU", Precision.BF16)
    for target in (CARD, Target("openvino", "NPU", Precision.FP16), in_bf16):
        assemble(target=target)
    detectors = [target for kind, target in opened if kind == "detector"]
    exact = [CARD, Target("openvino", "CPU"), Target("openvino", "CPU")]
    assert detectors == [*exact, in_bf16]


def test_models_that_fit_nowhere_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> OpenedNetwork:
        raise MemoryError

    monkeypatch.setattr(assembly, "open_network", full)
    with pytest.raises(DeviceError, match=r"restorer does not fit into memory\. Close other programs"):
        assemble(target=Target("openvino", "CPU"))


def test_the_bundled_restorer_sees_a_face_mirrored_too_and_what_is_tuned_from_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = tmp_path / "anna.safetensors"
    tuned.write_bytes((resources_folder() / "weights" / "bundled-restorer.safetensors").read_bytes() + b" ")
    seen: list[np.ndarray] = []

    class Recorder(Whitener):
        def run(self, images: np.ndarray) -> np.ndarray:
            seen.append(images.copy())
            return super().run(images)

    def stand_in(path: Path, kind: str, target: Target, tell: object = None, size: object = None) -> OpenedNetwork:
        metadata = {"base": "bundled draft restorer, 512 px"} if path == tuned else {}
        return OpenedNetwork(Recorder(target, full=False), NetworkFacts(kind, metadata, 256))

    monkeypatch.setattr(assembly, "open_network", stand_in)
    pixels = smooth_photo(512, 512)
    crop = FaceCrop(Face((0, 0, 512, 512), FFHQ_TEMPLATE, 1.0), np.eye(2, 3), pixels)
    for model, times in (("bundled-restorer", 2), (str(tuned), 1)):
        seen.clear()
        (restored,) = load_restorer(model, Target("pytorch", "cpu"))[0].restore([crop])
        assert (restored.restored == 255).all()
        assert len(seen) == times
        assert np.array_equal(seen[-1], seen[0] if times == 1 else seen[0][..., ::-1])
