"""Every setting of the networks runs, and does what its name says."""

import itertools

import pytest
import torch

from core.engines.pytorch import to_channels_last
from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.resampling import FIRUpsample, resample_bilinear
from core.networks.stylegan2 import StyleConv, StyleGAN2Generator
from core.networks.variants import VARIANTS, ModulatedConv2d, ResBlock, channels_at, get_variant
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator, minibatch_stddev

TINY = {"style_dim": 16, "channel_multiplier": 1, "narrow": 0.0625, "num_mlp": 2}
FLAGS = list(itertools.product(VARIANTS, [True, False], [True, False], [True, False]))


def picture(size: int, batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, 3, size, size) * 2 - 1


@pytest.mark.parametrize(("variant", "sft_half", "different_w", "input_is_latent"), FLAGS)
def test_every_combination_of_settings_runs(
    variant: str, sft_half: bool, different_w: bool, input_is_latent: bool
) -> None:
    network = GFPGAN(
        get_variant(variant),
        16,
        **TINY,
        sft_half=sft_half,
        different_w=different_w,
        input_is_latent=input_is_latent,
    )
    restored, pyramid = network(picture(16, 2), return_rgb=True)
    assert restored.shape == (2, 3, 16, 16)
    assert [image.shape[-1] for image in pyramid] == [8, 16]
    restored.mean().backward()
    assert all(p.grad is not None for p in network.final_linear.parameters())


@pytest.mark.parametrize("variant", VARIANTS)
def test_features_keep_their_channels_last(variant: str) -> None:
    network = to_channels_last(GFPGAN(get_variant(variant), 64, **TINY))
    seen = {}
    for name, module in network.named_modules():
        if isinstance(module, StyleConv | ResBlock):
            module.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
    network(picture(64, 2).contiguous(memory_format=torch.channels_last))
    assert len(seen) > 15
    turned = [name for name, x in seen.items() if not x.is_contiguous(memory_format=torch.channels_last)]
    assert turned == []


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_size_runs(variant: str, size: int) -> None:
    network = GFPGAN(get_variant(variant), size, **TINY).eval()
    with torch.inference_mode():
        assert network(picture(size)).shape == (1, 3, size, size)


@pytest.mark.parametrize("narrow", [0.1, 0.07, 0.3])
@pytest.mark.parametrize("channel_multiplier", [0.5, 1, 2, 3])
@pytest.mark.parametrize("sft_half", [True, False])
def test_widths_that_do_not_divide_evenly_run(narrow: float, channel_multiplier: float, sft_half: bool) -> None:
    options = {**TINY, "narrow": narrow, "channel_multiplier": channel_multiplier}
    network = GFPGAN("clean", 64, **options, sft_half=sft_half).eval()
    with torch.inference_mode():
        assert network(picture(64)).shape == (1, 3, 64, 64)


@pytest.mark.parametrize("size", [0, 4, 12, 500])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        GFPGAN("clean", size, **TINY)


def test_other_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown variant 'cleen'"):
        GFPGAN("cleen", 16, **TINY)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="leaves no channels at 4 px"):
        GFPGAN("clean", 16, narrow=0.001)


def test_channels_follow_stylegan2() -> None:
    assert [channels_at(size, 2, 1) for size in (4, 32, 64, 128, 256, 512, 1024)] == [
        512,
        512,
        512,
        256,
        128,
        64,
        32,
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_restoration_repeats_itself_and_fresh_noise_follows_its_seed(variant: str) -> None:
    network = GFPGAN(get_variant(variant), 16, **TINY).eval()
    with torch.no_grad():
        network.stylegan_decoder.style_conv1.weight.fill_(1)
    image = picture(16)
    with torch.inference_mode():
        stored, again = network(image), network(image)
        seeded = [network(image, noise=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
        buffers = [
            network.stylegan_decoder.noises.get_buffer(f"noise{i}")
            for i in range(network.stylegan_decoder.num_latents - 1)
        ]
        given = network(image, noise=buffers)
    assert torch.equal(stored, again)
    assert torch.equal(stored, given)
    assert torch.equal(seeded[0], seeded[1])
    assert not torch.equal(seeded[0], seeded[2])
    assert not torch.equal(seeded[0], stored)


def test_a_batch_is_restored_like_its_single_crops() -> None:
    network = GFPGAN("clean", 32, **TINY).eval()
    images = picture(32, 3)
    with torch.inference_mode():
        together = network(images)
        alone = torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-4 * float(alone.std()))


def test_channels_split_modulation_leaves_the_first_half_to_the_prior() -> None:
    decoder = StyleGAN2Generator("clean", 8, **TINY).eval()
    features = channels_at(8, 1, TINY["narrow"])
    w = torch.randn(1, 16)
    one, zero = torch.ones(1, features // 2, 8, 8), torch.zeros(1, features // 2, 8, 8)
    with torch.inference_mode():
        plain = decoder(w, input_is_latent=True)
        assert torch.equal(decoder(w, input_is_latent=True, conditions=[(one, zero)]), plain)
        assert not torch.equal(decoder(w, input_is_latent=True, conditions=[(zero, zero)]), plain)
        full = torch.ones(1, features, 8, 8)
        assert torch.equal(decoder(w, input_is_latent=True, conditions=[(full, 0 * full)]), plain)


def test_without_spatial_modulation_the_network_has_no_conditions() -> None:
    network = GFPGAN("clean", 16, **TINY, spatial_modulation=False).eval()
    assert not any(key.startswith("condition") for key in network.state_dict())
    with torch.inference_mode():
        assert network(picture(16)).shape == (1, 3, 16, 16)


@pytest.mark.parametrize("variant", VARIANTS)
def test_modulated_convolution_equals_one_with_weights_of_each_sample(variant: str) -> None:
    """StyleGAN2, equations 1 to 3, done literally."""
    layer = ModulatedConv2d(get_variant(variant), 6, 5, 3, 4)
    x, style = torch.randn(2, 6, 8, 8), torch.randn(2, 4)
    with torch.inference_mode():
        got = layer(x, style)
        scale = layer.scale or 1.0
        weight = layer.weight * scale * layer.modulation(style)[:, None, :, None, None]
        weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
        want = torch.cat([torch.conv2d(sample[None], w, padding=1) for sample, w in zip(x, weight, strict=True)])
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-5)


def test_styles_come_as_z_w_or_one_a_layer() -> None:
    generator = StyleGAN2Generator("original", 16, **TINY).eval()
    z = torch.randn(2, 16)
    with torch.inference_mode():
        from_z = generator(z)
        w = generator.style_mlp(z)
        from_w = generator(w, input_is_latent=True)
        from_w_plus = generator(generator.latents(w, input_is_latent=True), input_is_latent=True)
    assert torch.equal(from_z, from_w)
    assert torch.equal(from_z, from_w_plus)


def test_resampling_keeps_a_constant_picture() -> None:
    flat = torch.full((1, 2, 8, 8), 0.5)
    for mode in ("down", "up"):
        torch.testing.assert_close(resample_bilinear(flat, mode).unique(), torch.tensor([0.5]))
    up = FIRUpsample((1, 3, 3, 1))(flat)
    torch.testing.assert_close(up[..., 2:-2, 2:-2].unique(), torch.tensor([0.5]))


def test_halving_is_bilinear_interpolation() -> None:
    image = picture(16)
    want = torch.nn.functional.interpolate(image, scale_factor=0.5, mode="bilinear", align_corners=False)
    torch.testing.assert_close(resample_bilinear(image, "down"), want)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("variant", VARIANTS)
def test_half_precision_stays_close(variant: str, dtype: torch.dtype) -> None:
    network = GFPGAN(get_variant(variant), 16, **TINY).eval()
    image = picture(16)
    with torch.inference_mode():
        want = network(image)
        got = network.to(dtype)(image.to(dtype))
    assert got.dtype == dtype
    assert float((got - want).abs().max()) < 0.15 * float(want.std())


@pytest.mark.parametrize("use_se", [True, False])
def test_arcface_at_other_depths(use_se: bool) -> None:
    network = ArcFace((1, 1, 1, 1), use_se=use_se).eval()
    with torch.inference_mode():
        assert network(torch.rand(2, 1, 128, 128)).shape == (2, 512)


@pytest.mark.parametrize("size", [8, 16, 64])
@pytest.mark.parametrize("batch", [1, 3, 4, 6])
def test_discriminator_at_any_size_and_batch(size: int, batch: int) -> None:
    network = StyleGAN2Discriminator(size, channel_multiplier=1, narrow=0.0625)
    image = picture(size, batch).requires_grad_()
    logits = network(image)
    assert logits.shape == (batch, 1)
    # R1 differentiates this gradient once more.
    (gradient,) = torch.autograd.grad(logits.sum(), image, create_graph=True)
    gradient.square().sum().backward()
    assert network.conv_body[0][0].weight.grad.abs().sum() > 0


def test_minibatch_standard_deviation_sees_variety() -> None:
    same, varied = torch.ones(4, 2, 4, 4), torch.randn(4, 2, 4, 4)
    assert float(minibatch_stddev(same, 4).max()) < 1e-3
    assert minibatch_stddev(varied, 4).shape == (4, 1, 4, 4)
    want = torch.sqrt(varied.var(0, unbiased=False) + 1e-8).mean()
    torch.testing.assert_close(minibatch_stddev(varied, 4)[0, 0, 0, 0], want)


def test_component_discriminator_takes_any_patch() -> None:
    network = FacialComponentDiscriminator()
    assert network(picture(120)).shape == (1, 1, 30, 30)
    first, second = network.features(picture(40))
    assert (first.shape, second.shape) == ((1, 128, 20, 20), (1, 256, 10, 10))


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.filterwarnings("ignore")  # torch's own, while it traces
def test_networks_can_be_exported(variant: str) -> None:
    network = GFPGAN(get_variant(variant), 16, **TINY).eval().requires_grad_(False)
    image = picture(16)
    exported = torch.export.export(network, (image,)).module()
    torch.testing.assert_close(exported(image), network(image))
    traced = torch.jit.trace(network, image)
    torch.testing.assert_close(traced(image), network(image))
