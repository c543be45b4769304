"""The weights of the benchmark: the published networks' files, filled with deterministic parameters.

Both sides read the same files: `GFPGANv1.4.pth` (clean, 512 px), `detection_Resnet50_Final.pth` (RetinaFace) and
`parsing_parsenet.pth`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import torch
from facexlib.detection.retinaface import RetinaFace
from facexlib.parsing.parsenet import ParseNet
from torch import nn

from benchmarks.restoring.children import ROOT
from benchmarks.restoring.peer_packages import cache_folder
from core.networks.gfpgan import GFPGAN

sys.path.insert(0, str(ROOT / "tests" / "golden"))

from deterministic import fill_, smooth_image

SEED = 7
RESTORER, DETECTOR, PARSER = "GFPGANv1.4.pth", "detection_Resnet50_Final.pth", "parsing_parsenet.pth"
WHERE_GFPGAN_LOOKS = Path("gfpgan") / "weights"
"""Relative to its working directory; what lies there it does not download."""


def networks() -> dict[str, nn.Module]:
    """The networks by file name, with their deterministic parameters, in eval mode."""
    return {
        RESTORER: fill_(GFPGAN("clean"), SEED, equalized=False),
        DETECTOR: fill_(RetinaFace(network_name="resnet50", device=torch.device("cpu")), SEED, equalized=False),
        PARSER: fill_(ParseNet(in_size=512, out_size=512, parsing_ch=19), SEED, equalized=False),
    }


def network_input() -> torch.Tensor:
    """One picture for the restorer, (1, 3, 512, 512) in [-1, 1]."""
    return smooth_image(SEED, 512)


def weights_home() -> Path:
    """A working directory for both sides with the three files below it, made at the first call."""
    folder = cache_folder() / f"weights-{SEED}"
    if folder.exists():
        return folder
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    place = unfinished / WHERE_GFPGAN_LOOKS
    place.mkdir(parents=True)
    for name, network in networks().items():
        state = network.state_dict()
        torch.save({"params_ema": state} if name == RESTORER else state, place / name)
    unfinished.rename(folder)
    return folder
