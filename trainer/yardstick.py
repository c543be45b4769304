"""What the metrics of a run depend on besides its network: faces, degradations, and the networks that measure.

Metrics of two yardsticks cannot be compared.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from core.errors import CoreError
from trainer.build import Criteria, Origin, new_origin
from trainer.config import TrainConfig
from trainer.dataset import FaceRecord

FEW = 16
"""Held-out faces below which each is degraded in several ways, so that chance plays less of a part."""


def ways_each(config: TrainConfig, faces: int) -> int:
    """In how many ways each of the held-out faces is degraded."""
    return max(1, config.evaluate // faces) if 0 < faces < FEW else 1


def yardstick(config: TrainConfig, criteria: Criteria | None, faces: list[FaceRecord]) -> dict[str, Any]:
    """What metrics depend on beside the network, as a checkpoint can hold it; empty where nothing is measured."""
    if criteria is None or not faces:
        return {}
    losses = config.losses
    metrics: dict[str, Any] = {"psnr": "", "ssim": ""}
    if criteria.features is not None:
        metrics["perceptual"] = [Path(losses.perceptual_network).name, losses.perceptual_layers]
    if criteria.embedding is not None:
        metrics["identity_angle"] = Path(losses.identity_network).name
    return {
        "metrics": metrics,
        "faces": [[face.photo, face.file] for face in faces],
        "count": min(config.evaluate, len(faces)),
        "ways": ways_each(config, len(faces)),
        "size": config.data.size,
        "degradation": repr(config.degradation),
    }


def original(config: TrainConfig, origin: Origin, device: torch.device) -> Any:
    """The network that the run began with, None where it is not to be had any more."""
    with torch.random.fork_rng([]), suppress(CoreError):
        torch.manual_seed(config.seed)
        again = new_origin(config)
        sizes = again.network.hyperparameters
        if (again.base, sizes) == (origin.base, origin.network.hyperparameters):
            return again.network.to(device)
    return None
