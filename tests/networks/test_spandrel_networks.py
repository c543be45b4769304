"""Networks of other families: recognised by their keys, run as their authors run them."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.devices import openvino_devices
from core.engines.engine import Target
from core.engines.opening import open_network
from core.errors import ModelError
from core.networks import spandrel_networks
from core.networks.inference import for_inference
from core.networks.loading import describe_weights, load_network, save_network

PYTORCH = Target("pytorch", "cpu")
OPENVINO = Target("openvino", "CPU")


def compact(channels: int = 3, scale: int = 4) -> nn.Module:
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(1)
    return Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=2, upscale=scale)


def published_esrgan(channels: int = 3, features: int = 8) -> dict[str, Tensor]:
    """The keys of RealESRGAN_x4plus.pth (3 channels) and RealESRGAN_x2plus.pth (12), smaller and of two blocks."""
    grow, shapes = 32, {"conv_first": (features, channels), "conv_last": (3, features)}
    shapes |= dict.fromkeys(("conv_body", "conv_up1", "conv_up2", "conv_hr"), (features, features))
    for block in range(2):
        for dense in (1, 2, 3):
            for conv in range(1, 6):
                out = features if conv == 5 else grow
                shapes[f"body.{block}.rdb{dense}.conv{conv}"] = (out, features + (conv - 1) * grow)
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, (out, into) in shapes.items():
        state[f"{name}.weight"] = torch.randn(out, into, 3, 3, generator=generator) * 0.05
        state[f"{name}.bias"] = torch.zeros(out)
    return state


def restoreformer() -> nn.Module:
    from spandrel.architectures.RestoreFormer import RestoreFormer

    torch.manual_seed(2)
    return RestoreFormer(n_embed=8, embed_dim=16, ch=32, ch_mult=(1,) * 6, num_res_blocks=1, z_channels=16)


@pytest.fixture(scope="module")
def codeformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of CodeFormer with fewer layers in its transformer and one fusion."""
    extra = pytest.importorskip("spandrel_extra_arches.architectures.CodeFormer")
    torch.manual_seed(3)
    network = extra.CodeFormer(n_layers=1, connect_list=["32"])
    path = tmp_path_factory.mktemp("codeformer") / "codeformer.safetensors"
    save_network(network.state_dict(), path, dtype=torch.float16)
    return path


def crop() -> Tensor:
    """(1, 3, 512, 512) in [-1, 1]."""
    coarse = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(4)) * 2 - 1
    return nn.functional.interpolate(coarse, 512, mode="bicubic").clamp(-1, 1)


@pytest.mark.parametrize("wrapper", [None, "params", "params_ema"])
def test_super_resolution_is_recognised_in_any_wrapper(tmp_path: Path, wrapper: str | None) -> None:
    state = {key: value.half() for key, value in compact().state_dict().items()}
    torch.save(state if wrapper is None else {wrapper: state}, tmp_path / "x.pth")
    found = describe_weights(tmp_path / "x.pth")
    assert found.kind == "upscaler"
    assert "RealESRGAN Compact, enlarges 4 times" in found.description
    assert found.licence == ""


@pytest.mark.parametrize(("channels", "scale"), [(3, 4), (12, 2)])
def test_real_esrgan_is_recognised_by_its_published_keys(tmp_path: Path, channels: int, scale: int) -> None:
    torch.save({"params_ema": published_esrgan(channels)}, tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth", expect="upscaler")
    assert f"ESRGAN, enlarges {scale} times" in loaded.description
    ready = for_inference(loaded, 32)
    assert (ready.size, ready.channels, ready.scale) == (32, 3, scale)
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        output = ready.module(images)
    assert output.shape == (2, 3, 32 * scale, 32 * scale)
    assert output.min() >= 0
    assert output.max() <= 1


def test_large_networks_see_smaller_pictures(tmp_path: Path) -> None:
    save_network(compact(), tmp_path / "small.safetensors")
    save_network(published_esrgan(features=192), tmp_path / "large.safetensors")
    small, large = (for_inference(load_network(tmp_path / f"{name}.safetensors")) for name in ("small", "large"))
    assert (small.size, large.size) == (512, 256)


def test_a_network_for_grey_pictures_sees_each_channel(tmp_path: Path) -> None:
    grey = compact(channels=1, scale=2)
    save_network(grey.state_dict(), tmp_path / "grey.safetensors")
    module = load_network(tmp_path / "grey.safetensors", expect="upscaler").module
    images = torch.rand(2, 3, 24, 24)
    with torch.inference_mode():
        expected = torch.cat([grey(images[:, i : i + 1]) for i in range(3)], dim=1).clamp(0, 1)
        torch.testing.assert_close(module(images), expected)


@pytest.mark.skipif(not openvino_devices(), reason="needs OpenVINO")
def test_engines_enlarge_alike(tmp_path: Path) -> None:
    save_network(compact().state_dict(), tmp_path / "x.safetensors")
    images = np.random.default_rng(0).random((1, 3, 64, 64), np.float32)
    opened = [
        open_network(tmp_path / "x.safetensors", "upscaler", target, size=64) for target in (PYTORCH, OPENVINO)
    ]
    assert [(each.facts.size, each.facts.scale) for each in opened] == [(64, 4), (64, 4)]
    theirs, ours = (each.engine.run(images) for each in opened)
    assert theirs.shape == (1, 3, 256, 256)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_converted_network_is_found_again_with_its_facts(tmp_path: Path) -> None:
    save_network(compact(scale=2).state_dict(), tmp_path / "x.safetensors")
    first, again = (open_network(tmp_path / "x.safetensors", "upscaler", OPENVINO, size=64) for _ in range(2))
    assert first.facts == again.facts
    other = open_network(tmp_path / "x.safetensors", "upscaler", OPENVINO, size=128)
    assert (again.engine.size, other.engine.size) == (64, 128)


def test_restoreformer_gives_what_spandrel_gives(tmp_path: Path) -> None:
    import spandrel

    network, images = restoreformer(), crop()
    torch.save({"params": network.state_dict()}, tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth", expect="restorer")
    ready = for_inference(loaded)
    assert (ready.size, ready.channels, loaded.licence) == (512, 3, "")
    theirs = spandrel.ModelLoader().load_from_state_dict(network.state_dict())
    with torch.inference_mode():
        ours = (ready.module(images) + 1) / 2
        torch.testing.assert_close(ours.clamp(0, 1), theirs((images + 1) / 2), atol=1e-4, rtol=0)


@pytest.mark.slow
def test_codeformer_gives_what_its_own_class_gives(codeformer: Path) -> None:
    loaded = load_network(codeformer, expect="restorer")
    assert "non-commercial" in loaded.licence
    ready = for_inference(loaded)
    assert (ready.size, ready.channels) == (512, 4)
    images = crop()
    with torch.inference_mode():
        expected = ready.module.network(images, weight=1.0)[0]
        found = ready.module(torch.cat([images, torch.ones(1, 1, 512, 512)], dim=1))
    torch.testing.assert_close(found, expected)


class Fusing(nn.Module):
    """Does with its weight what CodeFormer does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor, weight: float | Tensor = 0.5) -> tuple[Tensor, Tensor]:
        out = x + weight * self.conv(x) if weight > 0 else x
        return out, x


@pytest.mark.skipif(not openvino_devices(), reason="needs OpenVINO")
def test_a_converted_network_still_takes_any_fidelity() -> None:
    from core.engines.openvino import OpenVINOEngine, convert

    module = spandrel_networks.CodeFormerRestorer(Fusing())
    engine = OpenVINOEngine(convert(module, (1, 4, 16, 16)), OPENVINO, 16)
    images = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 16)).astype(np.float32)
    for fidelity in (0.0, 0.3, 1.0):
        with torch.inference_mode():
            expected = module.network(torch.from_numpy(images), weight=fidelity)[0].numpy()
        found = engine.run(np.insert(images, 3, np.float32(fidelity), axis=1))
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_codeformer_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("position_emb", "idx_pred_layer.1.weight", "quantize.embedding.weight")
    more = ("ft_layers.0.self_attn.in_proj_weight", "encoder.blocks.0.weight")
    torch.save(dict.fromkeys((*keys, *more), torch.zeros(2, 2)), tmp_path / "codeformer.pth")
    monkeypatch.setattr(
        spandrel_networks, "find_spec", lambda name: None if name == "spandrel_extra_arches" else find_spec(name)
    )
    monkeypatch.setattr(spandrel_networks, "_registry", partial(spandrel_networks._registry.__wrapped__))
    with pytest.raises(
        ModelError, match=r"is CodeFormer \(.*non-commercial.*\): install the package spandrel_extra"
    ):
        load_network(tmp_path / "codeformer.pth")


def test_what_is_no_use_here_is_refused_in_a_sentence(tmp_path: Path) -> None:
    save_network(compact(scale=1).state_dict(), tmp_path / "denoiser.safetensors")
    with pytest.raises(ModelError, match=r"'denoiser.safetensors' is .*, which does not enlarge pictures; choose"):
        load_network(tmp_path / "denoiser.safetensors")
    save_network(compact(channels=4).state_dict(), tmp_path / "four.safetensors")
    with pytest.raises(ModelError, match=r"works on 4 channels"):
        load_network(tmp_path / "four.safetensors")
    with pytest.raises(ModelError, match=r"is a super-resolution network; a face restorer was expected"):
        load_network(tmp_path / "four.safetensors", expect="restorer")


def test_a_part_that_is_missing_or_too_many_is_said(tmp_path: Path) -> None:
    for change in ({"body.2.weight": None}, {"body.2.weight": torch.zeros(3, 3)}, {"strange": torch.zeros(1)}):
        state = {key: value for key, value in (compact().state_dict() | change).items() if value is not None}
        save_network(state, tmp_path / "x.safetensors")
        with pytest.raises(ModelError, match="looks like a super-resolution network, but parts are missing"):
            load_network(tmp_path / "x.safetensors")
    state = compact().state_dict()
    state["body.0.bias"][0] = torch.nan
    save_network(state, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="not numbers"):
        load_network(tmp_path / "x.safetensors")
