"""The clean and the bilinear network are one network in two notations."""

import pytest
import torch

from core.networks.convert import bilinear_to_clean, clean_to_bilinear
from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from core.networks.variants import VariantName

SMALL = {"size": 64, "style_dim": 32, "channel_multiplier": 1, "narrow": 0.125, "num_mlp": 3}


def awaken(network: torch.nn.Module) -> None:
    """Give biases and noise strengths, which start at zero, values that a wrong factor would show in."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))


def small(variant: VariantName, **options: bool) -> GFPGAN:
    network = GFPGAN(variant, **SMALL, **options).eval()  # type: ignore[arg-type]
    awaken(network)
    return network


@pytest.mark.parametrize("input_is_latent", [True, False])
def test_bilinear_to_clean_gives_the_same_image(input_is_latent: bool) -> None:
    bilinear = small("bilinear", input_is_latent=input_is_latent)
    clean = small("clean", input_is_latent=input_is_latent)
    clean.load_state_dict(bilinear_to_clean(bilinear.state_dict()))
    image = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        want, want_pyramid = bilinear(image, return_rgb=True)
        got, got_pyramid = clean(image, return_rgb=True)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-4 * float(want.std()))
    for got_rgb, want_rgb in zip(got_pyramid, want_pyramid, strict=True):
        torch.testing.assert_close(got_rgb, want_rgb, rtol=0, atol=1e-4 * float(want_rgb.std()))


def test_clean_to_bilinear_gives_the_same_image() -> None:
    clean, bilinear = small("clean"), small("bilinear")
    bilinear.load_state_dict(clean_to_bilinear(clean.state_dict()))
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        want, got = clean(image), bilinear(image)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-4 * float(want.std()))


@pytest.mark.parametrize("sft_half", [True, False])
@pytest.mark.parametrize("different_w", [True, False])
def test_the_way_there_and_back_changes_nothing(sft_half: bool, different_w: bool) -> None:
    state = small("clean", sft_half=sft_half, different_w=different_w).state_dict()
    back = bilinear_to_clean(clean_to_bilinear(state))
    assert back.keys() == state.keys()
    for key, value in state.items():
        torch.testing.assert_close(back[key], value, rtol=2e-7, atol=0)


def test_the_mapping_networks_learning_rate_multiplier_is_part_of_the_scale() -> None:
    bilinear = StyleGAN2Generator("bilinear", **SMALL, lr_mlp=0.5)  # type: ignore[arg-type]
    clean = StyleGAN2Generator("clean", **SMALL)  # type: ignore[arg-type]
    awaken(bilinear)
    clean.load_state_dict(bilinear_to_clean(bilinear.state_dict(), lr_mlp=0.5))
    z = torch.randn(2, 32)
    with torch.inference_mode():
        want, got = bilinear(z), clean(z)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-4 * float(want.std()))


def test_a_strange_key_is_named() -> None:
    with pytest.raises(ValueError, match=r"no bilinear network has an entry 'fc5\.weight'"):
        bilinear_to_clean({"fc5.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match=r"no clean network has an entry 'conv_body_first\.0\.weight'"):
        clean_to_bilinear({"conv_body_first.0.weight": torch.zeros(1, 1, 1, 1)})


def test_both_start_from_the_same_distribution() -> None:
    """A clean network trained from scratch starts where the equalized one does, only written differently."""
    clean = GFPGAN("clean", **SMALL).state_dict()  # type: ignore[arg-type]
    converted = bilinear_to_clean(GFPGAN("bilinear", **SMALL).state_dict())  # type: ignore[arg-type]
    for key, value in clean.items():
        if value.numel() > 1000:
            assert float(value.std()) == pytest.approx(float(converted[key].std()), rel=0.15), key
