"""What a user asks for is what the networks run on, or an error that says why not."""

import ctypes
import subprocess
import sys

import pytest
import torch

from core import devices
from core.devices import choose_target, describe_devices, lower_targets, openvino_devices
from core.engines import openvino, pytorch
from core.engines.engine import Precision, Target
from core.errors import CoreError, DeviceError
from tests.conftest import PATIENCE


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch, "gpus", list)


@pytest.fixture
def a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were an NVIDIA card that computes in bfloat16."""
    monkeypatch.setattr(devices, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(pytorch, "gpus", lambda: [("cuda:0", "A card"), ("cuda:1", "Another card")])
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)


def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "openvino_devices", lambda: ())


def processor_with(monkeypatch: pytest.MonkeyPatch, *possible: Precision) -> None:
    monkeypatch.setattr(openvino, "precisions", lambda device: list(possible))
    monkeypatch.setattr(pytorch, "has_bfloat16", lambda device: Precision.BF16 in possible)


def test_auto_takes_the_card(a_card: None) -> None:
    assert choose_target() == Target("pytorch", "cuda:0", Precision.BF16)
    assert choose_target("cuda:1", "fp16") == Target("pytorch", "cuda:1", Precision.FP16)


def test_apples_gpu_computes_in_float32_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(pytorch, "gpus", lambda: [("mps", "Apple GPU")])
    assert choose_target() == Target("pytorch", "mps", Precision.FP32)
    assert choose_target("MPS", "fp16") == Target("pytorch", "mps", Precision.FP16)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize(
    ("possible", "best"), [(("fp32", "bf16"), "bf16"), (("fp32",), "fp32"), (("fp32", "fp16"), "fp32")]
)
def test_auto_on_a_processor_is_openvino_in_the_fastest_precision_that_is_good(
    possible: tuple[str, ...], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor_with(monkeypatch, *map(Precision, possible))
    assert choose_target(threads=3) == Target("openvino", "CPU", Precision(best), 3)
    without_openvino(monkeypatch)
    assert choose_target() == Target("pytorch", "cpu", Precision(best))


def test_both_engines_of_the_processor_can_be_asked_for() -> None:
    assert choose_target("cpu", "fp32") == Target("pytorch", "cpu")
    assert choose_target("openvino", "fp32") == choose_target("openvino:cpu", "fp32") == Target("openvino", "CPU")


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("cuda", "no 'cuda' on this machine"),
        ("cuda:7", "no 'cuda:7' on this machine"),
        ("mps", "no 'mps' on this machine"),
        ("openvino:NPU", "OpenVINO finds no NPU"),
        ("toaster", "no device called 'toaster'"),
        ("cuda:-1", "no device called"),
        ("openvino:TPU", "no device called"),
        ("", "no device called"),
    ],
)
def test_a_device_that_is_absent_is_an_error(device: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "openvino_devices", lambda: ("CPU",))
    with pytest.raises(DeviceError, match=words) as caught:
        choose_target(device)
    assert "gfpgan-desktop info" in str(caught.value)
    assert isinstance(caught.value, CoreError)


def test_openvino_that_is_not_there_is_an_error_only_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, no_gpu: None
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "core.engines.openvino")
    monkeypatch.delattr("core.engines.openvino")
    openvino_devices.cache_clear()
    try:
        assert choose_target().backend == "pytorch"
        with pytest.raises(DeviceError, match="OpenVINO is not installed"):
            choose_target("openvino")
    finally:
        openvino_devices.cache_clear()


def test_a_card_without_driver_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(DeviceError, match="or no driver for it"):
        choose_target("cuda")


def test_a_precision_that_is_absent_is_an_error(monkeypatch: pytest.MonkeyPatch, no_gpu: None) -> None:
    processor_with(monkeypatch, Precision.FP32)
    for device, name in (("openvino", "openvino:CPU"), ("cpu", "cpu")):
        with pytest.raises(DeviceError, match=f"{name} in bf16 is not possible: it has fp32"):
            choose_target(device, "bf16")


def test_memory_is_saved_by_precision_first_and_on_the_processor_last(
    a_card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor_with(monkeypatch, Precision.FP32, Precision.BF16)
    processor = Target("openvino", "CPU", Precision.BF16, 2)
    card = Target("pytorch", "cuda:0", Precision.FP32, 2)
    half = Target("pytorch", "cuda:0", Precision.BF16, 2)
    assert lower_targets(card) == [half, processor]
    assert lower_targets(half) == [processor]
    assert lower_targets(Target("openvino", "CPU", Precision.FP32)) == [Target("openvino", "CPU", Precision.BF16)]
    assert lower_targets(Target("openvino", "CPU", Precision.BF16)) == []


def test_the_devices_are_listed_with_what_they_compute_in(a_card: None) -> None:
    lines = describe_devices()
    assert lines[0] == "cuda:0        A card, PyTorch: fp32, bf16, fp16"
    assert any(line.startswith("openvino:CPU") and "OpenVINO" in line and "fp32" in line for line in lines)
    assert any(line.startswith("cpu ") and "PyTorch" in line and "threads" in line for line in lines)
    assert lines[-1] == "auto takes cuda:0 in bf16"


def test_choosing_imports_no_torch_where_there_is_no_card() -> None:
    program = "import sys; from core import devices; devices._may_have_gpu = lambda: False; "
    program += "devices.choose_target(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.strip() == "False", done.stderr
