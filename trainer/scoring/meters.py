"""The metrics of the paper's tables (section 4.2), as far as their networks are at hand.

PSNR and SSIM are those of `trainer.evaluation`, the feature distance is the perceptual loss; the angle is that of
`core.identity`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from core.alignment import FFHQ_TEMPLATE
from core.detection import FaceDetector
from core.errors import ModelError
from core.identity import angle_between
from core.models import find_file
from core.networks.embedding import GreyEmbedding, load_embedding
from trainer.evaluation import psnr, ssim
from trainer.losses.features import FeatureNetwork, load_feature_network
from trainer.losses.perceptual import PerceptualLoss
from trainer.scoring.frechet import load_inception
from trainer.scoring.lpips import load_lpips, load_uncalibrated
from trainer.scoring.niqe import niqe
from trainer.scoring.pictures import Picture

T = TypeVar("T")

_SMALLEST_FACE = 96.0  # px of the 512, far below the box of any aligned face


@dataclass(frozen=True)
class Metric:
    """A column of the tables. `key` names it in files; `note` says what it was measured with."""

    key: str
    title: str
    higher_is_better: bool = False
    digits: int = 2
    note: str = ""


@dataclass(frozen=True)
class Meter:
    """Measures one picture, against its truth where `compares`; NaN where that cannot be done."""

    metric: Metric
    compares: bool
    measure: Callable[[Picture, Picture | None], float]


@dataclass(frozen=True)
class Networks:
    """Files, by name or path, of the networks that metrics need; the first of each that is there is taken.

    perceptual   VGG-19 or SqueezeNet 1.1 (`trainer.losses.features`)
    identity     ArcFace ResNet-18 or an .onnx embedding (`core.networks.embedding`)
    inception    FID's (`trainer.scoring.frechet`)
    lpips        the heads and torchvision's network (`trainer.scoring.lpips`), None for none
    """

    perceptual: Sequence[str] = ("vgg19-dcbb9e9d.pth", "squeezenet1_1-caffe.safetensors")
    identity: Sequence[str] = ("arcface_resnet18.pth", "MobileFaceNet.onnx")
    inception: Sequence[str] = ("pt_inception-2015-12-05-6726825d.pth",)
    lpips: tuple[str, str] | None = None


@dataclass
class Meters:
    """What measures pictures one by one, FID's network if there is one, and a sentence on each metric left out."""

    each: list[Meter] = field(default_factory=list)
    inception: nn.Module | None = None
    left_out: list[str] = field(default_factory=list)


_NO_SQUEEZENET = "LPIPS without heads is left out: it needs SqueezeNet 1.1 in Caffe's weights (--perceptual FILE)."
_UNCALIBRATED = "its formula with every channel alike, on Caffe's weights; not to be compared with published LPIPS"
FID = Metric("fid", "FID", note="Inception of pytorch-fid, pictures resized to 299 px")


def build_meters(networks: Networks, detector: FaceDetector | None, detector_title: str, compares: bool) -> Meters:
    """All that can be measured. `compares`: there are truths; else only what needs none is built.

    Raises ModelError where a file is there but not what it should be.
    """
    meters = Meters()
    if compares:
        _add_lpips(meters, networks)
        _add_features(meters, networks)
    _add_inception(meters, networks)
    meters.each.append(Meter(Metric("niqe", "NIQE", digits=3), False, lambda x, _: niqe(x.pixels)))
    if not compares:
        meters.left_out.append(
            "LPIPS, Deg., PSNR, SSIM and the landmark distance are left out: they compare with the truth, which "
            "--reference would give."
        )
        return meters
    _add_identity(meters, networks)
    meters.each.append(_against(Metric("psnr", "PSNR", True), lambda x, y: float(psnr(x.tensor, y.tensor))))
    meters.each.append(_against(Metric("ssim", "SSIM", True, 4), lambda x, y: float(ssim(x.tensor, y.tensor))))
    if detector is not None:
        note = f"mean of five landmarks by {detector_title}, in percent of the distance of the eyes"
        metric = Metric("landmarks", "Landmarks, %", note=note)
        meters.each.append(_against(metric, functools.partial(_landmark_distance, _kept(_landmarks_by(detector)))))
    return meters


def _against(metric: Metric, measure: Callable[[Picture, Picture], float]) -> Meter:
    return Meter(metric, True, lambda x, y: math.nan if y is None else measure(x, y))


def _at_hand(names: Sequence[str], meters: Meters, without: str) -> Path | None:
    """The first of these networks that is there; without one, the sentence says what is left out."""
    for name in names:
        with suppress(ModelError):
            return find_file(name)
    meters.left_out.append(without)
    return None


def _add_lpips(meters: Meters, networks: Networks) -> None:
    if networks.lpips is None:
        meters.left_out.append(
            "LPIPS is left out: it needs the heads of the lpips library and torchvision's VGG-16, AlexNet or "
            "SqueezeNet; give both with --lpips HEADS NETWORK."
        )
        return
    network, name = load_lpips(*map(find_file, networks.lpips))
    metric = Metric("lpips", "LPIPS", digits=4, note=f"version 0.1, {name}")
    meters.each.append(_against(metric, lambda x, y: float(network(x.tensor, y.tensor))))


def _add_features(meters: Meters, networks: Networks) -> None:
    path = _at_hand(
        networks.perceptual,
        meters,
        "The feature distance is left out: it needs VGG-19 (get it with 'models get vgg19') or SqueezeNet 1.1 "
        "in Caffe's weights (--perceptual FILE).",
    )
    if path is None:
        meters.left_out.append(_NO_SQUEEZENET)
        return
    network = load_feature_network(path)
    loss = PerceptualLoss(network)
    metric = Metric("features", f"{_feature_name(network)} feature distance", digits=3, note="no LPIPS")

    @torch.no_grad()
    def distance(x: Picture, y: Picture) -> float:
        return float(loss(x.tensor, y.tensor)["perceptual"])

    meters.each.append(_against(metric, distance))
    if not network.relative:
        meters.left_out.append(_NO_SQUEEZENET)
    else:
        uncalibrated = load_uncalibrated(path)
        metric = Metric("lpips_other", "LPIPS without heads (SqueezeNet)", digits=3, note=_UNCALIBRATED)
        meters.each.append(_against(metric, lambda x, y: float(uncalibrated(x.tensor, y.tensor))))


def _feature_name(network: FeatureNetwork) -> str:
    return "SqueezeNet" if network.relative else "VGG-19"


def _add_inception(meters: Meters, networks: Networks) -> None:
    path = _at_hand(
        networks.inception,
        meters,
        f"FID is left out: it needs pytorch-fid's Inception, {networks.inception[0]} (--inception FILE).",
    )
    if path is None:
        return
    meters.inception = load_inception(path)


def _add_identity(meters: Meters, networks: Networks) -> None:
    path = _at_hand(
        networks.identity,
        meters,
        "Deg. is left out: it needs a face recognition network; get one with 'models get mobilefacenet', or "
        "give --identity FILE.",
    )
    if path is None:
        return
    network = load_embedding(path)

    @torch.no_grad()
    def embedding(picture: Picture) -> npt.NDArray[np.float32]:
        return np.asarray(network(picture.tensor)[0].numpy(), np.float32)

    # The paper's column is ArcFace's alone: angles of different networks cannot be compared.
    if isinstance(network, GreyEmbedding):
        metric = Metric("deg", "Deg.", note="ArcFace ResNet-18")
    else:
        name = "MobileFaceNet" if path.stem.casefold() == "mobilefacenet" else path.stem
        metric = Metric("deg_other", f"Deg. ({name})")
    kept = _kept(embedding)
    meters.each.append(_against(metric, lambda x, y: angle_between(kept(x), kept(y))))


def _landmarks_by(detector: FaceDetector) -> Callable[[Picture], npt.NDArray[np.float64]]:
    """The landmarks, (5, 2), of the face nearest to the FFHQ position; NaN where none is found."""

    def landmarks(picture: Picture) -> npt.NDArray[np.float64]:
        found = [face.landmarks for face in detector.detect(picture.pixels, _SMALLEST_FACE)]
        distances = [np.linalg.norm(points - FFHQ_TEMPLATE) for points in found]
        return found[int(np.argmin(distances))] if found else np.full((5, 2), np.nan)

    return landmarks


def _landmark_distance(
    landmarks: Callable[[Picture], npt.NDArray[np.float64]], image: Picture, truth: Picture
) -> float:
    found, expected = landmarks(image), landmarks(truth)
    eyes = np.linalg.norm(expected[1] - expected[0])
    return float(100 * np.linalg.norm(found - expected, axis=1).mean() / eyes)


def _kept(measure: Callable[[Picture], T]) -> Callable[[Picture], T]:
    """Measures the last few pictures once: each truth is compared with the results of several methods."""
    return functools.lru_cache(maxsize=8)(measure)
