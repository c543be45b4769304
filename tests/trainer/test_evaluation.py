"""Metrics: against other people's, by hand, and what mode and precision of a training must not change."""

import math
from pathlib import Path

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor, nn

from core.networks.gfpgan import GFPGAN
from trainer.evaluation import Evaluator, as_8_bit, psnr, restore, score, ssim
from trainer.losses.features import FeatureNetwork, load_feature_network
from trainer.types import Batch

pytestmark = pytest.mark.usefixtures("seeded")

SQUEEZENET = Path(__file__).parents[3] / "shared" / "weights" / "squeezenet1_1-caffe.safetensors"


def faces(count: int, size: int = 32) -> Tensor:
    """Smooth pictures in steps of 8 bits, (count, 3, size, size), in [-1, 1]."""
    small = torch.rand(count, 3, size // 4, size // 4) * 2 - 1
    return as_8_bit(nn.functional.interpolate(small, scale_factor=4, mode="bilinear"))


def batch_of(truths: Tensor, noise: float = 0.2) -> Batch:
    count = len(truths)
    inputs = truths + noise * torch.randn_like(truths)
    return Batch(inputs, truths, torch.zeros(count, 3, 4), torch.arange(count))


def first_layer() -> FeatureNetwork:
    """Features that are the three channels themselves."""
    features = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False))
    features[0].weight.data.copy_(torch.eye(3).view(3, 3, 1, 1))
    ones, zeros = torch.ones(3), torch.zeros(3)
    return FeatureNetwork(features, ["rgb"], {"rgb": 1.0}, ones, zeros, bgr=False, relative=False)


class Means(nn.Module):
    """Embeds a picture as its mean R, G and B."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean((2, 3))


class Keep(nn.Module):
    """A network that gives back what it gets, and notes how it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.calls: list[tuple[bool, bool, bool]] = []

    def forward(self, image: Tensor) -> Tensor:
        self.calls.append((self.training, torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")))
        return image * self.weight


def test_psnr_and_ssim_are_skimages() -> None:
    truths, restored = faces(3), as_8_bit(faces(3) * 0.2 + faces(3))
    for index, (theirs, ours) in enumerate(zip(truths, restored, strict=True)):
        a, b = ((x.permute(1, 2, 0).double().numpy() + 1) / 2 for x in (theirs, ours))
        expected = peak_signal_noise_ratio(a, b, data_range=1)
        assert psnr(restored, truths)[index].item() == pytest.approx(expected, abs=1e-4)
        expected = structural_similarity(
            a, b, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1
        )
        assert ssim(restored, truths)[index].item() == pytest.approx(expected, abs=1e-5)


def test_equal_pictures() -> None:
    image = faces(1)
    assert psnr(image, image).item() == pytest.approx(100)
    assert ssim(image, image).item() == pytest.approx(1)


def test_8_bits() -> None:
    image = torch.tensor([-3.0, -1.0, -1 + 0.9 / 255, -1 + 1.1 / 255, 0.9999, 1.0, 7.0])
    assert ((as_8_bit(image) + 1) * 127.5).round(decimals=3).tolist() == [0, 0, 0, 1, 255, 255, 255]


def test_means_over_faces_by_hand() -> None:
    truth = as_8_bit(torch.zeros(1, 3, 16, 16))
    step = 51 / 127.5  # 0.4 of [-1, 1]
    wrong = truth + torch.tensor([step, 0, 0]).view(1, 3, 1, 1)
    worse = truth + 2 * step
    # Batches of different sizes, so that a mean of means would show.
    first = Batch(torch.cat([wrong, wrong]), torch.cat([truth, truth]), torch.zeros(2, 3, 4), torch.arange(2))
    second = Batch(worse, truth, torch.zeros(1, 3, 4), torch.arange(1))
    metrics = Evaluator([first, second], first_layer(), Means()).inputs()
    decibels = [-10 * math.log10(0.2**2 / 3), -10 * math.log10(0.4**2)]
    assert metrics["psnr"] == pytest.approx((2 * decibels[0] + decibels[1]) / 3, rel=1e-5)
    assert metrics["perceptual"] == pytest.approx((2 * step / 3 + 2 * step) / 3, rel=1e-5)
    grey = 0.5 / 127.5
    cosine = (step + 3 * grey) / math.sqrt(3) / math.hypot(step + grey, grey, grey)
    # 128 is the grey nearest to 0.
    assert metrics["identity_angle"] == pytest.approx(2 * math.degrees(math.acos(cosine)) / 3, abs=0.05)
    assert metrics.keys() == {"psnr", "ssim", "perceptual", "identity_angle"}


def test_without_other_networks_or_faces() -> None:
    assert Evaluator([batch_of(faces(2))]).inputs().keys() == {"psnr", "ssim"}
    assert Evaluator([]).measure(Keep()) == Evaluator([]).inputs() == {}


def test_a_network_that_changes_nothing_measures_as_the_inputs_do() -> None:
    evaluator = Evaluator([batch_of(faces(3)), batch_of(faces(1))], first_layer(), Means())
    assert evaluator.measure(Keep()) == evaluator.inputs()
    assert evaluator.inputs()["psnr"] < 25


def test_networks_run_in_eval_mode_without_autocast_or_gradients() -> None:
    network = Keep().train()
    evaluator = Evaluator([batch_of(faces(2))], first_layer(), Means())
    with torch.autocast("cpu", torch.bfloat16):
        metrics = evaluator.measure(network)
    assert network.calls == [(False, False, False)]
    assert network.training
    assert metrics == evaluator.measure(network)


def test_gfpgan_is_measured_the_same_each_time() -> None:
    network = GFPGAN("clean", 32, style_dim=16, channel_multiplier=1, narrow=0.125, num_mlp=1)
    evaluator = Evaluator([batch_of(faces(2))])
    first = evaluator.measure(network)
    torch.rand(1)
    assert evaluator.measure(network) == first
    restored = restore(network, faces(2))
    assert restored.shape == (2, 3, 32, 32)
    assert not restored.requires_grad
    torch.testing.assert_close(as_8_bit(restored), restored)


def test_score_prefers_less_error() -> None:
    metrics = {"psnr": 25.0, "ssim": 0.7, "perceptual": 3.0, "identity_angle": 40.0}
    better = {"perceptual": 2.9, "identity_angle": 39.0, "psnr": 25.5, "ssim": 0.72}
    assert score(metrics | {"perceptual": 2.9}) > score(metrics)
    assert score(metrics | {"identity_angle": 39.0}) > score(metrics)
    # Beside the perceptual distance the blur that PSNR likes does not count.
    assert score(metrics | {"psnr": 30.0, "ssim": 0.9}) == score(metrics)
    # A percent is a percent.
    assert score(metrics | {"perceptual": 3.0 / 1.01, "identity_angle": 40.0 * 1.01}) == pytest.approx(
        score(metrics)
    )
    for missing in (["perceptual"], ["identity_angle"], ["perceptual", "identity_angle"]):
        some = {name: value for name, value in metrics.items() if name not in missing}
        for name in some.keys() & (
            {"psnr", "ssim", "identity_angle"} if "perceptual" in missing else {"perceptual"}
        ):
            assert score(some | {name: better[name]}) > score(some)


def test_score_of_nothing_and_of_no_numbers_is_the_worst() -> None:
    assert score({}) == -math.inf
    assert score({"psnr": 25.0, "ssim": math.nan}) == -math.inf
    assert score({"perceptual": math.nan, "psnr": 25.0}) == -math.inf
    network = Keep()
    network.weight.data.fill_(math.nan)
    assert score(Evaluator([batch_of(faces(1))]).measure(network)) == -math.inf
    assert math.isfinite(score({"psnr": 100.0, "ssim": 1.0, "identity_angle": 0.0}))


@pytest.mark.skipif(not SQUEEZENET.exists(), reason="the shared weights are not here")
def test_real_features_tell_noise_from_truth() -> None:
    features = load_feature_network(SQUEEZENET)
    slight, strong = (Evaluator([batch_of(faces(1, 64), noise)], features).inputs() for noise in (0.05, 0.5))
    assert 0 < slight["perceptual"] < strong["perceptual"]
    assert score(slight) > score(strong)
