"""How good a network is on faces that it never learned from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.losses.features import FeatureNetwork
from trainer.losses.perceptual import PerceptualLoss
from trainer.sizes import enlarged, reduced
from trainer.types import Batch

Metrics = dict[str, float]
"""Means over all faces, of pictures of 8 bits as they would be saved:

psnr            dB, of RGB in [0, 1], higher is better; at most 100
ssim            Wang et al. 2004, mean of R, G and B, higher is better; at most 1
perceptual      what `PerceptualLoss` of weight 1 gives, lower is better; only with a feature network
identity_angle  degrees between the embeddings of face and truth, lower is better; only with an embedding
"""

BEST_PSNR = 100.0
"""What equal pictures get, instead of infinity."""


class Evaluator:
    """Measures networks on the same held-out faces each time, in float32 and without randomness.

    batches    what is restored together, so a network takes the memory of a forward pass of one of them
    features   for the perceptual distance; None leaves it out
    embedding  for the identity angle, see `core.networks.embedding`; None leaves it out
    Networks, features and embedding are on one device.
    """

    def __init__(
        self,
        batches: Sequence[Batch],
        features: FeatureNetwork | None = None,
        embedding: nn.Module | None = None,
    ) -> None:
        self._batches, self._embedding = batches, embedding
        self._perceptual = PerceptualLoss(features) if features else None
        self._inputs: Metrics | None = None

    def measure(self, network: nn.Module) -> Metrics:
        """The metrics of what `network`, (N, 3, S, S) -> the same, makes of the inputs; {} without faces."""
        return self._mean(lambda batch: restore(network, batch.inputs), _device(network))

    def inputs(self) -> Metrics:
        """The metrics of the degraded inputs as they are: what a network must beat. Computed once."""
        if self._inputs is None:
            device = _device(self._perceptual, self._embedding)
            self._inputs = self._mean(lambda batch: as_8_bit(batch.inputs), device)
        return self._inputs

    def _mean(self, restored: Callable[[Batch], Tensor], device: torch.device) -> Metrics:
        sums: dict[str, float] = {}
        count = sum(len(batch) for batch in self._batches)
        for batch in self._batches:
            batch = batch.to(device)
            for name, values in self._each(restored(batch), batch.truths).items():
                sums[name] = sums.get(name, 0.0) + float(values.double().sum())
        return {name: value / count for name, value in sums.items()}

    def _each(self, restored: Tensor, truths: Tensor) -> dict[str, Tensor]:
        """Every metric of each face, (N,)."""
        truths = as_8_bit(truths)
        with _exactly(restored.device):
            values = {"psnr": psnr(restored, truths), "ssim": ssim(restored, truths)}
            if self._perceptual is not None:
                # The mean of the batch, which counts as much as each of its faces would.
                mean = self._perceptual(restored, truths)["perceptual"]
                values["perceptual"] = mean.expand(len(truths))
            if self._embedding is not None:
                cosine = F.cosine_similarity(self._embedding(restored).float(), self._embedding(truths).float())
                values["identity_angle"] = cosine.clamp(-1, 1).acos().rad2deg()
        return values


def restore(network: nn.Module, inputs: Tensor) -> Tensor:
    """What `network` makes of `inputs`, RGB in [-1, 1], (N, 3, S, S), on its device, in 8 bits (see `as_8_bit`).

    In eval mode and float32, whatever the training's precision. The network's mode comes back. A network that has
    a `size` gets inputs of it, and what it makes is enlarged to S.
    """
    training = network.training
    network.eval()
    try:
        device = _device(network)
        with _exactly(device):
            side = inputs.shape[-1]
            size = getattr(network, "size", side)
            return as_8_bit(enlarged(network(reduced(inputs.to(device), size)), side))
    finally:
        network.train(training)


@contextmanager
def _exactly(device: torch.device) -> Iterator[None]:
    """Without gradients, in float32 all the way (no TF32 either), with the same algorithms each time."""
    cudnn = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    with torch.no_grad(), torch.autocast(device.type, enabled=False), cudnn:
        yield


def _device(*modules: nn.Module | None) -> torch.device:
    """Where the first parameter lies, the CPU if there is none."""
    parameters = (parameter for module in modules if module is not None for parameter in module.parameters())
    return next((parameter.device for parameter in parameters), torch.device("cpu"))


def as_8_bit(image: Tensor) -> Tensor:
    """RGB about [-1, 1] -> [-1, 1] in the 256 steps of a picture file, float32."""
    return ((image.float() + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1


def variety(restored: Tensor, truths: Tensor) -> dict[str, Tensor]:
    """How much restored faces differ from each other, as a share of how much the true ones do, as "variety".
    (N, 3, S, S) each; a batch of one tells nothing."""
    if len(truths) < 2:
        return {}
    small = [F.adaptive_avg_pool2d(x, 8).std(0).mean() for x in (restored, truths)]
    return {"variety": small[0] / small[1].clamp(min=1e-6)}


def psnr(image: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of each image: two of (N, C, H, W), in [-1, 1] -> (N,)."""
    error = ((image - truth) / 2).square().mean((1, 2, 3))
    return -10 * error.clamp(min=10 ** (-BEST_PSNR / 10)).log10()


def ssim(image: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity of each image: two of (N, C, H, W), in [-1, 1], at least 11 px -> (N,).

    Wang et al. 2004, equation 13, with their Gaussian window of 11 px and sigma 1.5, K1 = 0.01 and K2 = 0.03; the
    mean over channels and all windows that lie inside.
    """
    x, y = (image + 1) / 2, (truth + 1) / 2
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    similarity = similarity / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))
    return similarity.mean((1, 2, 3))


def _blurred(x: Tensor) -> Tensor:
    taps = torch.exp(-(torch.arange(-5, 6, device=x.device, dtype=x.dtype) ** 2) / (2 * 1.5**2))
    taps = taps / taps.sum()
    planes = x.flatten(0, 1)[:, None]
    planes = F.conv2d(F.conv2d(planes, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    return planes.view(*x.shape[:2], *planes.shape[2:])


def score(metrics: Mapping[str, float]) -> float:
    """One number to choose the best checkpoint by, higher is better; -inf for no metrics and for not-a-number.

    Minus the logarithm of the geometric mean of errors, so that a percent less of one is worth a percent more of
    another, whatever their units. The errors are the perceptual distance, or for want of it the root mean square
    error (from the PSNR) and 1 - SSIM; and the identity angle if it is known. PSNR and SSIM do not count beside
    the perceptual distance: both prefer a blurred face to a sharp one whose hairs lie elsewhere. Scores of
    different sets of metrics cannot be compared.
    """
    errors = [metrics[name] for name in ("perceptual", "identity_angle") if name in metrics]
    if "perceptual" not in metrics:
        errors += [10 ** (-metrics["psnr"] / 20)] if "psnr" in metrics else []
        errors += [1 - metrics["ssim"]] if "ssim" in metrics else []
    if not errors or not all(map(math.isfinite, errors)):
        return -math.inf
    return -fmean(math.log(max(error, 1e-6)) for error in errors)
