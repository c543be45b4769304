"""Which device and precision the networks run in.

PyTorch is asked only where there may be a graphics card for it: importing it takes a second.
"""

from __future__ import annotations

import ctypes
import functools
import platform
import re
import sys
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version

from core.engines.engine import Precision, Target
from core.errors import DeviceError

AUTO = "auto"
_NAMES = re.compile(r"auto|cpu|cuda(:\d+)?|mps|openvino(:(cpu|gpu|npu))?", re.IGNORECASE)


def choose_target(device: str = AUTO, precision: str = AUTO, threads: int | None = None) -> Target:
    """What a user means by a device, a precision and a number of processor threads (None: the engine's choice).

    Devices: "auto" (CUDA, then MPS, then the processor's faster engine), "cpu" (PyTorch on the processor),
    "cuda", "cuda:N", "mps", "openvino" or "openvino:CPU", "openvino:GPU", "openvino:NPU". Precisions: "auto" (see
    `best_precision`) or one of `Precision`. Raises DeviceError where there is no such device, or where it does
    not compute in that precision.
    """
    if not _NAMES.fullmatch(device):
        raise DeviceError(f"There is no device called '{device}'; {_choices()}.")
    kind, _, which = device.lower().partition(":")
    if kind == AUTO:
        target = _gpu_target() or cpu_target()
    elif kind == "openvino":
        target = _openvino_target(which.upper() or "CPU")
    else:
        target = _pytorch_target(device.lower())
    if precision == AUTO:
        return replace(target, precision=best_precision(target), threads=threads)
    wanted, possible = Precision(precision), precisions(target)
    if wanted not in possible:
        raise DeviceError(
            f"{replace(target, precision=wanted)} is not possible: it has {', '.join(possible)}; "
            "choose one of these with --precision."
        )
    return replace(target, precision=wanted, threads=threads)


def best_precision(target: Target) -> Precision:
    """The fastest precision of a device that costs no visible quality.

    bfloat16 where there are instructions for it (docs/how-it-works.md has the measurements), and half precision
    on Intel's GPUs and NPUs, which have no bfloat16 and more digits in it; else float32.
    """
    possible = precisions(target)
    if Precision.BF16 in possible:
        return Precision.BF16
    half = target.backend == "openvino" and target.device != "CPU" and Precision.FP16 in possible
    return Precision.FP16 if half else Precision.FP32


def lower_targets(target: Target) -> list[Target]:
    """Where to go on, step by step, when memory runs out on `target`: less precision, then the processor."""
    lower: list[Target] = []
    if target.precision is Precision.FP32:
        lower = [replace(target, precision=p) for p in precisions(target) if p is not Precision.FP32][:1]
    if target.device.lower() != "cpu":
        processor = cpu_target()
        lower.append(replace(processor, precision=best_precision(processor), threads=target.threads))
    return lower


def precisions(target: Target) -> list[Precision]:
    """The precisions that a device is fast in, float32 first."""
    if target.backend == "openvino":
        from core.engines import openvino

        return openvino.precisions(target.device)
    from core.engines import pytorch

    return pytorch.precisions(target.device)


def cpu_target() -> Target:
    """The processor, in float32, through OpenVINO where it works (measured faster), else through PyTorch."""
    return Target("openvino", "CPU") if "CPU" in openvino_devices() else Target("pytorch", "cpu")


@functools.cache
def openvino_devices() -> tuple[str, ...]:
    """The devices that OpenVINO finds; none where it is absent or does not start."""
    # An ImportError where it is absent, an OSError or RuntimeError where its libraries do not fit the system.
    with suppress(ImportError, OSError, RuntimeError):
        from core.engines import openvino

        return tuple(openvino.devices())
    return ()


def describe_devices() -> list[str]:
    """One line for each device that networks can run on, the best first, and what `auto` takes."""
    from core.engines import pytorch

    lines = [f"{name:13} {what}, PyTorch: {', '.join(pytorch.precisions(name))}" for name, what in pytorch.gpus()]
    for device in openvino_devices():
        from core.engines import openvino

        possible = ", ".join(openvino.precisions(device))
        what = f"{openvino.device_name(device)}, OpenVINO {version('openvino')}"
        lines.append(f"openvino:{device:4} {what}: {possible}")
    lines.append(f"cpu           PyTorch, {pytorch.threads()} threads: {', '.join(pytorch.precisions('cpu'))}")
    return [*lines, f"auto takes {choose_target()}"]


def _pytorch_target(device: str) -> Target:
    if device == "cpu":
        return Target("pytorch", "cpu")
    if _may_have_gpu():
        from core.engines import pytorch

        if pytorch.has_device(device):
            return Target("pytorch", device)
    raise DeviceError(f"There is no '{device}' on this machine, or no driver for it; {_choices()}.")


def _openvino_target(device: str) -> Target:
    found = openvino_devices()
    if not found:
        raise DeviceError("OpenVINO is not installed or does not start; use --device cpu, or install it again.")
    if device not in found:
        raise DeviceError(f"OpenVINO finds no {device} on this machine; {_choices()}.")
    return Target("openvino", device)


def _choices() -> str:
    return "choose auto, or one of those that `gfpgan-desktop info` lists"


def _gpu_target() -> Target | None:
    if not _may_have_gpu():
        return None
    from core.engines import pytorch

    gpus = pytorch.gpus()
    return Target("pytorch", gpus[0][0]) if gpus else None


def _may_have_gpu() -> bool:
    """False where PyTorch can have no graphics card, told without importing it."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if "rocm" in version("torch"):
        return True
    # CUDA needs the driver's library, whichever PyTorch is installed.
    with suppress(OSError):
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        return True
    return False
