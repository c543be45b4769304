"""From a configuration to the networks and losses that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from torch import nn

from core.errors import ModelError
from core.models import find_file, find_model, known_variants
from core.networks.convert import clean_to_bilinear
from core.networks.embedding import load_embedding
from core.networks.gfpgan import GFPGAN
from core.networks.loading import load_network
from core.networks.stylegan2 import StyleGAN2Generator
from core.networks.weights import read_state_dict
from trainer.config import ConfigError, Losses, Network, TrainConfig
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator
from trainer.growth import grown
from trainer.losses.adversarial import AdversarialLoss, R1Penalty
from trainer.losses.component import COMPONENTS, ComponentLoss
from trainer.losses.features import FeatureNetwork, load_feature_network
from trainer.losses.identity import IdentityLoss
from trainer.losses.perceptual import PerceptualLoss
from trainer.losses.reconstruction import L1Loss, PyramidLoss
from trainer.missing import IDENTITY_COST, PERCEPTUAL_COST, said_off

Module = TypeVar("Module", bound=nn.Module)


@dataclass(frozen=True)
class Origin:
    """What a run begins with: a network, in train mode, and where it comes from.

    base, licence  for the model card; None where it is new
    was_clean      it was converted from a clean network, and is to be converted back
    """

    network: GFPGAN | StyleGAN2Generator
    base: str | None = None
    licence: str | None = None
    was_clean: bool = False

    def record(self) -> dict[str, Any]:
        """What a checkpoint keeps, so that going on needs none of the files that the run began with."""
        return {
            "hyperparameters": dict(self.network.hyperparameters),
            "base": self.base,
            "licence": self.licence,
            "was_clean": self.was_clean,
        }


@dataclass(frozen=True)
class Criteria:
    """The generator's losses, and R1, the discriminator's regulariser.

    perceptual, identity  None where the term is off, or its network is missing and that is allowed
    features, embedding   the networks of these terms, which the evaluation uses too
    off                   a sentence on each term whose network is missing
    """

    l1: L1Loss
    pyramid: PyramidLoss
    adversarial: AdversarialLoss
    component: ComponentLoss
    r1: R1Penalty
    perceptual: PerceptualLoss | None = None
    identity: IdentityLoss | None = None
    features: FeatureNetwork | None = None
    embedding: nn.Module | None = None
    off: tuple[str, ...] = ()

    @property
    def terms(self) -> list[str]:
        """The names of the terms that are on."""
        weights = {
            "l1": self.l1.weight,
            "pyramid": self.pyramid.weight,
            "perceptual": self.perceptual.weight if self.perceptual else 0,
            "style": self.perceptual.style_weight if self.perceptual else 0,
            "lpips": self.perceptual.lpips_weight if self.perceptual else 0,
            "adversarial": self.adversarial.weight,
            "component": self.component.weight,
            "identity": self.identity.weight if self.identity else 0,
        }
        return [name for name, weight in weights.items() if weight]


def rebuilt_origin(record: dict[str, Any], config: TrainConfig) -> Origin:
    """That of a checkpoint's `Origin.record`, the network's parameters still at random."""
    kind = GFPGAN if config.trains == "restorer" else StyleGAN2Generator
    network: Any = kind(**record["hyperparameters"])
    return Origin(_ready(network, config.network), record["base"], record["licence"], record["was_clean"])


def new_origin(config: TrainConfig) -> Origin:
    """That of a new run, as `config` describes it. Raises ModelError or ConfigError."""
    if config.trains == "prior":
        return Origin(new_prior(config.network))
    return _restorer_origin(config.network)


def _restorer_origin(config: Network) -> Origin:
    """The GFP-GAN that `config` describes. Raises ModelError or ConfigError."""
    if not config.base:
        if config.grow:
            raise ConfigError("network.grow: there is nothing to grow without network.base.")
        network, title, licence = _with_prior(_new_restorer(config), config)
        return Origin(_ready(network, config), title, licence)
    file = find_model(None if config.base == "best" else config.base, "restorer")
    loaded = load_network(file.path, known_variants=known_variants(), expect="restorer")
    network = cast(GFPGAN, loaded.module)
    if config.grow:
        network = _grown(network, config)
    was_clean = network.hyperparameters["variant"] == "clean" and config.train_as == "bilinear"
    if was_clean:
        network = as_bilinear(network)
    licence = file.info.licence if file.info else loaded.metadata.get("licence")
    return Origin(_ready(network, config), file.title, licence, was_clean)


def _grown(network: GFPGAN, config: Network) -> GFPGAN:
    if config.freeze_prior:
        # New levels begin without influence, and would stay so.
        raise ConfigError("network.grow: what a frozen prior gains learns nothing; set freeze_prior=false.")
    try:
        return grown(network, size=config.size, channel_multiplier=config.channel_multiplier, narrow=config.narrow)
    except ValueError as error:
        raise ConfigError(f"network.grow: {error}; correct network.*.") from error


_RESTORER_OPTIONS = ("sft_half", "different_w", "input_is_latent", "spatial_modulation")


def _new_restorer(config: Network) -> GFPGAN:
    options: dict[str, Any] = {name: getattr(config, name) for name in _RESTORER_OPTIONS}
    try:
        return GFPGAN(*_sizes(config), **options)
    except ValueError as error:
        raise ConfigError(f"network: {error}; correct this setting.") from error


def _sizes(config: Network) -> tuple[Any, ...]:
    """The first arguments of GFPGAN and StyleGAN2Generator."""
    wide = (config.channel_multiplier, config.narrow)
    return config.variant, config.size, config.style_dim, *wide, config.num_mlp


def _with_prior(network: GFPGAN, config: Network) -> tuple[GFPGAN, str | None, str | None]:
    """The network with the prior's weights, and the prior's title and licence."""
    if config.prior:
        loaded = load_network(find_file(config.prior), variant=config.variant, expect="prior")
        ours, theirs = network.stylegan_decoder, cast(StyleGAN2Generator, loaded.module)
        if ours.hyperparameters != theirs.hyperparameters:
            differences = [
                f"{key} is {theirs.hyperparameters[key]}, not {value}"
                for key, value in ours.hyperparameters.items()
                if theirs.hyperparameters[key] != value
            ]
            raise ConfigError(
                f"The prior does not fit the network: {'; '.join(differences)}. Set network.* alike."
            )
        ours.load_state_dict(theirs.state_dict())
        return network, Path(config.prior).name, loaded.metadata.get("licence")
    if config.freeze_prior:
        raise ConfigError(
            "A prior that starts at random cannot be frozen: set network.prior or freeze_prior=false."
        )
    return network, None, None


def _ready(network: Any, config: Network) -> Any:
    network.train().requires_grad_(True)
    if isinstance(network, GFPGAN):
        network.stylegan_decoder.requires_grad_(not config.freeze_prior)
    return network


def as_bilinear(clean: GFPGAN) -> GFPGAN:
    """The equalized network that makes the same images as a clean one."""
    options: dict[str, Any] = {**clean.hyperparameters, "variant": "bilinear"}
    result = GFPGAN(**options)
    result.load_state_dict(clean_to_bilinear(clean.state_dict(), options["lr_mlp"]))
    return result


def new_prior(config: Network) -> StyleGAN2Generator:
    """The StyleGAN2 of preset `prior`, at random. Raises ConfigError."""
    try:
        return StyleGAN2Generator(*_sizes(config)).train()
    except ValueError as error:
        raise ConfigError(f"network: {error}; correct this setting.") from error


def new_discriminator(config: TrainConfig, size: int, narrow: float = 1.0) -> StyleGAN2Discriminator:
    """The one for the whole face, for images of `size`; published weights where they are named.

    narrow: the generator's, which counts where discriminators.narrow is 0.
    """
    options = config.discriminators
    try:
        network = StyleGAN2Discriminator(size, options.channel_multiplier, options.narrow or narrow)
    except ValueError as error:
        raise ConfigError(f"discriminators: {error}; correct this setting.") from error
    return _from_file(network, options.whole)


def new_component_discriminators(config: TrainConfig) -> dict[str, FacialComponentDiscriminator]:
    """One for each of `COMPONENTS`; published weights where they are named."""
    return {
        name: _from_file(FacialComponentDiscriminator(), getattr(config.discriminators, name))
        for name in COMPONENTS
    }


def _from_file(network: Module, name: str) -> Module:
    if name:
        path = find_file(name)
        state, _ = read_state_dict(path)
        shapes = {key: value.shape for key, value in network.state_dict().items()}
        if {key: value.shape for key, value in state.items()} != shapes:
            raise ModelError(f"'{path.name}' holds no discriminator of this size; set discriminators.* to fit it.")
        network.load_state_dict({key: value.float() for key, value in state.items()})
    return network


def build_criteria(config: Losses) -> Criteria:
    """All losses. Raises ModelError where a network is missing, unless that is allowed."""
    features, embedding, off = None, None, []
    if config.compares_features:
        try:
            features = load_feature_network(find_file(config.perceptual_network), config.perceptual_layers or None)
        except ValueError as error:
            raise ConfigError(f"losses.perceptual_layers: {error}; correct this setting.") from error
        except ModelError as error:
            off.append(_missing("perceptual_network", "perceptual", str(error), config, PERCEPTUAL_COST))
    if config.identity:
        try:
            embedding = load_embedding(find_file(config.identity_network))
        except ModelError as error:
            off.append(_missing("identity_network", "identity", str(error), config, IDENTITY_COST))
    return Criteria(
        l1=L1Loss(config.l1),
        pyramid=PyramidLoss(config.pyramid, config.pyramid_drop or None),
        adversarial=AdversarialLoss(config.adversarial),
        component=ComponentLoss(config.component, config.component_style),
        r1=R1Penalty(config.r1, config.r1_every),
        perceptual=PerceptualLoss(features, config.perceptual, config.style, config.lpips) if features else None,
        identity=IdentityLoss(embedding, config.identity, config.identity_distance) if embedding else None,
        features=features,
        embedding=embedding,
        off=tuple(off),
    )


def _missing(setting: str, term: str, why: str, config: Losses, cost: str) -> str:
    """A sentence on what training without the term costs. Raises ModelError unless that is allowed."""
    if config.allow_missing:
        return said_off(term, cost, why)
    raise ModelError(
        f"The {term} loss needs losses.{setting}: {why} Or train without it with --allow-missing: {cost}."
    )
