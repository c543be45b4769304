"""Small weights files of real architectures, and files that would do harm."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import torch
from torch import nn

from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from core.networks.variants import get_variant

_TINY: dict[str, object] = {"style_dim": 16, "narrow": 0.05, "num_mlp": 2, "channel_multiplier": 1}


def restorer(variant: str = "clean") -> nn.Module:
    """GFP-GAN for 64 px, with few channels."""
    torch.manual_seed(1)
    return GFPGAN(get_variant(variant), 64, **_TINY)  # type: ignore[arg-type]


def prior() -> nn.Module:
    """StyleGAN2 for 64 px, with few channels."""
    torch.manual_seed(2)
    return StyleGAN2Generator(get_variant("original"), 64, **_TINY)  # type: ignore[arg-type]


def upscaler() -> nn.Module:
    """Real-ESRGAN's compact network, with few channels."""
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(3)
    network: nn.Module = Compact(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=2, upscale=2)
    return network


def published(network: nn.Module, path: Path, legacy: bool = False) -> Path:
    """Write a network as GFPGAN's authors do: pickled by PyTorch, under `params_ema`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"params_ema": network.state_dict()}, path, _use_new_zipfile_serialization=not legacy)
    return path


class Trap:
    """Unpickling it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._trace),)


def malicious(path: Path, trace: Path, form: str = "zip") -> Path:
    """Write a weights file that makes the folder `trace` when it is unpickled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"params_ema": {"final_linear.weight": torch.zeros(1)}, "more": Trap(trace)}
    if form == "bare pickle":
        path.write_bytes(pickle.dumps(Trap(trace), protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    return path
