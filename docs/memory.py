"""Measures `memory_mb` of resources/models.json: what a process takes at most that opens a network and runs it.

Networks of the published shapes with random parameters stand in for the files; they take the same memory. Each has
a process of its own, on the processor, in float32: through OpenVINO as it is at first, when the model is prepared,
and through PyTorch. The larger number counts. Needs the extra `codeformer`; takes some minutes.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.engines.engine import Target
from core.engines.opening import open_network

TARGETS = {"openvino": Target("openvino", "CPU"), "pytorch": Target("pytorch", "cpu")}
CROP, TILE, LOOK = (512, 512), (256, 256), (640, 640)


def _gfpgan(variant: str, **options: object) -> object:
    from core.networks.gfpgan import GFPGAN
    from core.networks.variants import get_variant

    return GFPGAN(get_variant(variant), **options)  # type: ignore[arg-type]


def _retinaface(name: str) -> object:
    import torch
    from facexlib.detection.retinaface import RetinaFace

    return RetinaFace(network_name=name, device=torch.device("cpu"))


def _parsenet() -> object:
    from facexlib.parsing.parsenet import ParseNet

    return ParseNet(in_size=512, out_size=512, parsing_ch=19)


def _restoreformer() -> object:
    from spandrel.architectures.RestoreFormer import RestoreFormer

    return RestoreFormer()


def _codeformer() -> object:
    from spandrel_extra_arches.architectures.CodeFormer import CodeFormer

    return CodeFormer()


def _esrgan(scale: int) -> object:
    from spandrel.architectures.ESRGAN import ESRGAN

    # The published one for 2 times is one for 4 times that sees four pixels as one.
    return ESRGAN(in_nc=3 if scale == 4 else 12, scale=4)


def _compact() -> object:
    from spandrel.architectures.Compact import Compact

    return Compact(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=32, upscale=4)


_DRAFT = {"size": 512, "style_dim": 256, "channel_multiplier": 2, "narrow": 0.25, "num_mlp": 2}
NETWORKS: dict[str, tuple[str, tuple[int, int], Callable[[], object]]] = {
    "gfpgan-v1.4": ("restorer", CROP, lambda: _gfpgan("clean")),
    "gfpgan-v1": ("restorer", CROP, lambda: _gfpgan("original", channel_multiplier=1)),
    "bundled-restorer": ("restorer", CROP, lambda: _gfpgan("clean", **_DRAFT)),
    "restoreformer": ("restorer", CROP, _restoreformer),
    "codeformer": ("restorer", CROP, _codeformer),
    "retinaface-resnet50": ("detector", LOOK, lambda: _retinaface("resnet50")),
    "retinaface-mobilenet": ("detector", LOOK, lambda: _retinaface("mobile0.25")),
    "parsenet": ("parser", CROP, _parsenet),
    "realesrgan-x4plus": ("upscaler", TILE, lambda: _esrgan(4)),
    "realesrgan-x2plus": ("upscaler", TILE, lambda: _esrgan(2)),
    "realesr-general-x4v3": ("upscaler", TILE, _compact),
}


def build(name: str, path: str) -> None:
    """Write a network's stand-in."""
    import torch

    torch.save(NETWORKS[name][2]().state_dict(), path)  # type: ignore[attr-defined]


def measure(name: str, path: str, backend: str) -> None:
    """Print the megabytes that this process took at most. Linux counts in kibibytes."""
    kind, size, _ = NETWORKS[name]
    engine = open_network(Path(path), kind, TARGETS[backend])  # type: ignore[arg-type]
    side = engine.facts.size
    engine.engine.run(np.zeros((1, engine.facts.channels, *((side, side) if side else size)), np.float32))
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6))


def _child(*arguments: str, cache: str) -> str:
    environment = {**os.environ, "GFPGAN_DESKTOP_CACHE": cache}
    done = subprocess.run(
        [sys.executable, __file__, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


def main() -> None:
    """Measure all networks, or those that are named."""
    for name in sys.argv[1:] or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / f"{name}.pth")
            _child("build", name, path, cache=folder)
            found = {backend: _child("measure", name, path, backend, cache=folder) for backend in TARGETS}
        print(name, found, flush=True)


if __name__ == "__main__":
    steps: dict[str, Callable[..., None]] = {"build": build, "measure": measure}
    step = steps.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if step is None:
        main()
    else:
        step(*sys.argv[2:])
