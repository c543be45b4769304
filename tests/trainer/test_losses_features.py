"""The perceptual losses: their formulas with small networks, and the real networks' preprocessing."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import vgg19

from core.errors import ModelError
from tests.trainer.pictures import images, to_tensor
from trainer.losses.features import (
    SQUEEZENET_LAYERS,
    VGG19_LAYERS,
    FeatureNetwork,
    load_feature_network,
    squeezenet_features,
    vgg19_features,
)
from trainer.losses.perceptual import PerceptualLoss

pytestmark = pytest.mark.usefixtures("seeded")

SHARED = Path(__file__).parents[3] / "shared"
SQUEEZENET = SHARED / "weights" / "squeezenet1_1-caffe.safetensors"
FACES = SHARED / "faces" / "heldout"


def small_network(*, relative: bool = False) -> FeatureNetwork:
    """Two convolutions and an activation, of 2 and 3 channels."""
    features = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(inplace=True), nn.Conv2d(2, 3, 3))
    scale, shift = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.1, 0.2, 0.3])
    layers = {"first": 0.5, "last": 2.0, "relu": 0.0}
    return FeatureNetwork(
        features, ["first", "relu", "last"], layers, scale, shift, bgr=False, relative=relative
    ).double()


def test_perceptual_loss_by_hand() -> None:
    features = nn.Sequential(nn.Conv2d(3, 1, 1, bias=False))
    network = FeatureNetwork(
        features, ["sum"], {"sum": 0.5}, torch.full((3,), 2.0), torch.ones(3), bgr=False, relative=False
    )
    nn.init.ones_(features[0].weight)
    restored, truth = torch.full((1, 3, 1, 1), 0.5), torch.zeros(1, 3, 1, 1)
    # Features: 3 * (2 * 0.5 + 1) = 6 and 3 * 1 = 3; their Gram "matrices" 36 and 9.
    terms = PerceptualLoss(network, weight=4, style_weight=10)(restored, truth)
    assert {name: term.item() for name, term in terms.items()} == {
        "perceptual": 4 * 0.5 * 3,
        "style": 10 * 0.5 * 27,
    }


@pytest.mark.parametrize("relative", [False, True])
def test_perceptual_loss_against_its_formula(relative: bool) -> None:
    network = small_network(relative=relative)
    restored, truth = images(2, 3, 8, 8), images(2, 3, 8, 8)
    first, last = network.features[0], network.features[2]
    maps = []
    for image in (restored, truth):
        x = first(image * torch.tensor([1.0, 2, 3]).view(3, 1, 1) + torch.tensor([0.1, 0.2, 0.3]).view(3, 1, 1))
        maps.append((x, last(x.clamp(min=0))))
    perceptual, style = 0.0, 0.0
    for weight, found, expected in zip((0.5, 2.0), *maps, strict=True):
        if relative:
            rms = np.sqrt((expected.numpy() ** 2).mean((1, 2, 3), keepdims=True))
            found, expected = found / torch.from_numpy(rms), expected / torch.from_numpy(rms)
        perceptual += weight * (found - expected).abs().mean().item()
        grams = [torch.einsum("nchw,ndhw->ncd", x, x) / x[0].numel() for x in (found, expected)]
        style += weight * (grams[0] - grams[1]).abs().mean().item()
    terms = PerceptualLoss(network, weight=3, style_weight=50)(restored, truth)
    # The buffers were rounded to float32.
    assert terms["perceptual"].item() == pytest.approx(3 * perceptual, rel=1e-6)
    assert terms["style"].item() == pytest.approx(50 * style, rel=1e-6)


@pytest.mark.parametrize("relative", [False, True])
def test_lpips_term_against_its_formula(relative: bool) -> None:
    network, restored, truth = small_network(relative=relative), images(2, 3, 8, 8), images(2, 3, 8, 8)
    expected = 0.0
    for weight, name in ((0.5, "first"), (2.0, "last")):
        x, y = (network(image)[name].numpy() for image in (restored, truth))
        x, y = (maps / np.sqrt((maps**2).sum(1, keepdims=True)) for maps in (x, y))
        expected += weight * ((x - y) ** 2).sum(1).mean()
    terms = PerceptualLoss(network, weight=0, lpips_weight=3)(restored, truth)
    assert {name: term.item() for name, term in terms.items()} == {"lpips": pytest.approx(3 * expected, rel=1e-6)}


@pytest.mark.parametrize("relative", [False, True])
def test_perceptual_gradients(relative: bool) -> None:
    loss = PerceptualLoss(small_network(relative=relative), style_weight=1, lpips_weight=1)
    truth = images(1, 3, 6, 6).requires_grad_()
    restored = images(1, 3, 6, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: tuple(loss(x, truth).values()), restored)
    sum(loss(restored, truth).values()).backward()
    assert truth.grad is None
    assert not any(parameter.requires_grad for parameter in loss.parameters())


def test_perceptual_loss_does_not_mix_samples() -> None:
    loss = PerceptualLoss(small_network(relative=True), style_weight=1, lpips_weight=1)
    restored, truth = images(2, 3, 8, 8), images(2, 3, 8, 8) * torch.tensor([0.1, 1]).view(2, 1, 1, 1)
    for name, term in loss(restored, truth).items():
        alone = [loss(restored[n : n + 1], truth[n : n + 1])[name] for n in range(2)]
        torch.testing.assert_close(term, torch.stack(alone).mean())


def test_silent_layers_do_no_harm() -> None:
    network = squeezenet_features()
    for parameter in network.parameters():
        parameter.data.zero_()
    terms = PerceptualLoss(network, lpips_weight=1)(torch.ones(1, 3, 32, 32), torch.zeros(1, 3, 32, 32))
    assert {name: term.item() for name, term in terms.items()} == {"perceptual": 0, "lpips": 0}


def test_perceptual_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    network, image = small_network(), images(1, 3, 8, 8)
    assert PerceptualLoss(network)(image, image).keys() == {"perceptual"}
    assert PerceptualLoss(network, weight=0, style_weight=1)(image, image).keys() == {"style"}
    monkeypatch.setattr(network, "forward", None)
    assert PerceptualLoss(network, weight=0)(image, image) == {}


def test_layers_are_checked() -> None:
    with pytest.raises(ValueError, match="there is no layer conv6_1"):
        vgg19_features({"conv6_1": 1.0})
    with pytest.raises(ValueError, match="at least one"):
        squeezenet_features({"1": 0.0})


@pytest.mark.slow
def test_vgg19_is_torchvisions(tmp_path: Path) -> None:
    theirs = vgg19(weights=None).eval()
    path = tmp_path / "vgg19.safetensors"
    save_file(theirs.state_dict(), path)
    ours = load_feature_network(path)
    assert list(ours.state_dict()) == [key for key in theirs.state_dict() if key.startswith("features.")]
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    x = ((image + 1) / 2 - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor(
        [0.229, 0.224, 0.225]
    ).view(3, 1, 1)
    found = ours(image)
    assert found.keys() == VGG19_LAYERS.keys()
    for name, index in {"conv1_2": 2, "conv2_2": 7, "conv3_4": 16, "conv4_4": 25, "conv5_4": 34}.items():
        # A clone, because torchvision's next activation works in place.
        torch.testing.assert_close(found[name], theirs.features[: index + 1](x.clone()), rtol=1e-4, atol=1e-6)
    assert (found["conv5_4"] < 0).any(), "before the activation"


def test_vgg19_layers_are_the_papers() -> None:
    assert VGG19_LAYERS == {"conv1_2": 0.1, "conv2_2": 0.1, "conv3_4": 1, "conv4_4": 1, "conv5_4": 1}
    network = vgg19_features({"relu1_1": 1, "pool1": 2})
    found = network(torch.zeros(1, 3, 16, 16))
    assert [tuple(x.shape) for x in found.values()] == [(1, 64, 16, 16), (1, 64, 8, 8)]
    assert (found["relu1_1"] >= 0).all()


def test_squeezenet_input_is_caffes() -> None:
    network = squeezenet_features()
    seen: list[Tensor] = []
    network.features[0].register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    red = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 32, 32)
    assert network(red).keys() == SQUEEZENET_LAYERS.keys()
    assert seen[0][0, :, 0, 0].tolist() == [127.5 - 104, 0.0 - 117, 255.0 - 123]


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"features.0.weight": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="neither VGG-19 nor SqueezeNet"):
        load_feature_network(path)


@pytest.mark.skipif(not SQUEEZENET.exists() or not FACES.exists(), reason="the shared weights are not here")
def test_blurred_faces_differ_more_the_more_they_are_blurred() -> None:
    face = cv2.imread(str(next(FACES.glob("real-*"))))[::2, ::2, ::-1]
    loss = PerceptualLoss(load_feature_network(SQUEEZENET))
    truth = to_tensor(face)
    distances = [
        loss(to_tensor(cv2.GaussianBlur(face, (0, 0), sigma)), truth)["perceptual"].item()
        for sigma in (0.5, 1, 2, 4)
    ]
    assert 0 < distances[0] < distances[1] < distances[2] < distances[3]
    assert loss(truth, truth)["perceptual"].item() == 0
