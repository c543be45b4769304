"""From a configuration to networks and losses: bases, priors, discriminators, and what is missing."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.errors import ModelError
from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.loading import load_network, save_network
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.build import (
    build_criteria,
    new_component_discriminators,
    new_discriminator,
    new_origin,
    rebuilt_origin,
)
from trainer.card import Card
from trainer.config import ConfigError, TrainConfig
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator
from trainer.export import export
from trainer.losses.component import COMPONENTS
from trainer.losses.features import squeezenet_features
from trainer.missing import missing_networks
from trainer.resolving import resolve

pytestmark = pytest.mark.usefixtures("seeded")

SMALL: dict[str, Any] = {"size": 16, "style_dim": 16, "channel_multiplier": 1, "narrow": 0.06, "num_mlp": 2}
CARD = Card(name="anna", run_id="1", preset="quick", steps=1, faces=1, photos=1, data="faces")


def config(*, losses: dict[str, Any] | None = None, **network: Any) -> TrainConfig:
    discriminators = {"channel_multiplier": 1, "narrow": 0.06}
    return resolve({"network": SMALL | network, "losses": losses or {}, "discriminators": discriminators})


def trained(network: nn.Module) -> nn.Module:
    """As after some training: no bias or strength of noise is zero."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


def saved(network: nn.Module, path: Path, **metadata: Any) -> str:
    save_network(trained(network), path, metadata)
    return str(path)


def prior(path: Path, **changes: Any) -> str:
    return saved(StyleGAN2Generator("bilinear", **(SMALL | changes)), path, licence="CC0")


def images(network: nn.Module) -> Tensor:
    with torch.no_grad():
        return network(torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1)


def restored_by(path: str | Path) -> Tensor:
    return images(load_network(path, expect="restorer").module)


@pytest.mark.parametrize("input_is_latent", [True, False])
def test_a_clean_base_is_trained_as_bilinear_and_becomes_clean_again(
    tmp_path: Path, input_is_latent: bool
) -> None:
    base = saved(GFPGAN("clean", **SMALL, input_is_latent=input_is_latent), tmp_path / "base.safetensors")
    begun = new_origin(config(base=base))
    assert (begun.network.hyperparameters["variant"], begun.was_clean) == ("bilinear", True)
    torch.testing.assert_close(images(begun.network), restored_by(base), rtol=0, atol=1e-4)
    path = export(begun.network, tmp_path / "run", CARD, was_clean=begun.was_clean)
    assert load_network(path).module.hyperparameters["variant"] == "clean"
    torch.testing.assert_close(restored_by(path), restored_by(base), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("variant", "train_as"), [("clean", "clean"), ("bilinear", "bilinear"), ("original", "bilinear")]
)
def test_another_base_is_trained_as_it_is(tmp_path: Path, variant: Any, train_as: str) -> None:
    base = saved(GFPGAN(variant, **SMALL, sft_half=False), tmp_path / "base.safetensors", licence="CC-BY")
    # The base's sizes count, not the configuration's.
    begun = new_origin(config(base=base, train_as=train_as, size=64, sft_half=True))
    assert begun.network.hyperparameters["variant"] == variant
    assert (begun.base, begun.licence, begun.was_clean) == ("base", "CC-BY", False)
    assert begun.network.training
    assert all(p.requires_grad for p in begun.network.parameters())
    torch.testing.assert_close(images(begun.network), restored_by(base), rtol=0, atol=0)


def test_a_clean_base_can_grow(tmp_path: Path) -> None:
    base = saved(GFPGAN("clean", **SMALL), tmp_path / "base.safetensors")
    begun = new_origin(config(base=base, grow=True, narrow=2 * SMALL["narrow"]))
    assert begun.was_clean
    assert begun.network.hyperparameters["narrow"] == 2 * SMALL["narrow"]
    torch.testing.assert_close(images(begun.network), restored_by(base), rtol=0, atol=1e-4)
    with pytest.raises(ConfigError, match=r"network.grow: narrow is .*; correct network\.\*"):
        new_origin(config(base=base, grow=True, narrow=SMALL["narrow"] / 2))
    with pytest.raises(ConfigError, match="frozen prior gains learns nothing"):
        new_origin(config(base=base, grow=True, freeze_prior=True))
    with pytest.raises(ConfigError, match="nothing to grow without"):
        new_origin(config(grow=True))


def test_no_base_is_a_new_network(tmp_path: Path) -> None:
    begun = new_origin(config(different_w=False, spatial_modulation=False))
    assert begun.record() == {
        "hyperparameters": {
            **SMALL,
            "variant": "bilinear",
            "lr_mlp": 0.01,
            "sft_half": True,
            "different_w": False,
            "input_is_latent": True,
            "spatial_modulation": False,
        },
        "base": None,
        "licence": None,
        "was_clean": False,
    }
    assert begun.network.training
    assert all(p.requires_grad for p in begun.network.parameters())


@pytest.mark.parametrize("freeze", [False, True])
def test_a_prior_becomes_the_decoder(tmp_path: Path, freeze: bool) -> None:
    path = prior(tmp_path / "prior.safetensors")
    begun = new_origin(config(prior=path, freeze_prior=freeze))
    decoder = begun.network.stylegan_decoder
    torch.testing.assert_close(
        dict(decoder.state_dict()), dict(load_network(path).module.state_dict()), rtol=0, atol=0
    )
    assert (begun.base, begun.licence, begun.was_clean) == ("prior.safetensors", "CC0", False)
    for name, parameter in begun.network.named_parameters():
        assert parameter.requires_grad == (not freeze or not name.startswith("stylegan_decoder."))


def test_a_prior_is_found_in_the_models_folder(own_models_folder: Path) -> None:
    path = prior(own_models_folder / "prior.safetensors")
    assert new_origin(config(prior="prior.safetensors")).base == Path(path).name


def test_a_prior_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = prior(tmp_path / "prior.safetensors", style_dim=8, num_mlp=3)
    with pytest.raises(ConfigError, match=r"style_dim is 8, not 16; num_mlp is 3, not 2. Set network"):
        new_origin(config(prior=path))


def test_a_random_prior_is_not_frozen() -> None:
    with pytest.raises(ConfigError, match=r"cannot be frozen: set network.prior or freeze_prior=false"):
        new_origin(config(freeze_prior=True))


@pytest.mark.parametrize("trains", ["restorer", "prior"])
@pytest.mark.parametrize("changes", [{"size": 100}, {"narrow": 1e-6}])
def test_sizes_that_make_no_network_are_said(trains: str, changes: dict[str, Any]) -> None:
    settings = resolve({"trains": trains, "network": SMALL | changes})
    with pytest.raises(ConfigError, match=r"^network: .*; correct this setting\.$"):
        new_origin(settings)


def test_files_that_are_not_there_are_said(own_models_folder: Path) -> None:
    for key in ("prior", "base"):
        with pytest.raises(ModelError, match=r"^[Tt]here is no .*nothing\.pth.*\.$"):
            new_origin(config(**{key: "nothing.pth"}))
    for name in ("whole", "mouth"):
        settings = resolve({"discriminators": {name: "nothing.pth", "narrow": 0.06}})
        with pytest.raises(ModelError, match=r"^[Tt]here is no .*nothing\.pth.*\.$"):
            (new_discriminator(settings, 16), new_component_discriminators(settings))


def test_discriminators_come_from_files(tmp_path: Path) -> None:
    published = {"whole": StyleGAN2Discriminator(16, 1, 0.06)}
    published |= {name: FacialComponentDiscriminator() for name in COMPONENTS}
    for name, network in published.items():
        torch.save({"params": trained(network).half().state_dict()}, tmp_path / f"{name}.pth")
    files = {name: str(tmp_path / f"{name}.pth") for name in published}
    settings = resolve({"discriminators": files | {"channel_multiplier": 1, "narrow": 0.06}})
    found = {"whole": new_discriminator(settings, 16), **new_component_discriminators(settings)}
    assert list(found) == ["whole", *COMPONENTS]
    for name, network in published.items():
        torch.testing.assert_close(
            dict(found[name].state_dict()), dict(network.float().state_dict()), rtol=0, atol=0
        )
    with pytest.raises(ModelError, match=r"'whole\.pth' holds no discriminator of this size; set discriminators"):
        new_discriminator(settings, 32)


def test_a_discriminator_is_as_wide_as_its_generator_unless_told() -> None:
    def widths(narrow: float) -> list[int]:
        network = new_discriminator(resolve({"discriminators": {"narrow": narrow}}), 16, 0.25)
        return [int(p.shape[0]) for p in network.parameters()]

    assert widths(0) == widths(0.25) != widths(0.125)


def test_a_discriminator_that_there_cannot_be_is_said() -> None:
    with pytest.raises(ConfigError, match=r"^discriminators: .*; correct this setting\.$"):
        new_discriminator(resolve({"discriminators": {"narrow": 1e-6}}), 16)


MISSING = {
    "perceptual": ("vgg19-dcbb9e9d.pth", {"identity": 0}, "textures come out softer or noisier"),
    "identity": ("arcface_resnet18.pth", {"perceptual": 0}, "faces drift further from the person"),
}


@pytest.mark.parametrize("term", MISSING)
def test_a_loss_network_that_is_missing_stops_the_run(term: str) -> None:
    file, losses, cost = MISSING[term]
    with pytest.raises(ModelError) as caught:
        build_criteria(config(losses=losses).losses)
    for words in (f"The {term} loss needs losses.{term}_network", file, "--allow-missing", cost):
        assert words in str(caught.value)


def test_allowed_to_be_missing_they_are_off_and_said() -> None:
    losses = config(losses={"allow_missing": True, "style": 50}).losses
    criteria = build_criteria(losses)
    assert [each.sentence for each in missing_networks(losses)] == list(criteria.off)
    assert (criteria.perceptual, criteria.identity, criteria.features, criteria.embedding) == (None,) * 4
    assert criteria.terms == ["l1", "pyramid", "adversarial", "component"]
    for sentence, (term, (file, _, cost)) in zip(criteria.off, MISSING.items(), strict=True):
        assert sentence.startswith(f"The {term} loss is off, so {cost}: ")
        assert file in sentence


@pytest.mark.slow
def test_every_loss_with_its_weights(tmp_path: Path) -> None:
    saved(squeezenet_features(), tmp_path / "squeezenet.safetensors")
    saved(ArcFace((1, 1, 1, 1)), tmp_path / "arcface.safetensors")
    losses = {
        "l1": 0.2,
        "pyramid": 0.3,
        "pyramid_drop": 5,
        "perceptual": 0.4,
        "style": 0.5,
        "lpips": 0.05,
        "perceptual_network": str(tmp_path / "squeezenet.safetensors"),
        "perceptual_layers": {"4": 2.0},
        "adversarial": 0.6,
        "r1": 0.7,
        "r1_every": 3,
        "component": 0.8,
        "component_style": 0.9,
        "identity": 1.1,
        "identity_network": str(tmp_path / "arcface.safetensors"),
        "identity_distance": "cosine",
    }
    criteria = build_criteria(config(losses=losses).losses)
    assert criteria.terms == [
        "l1",
        "pyramid",
        "perceptual",
        "style",
        "lpips",
        "adversarial",
        "component",
        "identity",
    ]
    assert criteria.off == ()
    pyramid, perceptual, identity = criteria.pyramid, criteria.perceptual, criteria.identity
    assert perceptual is not None
    assert identity is not None
    assert (criteria.l1.weight, pyramid.weight, pyramid.drop_after) == (0.2, 0.3, 5)
    assert (perceptual.weight, perceptual.style_weight, perceptual.lpips_weight) == (0.4, 0.5, 0.05)
    assert perceptual.network.layers == {"4": 2.0}
    assert (criteria.adversarial.weight, criteria.r1.weight, criteria.r1.every) == (0.6, 0.7, 3)
    assert (criteria.component.weight, criteria.component.style_weight) == (0.8, 0.9)
    assert (identity.weight, identity.distance) == (1.1, "cosine")
    assert criteria.features is perceptual.network
    assert criteria.embedding is identity.embed
    with pytest.raises(ConfigError, match=r"perceptual_layers: there is no layer conv1_2"):
        build_criteria(config(losses=losses | {"perceptual_layers": {"conv1_2": 1.0}}).losses)


def test_what_is_off_needs_no_network() -> None:
    assert missing_networks(config(losses={"perceptual": 0, "identity": 0}).losses) == []
    criteria = build_criteria(config(losses={"perceptual": 0, "identity": 0, "pyramid": 0}).losses)
    assert criteria.terms == ["l1", "adversarial", "component"]
    assert criteria.pyramid.drop_after is None
    assert criteria.off == ()


@pytest.mark.parametrize("trains", ["restorer", "prior"])
def test_a_record_is_enough_to_go_on(tmp_path: Path, trains: str) -> None:
    base = tmp_path / "base.safetensors"
    settings = {"trains": trains, "network": {**SMALL, "variant": "original"}}
    if trains == "restorer":
        saved(GFPGAN("clean", **SMALL, different_w=False, lr_mlp=0.5), base, licence="CC0")
        settings["network"] = {"base": str(base), "freeze_prior": True}
    begun = new_origin(resolve(settings))
    base.unlink(missing_ok=True)
    again = rebuilt_origin(begun.record(), resolve(settings))
    assert again.record() == begun.record()
    again.network.load_state_dict(begun.network.state_dict())
    assert type(again.network) is type(begun.network)
    assert again.network.training
    flags = [{name: p.requires_grad for name, p in b.network.named_parameters()} for b in (begun, again)]
    assert flags[0] == flags[1]
