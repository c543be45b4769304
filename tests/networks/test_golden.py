"""The networks return what the published ones return, under the same deterministic parameters."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from deterministic import fill_, smooth_image
from torch import Tensor, nn

from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator

GOLDEN = Path(__file__).parents[1] / "golden"
pytestmark = pytest.mark.usefixtures("free_memory")
SHAPES = json.loads((GOLDEN / "state_dict_shapes.json").read_text())

BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "gfpgan_clean_cm2": lambda: GFPGAN("clean"),
    "gfpgan_original_cm1": lambda: GFPGAN("original", channel_multiplier=1),
    "gfpgan_bilinear_cm2": lambda: GFPGAN("bilinear"),
    "stylegan2_512_cm1": lambda: StyleGAN2Generator("original", channel_multiplier=1),
    "discriminator_512_cm1": lambda: StyleGAN2Discriminator(512, channel_multiplier=1),
    "component_discriminator": FacialComponentDiscriminator,
    "arcface_resnet18": ArcFace,
}


def deterministic(name: str) -> nn.Module:
    equalized = name not in ("gfpgan_clean_cm2", "arcface_resnet18")
    return fill_(BUILDERS[name](), seed=7, equalized=equalized)


def assert_close(name: str, key: str, got: Tensor) -> None:
    want = np.load(GOLDEN / f"{name}.npz")[key]
    assert got.shape == want.shape
    error = np.abs(got.numpy() - want).max() / want.std()
    assert error < 1e-4


@pytest.mark.parametrize("name", BUILDERS)
def test_keys_and_shapes_are_the_published_ones(name: str) -> None:
    state = BUILDERS[name]().state_dict()
    assert {key: list(value.shape) for key, value in state.items()} == SHAPES[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gfpgan_clean_cm2", "gfpgan_original_cm1", "gfpgan_bilinear_cm2"])
def test_gfpgan(name: str) -> None:
    with torch.inference_mode():
        restored, pyramid = deterministic(name)(smooth_image(7, 512), return_rgb=True)
    assert_close(name, "y", restored[0, :, ::4, ::4])
    assert_close(name, "rgb0", pyramid[0][0])
    assert_close(name, "rgb3", pyramid[3][0])
    assert len(pyramid) == np.load(GOLDEN / f"{name}.npz")["nrgb"]


@pytest.mark.slow
def test_stylegan2() -> None:
    z = torch.from_numpy(np.random.RandomState(7).standard_normal((1, 512)).astype(np.float32))
    with torch.inference_mode():
        image = deterministic("stylegan2_512_cm1")(z)
    assert_close("stylegan2_512_cm1", "y", image[0, :, ::4, ::4])


@pytest.mark.slow
def test_discriminator() -> None:
    with torch.inference_mode():
        logits = deterministic("discriminator_512_cm1")(smooth_image(7, 512, 2))
    assert_close("discriminator_512_cm1", "y", logits)


def test_component_discriminator() -> None:
    network = deterministic("component_discriminator")
    assert isinstance(network, FacialComponentDiscriminator)
    patch = smooth_image(7, 80, 2)
    with torch.inference_mode():
        logits, features = network.logits_and_features(patch)
        assert torch.equal(network(patch), logits)
    assert_close("component_discriminator", "y", logits)
    assert_close("component_discriminator", "feat0", features[0][:, :8])
    assert_close("component_discriminator", "feat1", features[1][:, :8])


def test_arcface() -> None:
    grey = smooth_image(7, 128, 2).mean(1, keepdim=True)
    with torch.inference_mode():
        embedding = deterministic("arcface_resnet18")(grey)
    assert_close("arcface_resnet18", "y", embedding)
