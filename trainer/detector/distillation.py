"""A face detector learns from a better one of the same shape, at every anchor of every picture.

Both see the same pictures (`trainer.detector.mosaics`). What the teacher says there is the truth, so no anchors
are matched to boxes: a score for each anchor, box and landmarks where it sees a face (knowledge distillation,
Hinton et al. 2015), and what it feels in between (hints, Romero et al. 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from facexlib.detection.retinaface import RetinaFace
from torch import Tensor, nn

from core.retinaface import MEAN_BGR
from trainer.types import Picture

_FACE = 0.3  # score of the teacher from which boxes and landmarks count
_DOUBT = 0.05  # score of either from which an anchor is one of the few that may be a face


@dataclass(frozen=True)
class Predictions:
    """What a detector predicts for N pictures, float32, by anchors in `core.retinaface.anchor_boxes`' order.

    boxes      (N, anchors, 4), box offsets
    logits     (N, anchors, 2), of no face and of a face
    landmarks  (N, anchors, 10), landmark offsets
    heads      the features that these are read from, (N, 64, h, w) at each of three scales
    blocks     input and output of each of `parts`
    """

    boxes: Tensor
    logits: Tensor
    landmarks: Tensor
    heads: Sequence[Tensor]
    blocks: Sequence[tuple[Tensor, Tensor]]

    @property
    def margins(self) -> Tensor:
        """The logits of the scores, (N, anchors)."""
        return self.logits[..., 1] - self.logits[..., 0]


def new_student() -> RetinaFace:
    """The network of the bundled detector, with random weights, on the CPU, in training mode."""
    return RetinaFace(network_name="mobile0.25", device=torch.device("cpu")).train()


def as_input(pictures: Sequence[Picture]) -> Tensor:
    """Pictures of one size, BGR, uint8, (H, W, 3), as the network takes them: (N, 3, H, W) less the mean."""
    planes = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    mean = torch.tensor(MEAN_BGR)[:, None, None]
    return (planes.float() - mean).contiguous(memory_format=torch.channels_last)


def parts(network: RetinaFace) -> list[nn.Sequential]:
    """The layers of facexlib's RetinaFace but for the last ones: each a convolution with what follows it up to the
    next one, the same modules as in the network."""
    found = []
    for block in network.modules():
        if isinstance(block, nn.Sequential) and isinstance(block[0], nn.Conv2d):
            starts = [number for number, layer in enumerate(block) if isinstance(layer, nn.Conv2d)]
            found += [block[first:end] for first, end in pairwise([*starts, len(block)])]
    return found


def predictions(network: RetinaFace, inputs: Tensor, *, half: bool = False) -> Predictions:
    """Run facexlib's RetinaFace, and keep also what its own call does not return.

    `half` computes the features in bfloat16; the last layers are always float32, for bfloat16 moves landmarks by a
    hundredth of an anchor.
    """
    given: dict[nn.Module, Tensor] = {}
    gave: dict[nn.Module, Tensor] = {}

    def before(layer: nn.Module, arguments: tuple[Tensor]) -> None:
        (given[layer],) = arguments

    def after(layer: nn.Module, _: tuple[Tensor], result: Tensor) -> None:
        gave[layer] = result

    every = parts(network)
    hooks = [part[0].register_forward_pre_hook(before) for part in every]
    hooks += [part[-1].register_forward_hook(after) for part in every]
    try:
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half):
            pyramid = network.fpn(list(network.body(inputs).values()))
            heads = [network.ssh1(pyramid[0]), network.ssh2(pyramid[1]), network.ssh3(pyramid[2])]
    finally:
        for hook in hooks:
            hook.remove()
    return _predictions(network, heads, [(given[part[0]], gave[part[-1]]) for part in every])


def guided_predictions(network: RetinaFace, guide: Predictions, *, half: bool = False) -> Predictions:
    """The predictions of a network each of whose parts is given the input of that part of the guide.

    So all parts learn at once and from the first step, because the errors of the others do not reach them
    (blockwise distillation, Li et al. 2020).
    """
    with torch.autocast(guide.boxes.device.type, torch.bfloat16, enabled=half):
        blocks = [(given, part(given)) for part, (given, _) in zip(parts(network), guide.blocks, strict=True)]
    return _predictions(network, guide.heads, blocks)


def _predictions(
    network: RetinaFace, heads: Sequence[Tensor], blocks: Sequence[tuple[Tensor, Tensor]]
) -> Predictions:
    last = [feature.float() for feature in heads]
    return Predictions(
        _all_levels(network.BboxHead, last),
        _all_levels(network.ClassHead, last),
        _all_levels(network.LandmarkHead, last),
        heads,
        blocks,
    )


def _all_levels(layers: nn.ModuleList, features: Sequence[Tensor]) -> Tensor:
    return torch.cat([layer(feature) for layer, feature in zip(layers, features, strict=True)], dim=1)


def distillation_losses(student: Predictions, teacher: Predictions) -> dict[str, Tensor]:
    """How far the student's predictions are from the teacher's, each a mean over the anchors that count.

    score: cross entropy against the teacher's probabilities less its own entropy (Kullback-Leibler), and a tenth
    of the distance of the margins, which keeps the scores of sure faces apart. Anchors that either takes for a
    face weigh, all together, as much as all others together. box, landmark: distance of the offsets, in units of
    a tenth of the anchor (the logarithms of sizes: of a fifth), weighted by the teacher's score. feature: squared
    distance as a part of the teacher's mean square, averaged over the parts.
    """
    scores = torch.sigmoid(teacher.margins)
    seen = torch.maximum(scores, torch.sigmoid(student.margins.detach())) > _DOUBT
    weights = seen / seen.sum().clamp(min=1) + ~seen / (~seen).sum().clamp(min=1)
    divergence = F.binary_cross_entropy_with_logits(student.margins, scores, reduction="none")
    divergence = divergence - F.binary_cross_entropy_with_logits(teacher.margins, scores, reduction="none")
    margins = F.smooth_l1_loss(student.margins, teacher.margins, reduction="none")
    face = scores * (scores > _FACE)
    return {
        "score": (weights * (divergence + 0.1 * margins)).sum(),
        "box": _weighted_distance(student.boxes, teacher.boxes, face),
        "landmark": _weighted_distance(student.landmarks, teacher.landmarks, face),
        "feature": torch.stack(
            [
                _relative(ours, theirs)
                for (_, ours), (_, theirs) in zip(student.blocks, teacher.blocks, strict=True)
            ]
        ).mean(),
    }


def _weighted_distance(ours: Tensor, theirs: Tensor, weights: Tensor) -> Tensor:
    """Mean smooth L1 distance, all but L1, of offsets (N, anchors, n) by `weights`, (N, anchors)."""
    distances = F.smooth_l1_loss(ours, theirs, reduction="none", beta=0.05).mean(-1)
    return (distances * weights).sum() / weights.sum().clamp(min=1)


def _relative(ours: Tensor, theirs: Tensor) -> Tensor:
    theirs = theirs.float()
    return (ours.float() - theirs).square().mean() / theirs.square().mean()
