"""Networks through OpenVINO: the faster engine on processors, and the way to Intel's GPUs and NPUs.

Torch is imported for converting alone, so that a start with a converted model at hand does without it.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.engines.engine import FloatArray, Precision, Target

if TYPE_CHECKING:
    from torch import nn

# OpenVINO reports every import and conversion to its makers unless this module is absent. Nothing leaves the
# machine, so it is.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402

_HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16", Precision.FP16: "f16"}
_FREE = 160  # px; where a model takes any height and width, it is traced with this one
_KEPT = 100  # steps that are kept as compiled for one size: of OpenVINO's 5000 each photo of a new size adds 4 MB


class OpenVINOEngine:
    """A converted model on an OpenVINO device, a picture at a time: more at once gain nothing there.

    `model` is a model or the file of one; `compiled` a folder where devices that compile slowly keep the result.
    """

    def __init__(self, model: Any, target: Target, size: int | None = None, compiled: Path | None = None) -> None:
        self.target, self.size = target, size
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            # Said outright: left to itself, OpenVINO may choose bfloat16.
            "INFERENCE_PRECISION_HINT": _HINTS[target.precision],
        }
        if target.device == "CPU" and target.threads is not None:
            options["INFERENCE_NUM_THREADS"] = target.threads
        elif target.device != "CPU" and compiled is not None:
            options["CACHE_DIR"] = str(compiled)
        if target.device == "CPU" and size is None:
            options["CPU_RUNTIME_CACHE_CAPACITY"] = str(_KEPT)
        self._compiled = _core().compile_model(model, target.device, options)
        self._request = self._compiled.create_infer_request()

    @property
    def threads(self) -> int:
        """How many processor threads it uses."""
        return int(self._compiled.get_property("INFERENCE_NUM_THREADS"))

    def run(self, images: FloatArray) -> FloatArray:
        """See `Engine`."""
        outputs = [self._request.infer([image[None]], share_inputs=True)[0].copy() for image in images]
        return np.concatenate(outputs) if len(outputs) != 1 else outputs[0]


def convert(module: nn.Module, shape: Sequence[int | None]) -> openvino.Model:
    """A module with one input and one output as a model of OpenVINO's.

    `shape` is the input's (N, C, H, W), None where any size may come. Raises whatever torch and OpenVINO raise
    for a network that they cannot convert.
    """
    import torch

    example = torch.zeros([_FREE if side is None else side for side in shape])
    with torch.inference_mode(), warnings.catch_warnings():
        # Torch warns that tracing is old, and of every branch that depends on a shape, of which there are many.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(module.eval(), example, check_trace=False)
        model = openvino.convert_model(traced)
    model.reshape([-1 if side is None else side for side in shape])
    return model


def save(model: openvino.Model, path: Path) -> None:
    """Write a model to `path` (.xml) and the same name with .bin, in float32. Raises OSError or RuntimeError."""
    openvino.save_model(model, path, compress_to_fp16=False)


def devices() -> list[str]:
    """The kinds of device that OpenVINO finds here: "CPU", "GPU", "NPU"."""
    return sorted({str(name).partition(".")[0] for name in _core().available_devices})


def device_name(device: str) -> str:
    """What a device calls itself."""
    return str(_core().get_property(device, "FULL_DEVICE_NAME")).strip()


def precisions(device: str) -> list[Precision]:
    """What a device has instructions for."""
    capabilities = _core().get_property(device, "OPTIMIZATION_CAPABILITIES")
    return [
        precision for precision in Precision if precision is Precision.FP32 or precision.upper() in capabilities
    ]


@functools.cache
def _core() -> openvino.Core:
    return openvino.Core()
