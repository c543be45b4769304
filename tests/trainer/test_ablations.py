"""Each switch of table 4 and figure 6 changes what it is named after, and nothing else."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from core.networks.stylegan2 import StyleGAN2Generator
from tests.trainer.two_trainings import SIZE, batch
from trainer.build import build_criteria, new_component_discriminators, new_discriminator, new_origin
from trainer.config import TrainConfig
from trainer.losses.component import COMPONENTS
from trainer.resolving import ABLATIONS, resolve
from trainer.restorer import Rates, RestorerTraining

TERMS = {"l1", "pyramid", "adversarial", "component", "component_style"}
"""Those that need no network from a file."""

Graph = dict[str, Any]


@pytest.fixture(scope="module")
def prior(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file for the decoder, with strengths of noise above 0."""
    torch.manual_seed(3)
    network = StyleGAN2Generator("bilinear", SIZE, 16, 1, 0.04, 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)
    path = tmp_path_factory.mktemp("prior") / "prior.safetensors"
    save_network(network, path)
    return str(path)


def ablated(name: str, prior: str) -> TrainConfig:
    small = {"size": SIZE, "style_dim": 16, "channel_multiplier": 1, "narrow": 0.04, "num_mlp": 2}
    return resolve(
        {
            "ablation": name,
            # What every one of them must undo, where it does not leave it alone.
            "network": {**small, "prior": prior, "freeze_prior": True},
            "discriminators": {"channel_multiplier": 1, "narrow": 0.04},
            "losses": {"perceptual": 0.0, "identity": 0.0},
        }
    )


def training(config: TrainConfig) -> RestorerTraining:
    torch.manual_seed(0)
    network = new_origin(config).network
    assert isinstance(network, GFPGAN)
    torch.manual_seed(0)
    return RestorerTraining(
        network,
        build_criteria(config.losses),
        Rates(),
        whole=new_discriminator(config, SIZE) if config.losses.adversarial else None,
        components=new_component_discriminators(config) if config.losses.component else {},
        matching=config.losses.component_matching,
    )


def graph(name: str, prior: str) -> Graph:
    """What is in the networks and what a step computes."""
    made = training(ablated(name, prior))
    values = made.update(0, [batch(0, 1)], 1.0)
    measured = {"total", "discriminator", "real_logits", "fake_logits", "variety", "r1"}
    assert measured < values.keys()
    return {
        "terms": values.keys() - measured,
        "on": made.criteria.terms,
        "shapes": {key: tuple(value.shape) for key, value in made.generator.state_dict().items()},
        "trained": {key for key, value in made.generator.named_parameters() if value.requires_grad},
        "discriminators": list(made.state()["discriminators"]),
    }


def differences(found: Graph, expected: Graph) -> set[str]:
    return {key for key, value in expected.items() if found[key] != value}


@pytest.fixture(scope="module")
def whole(prior: str) -> Graph:
    """The graph with no ablation."""
    return graph("none", prior)


def conditions(names: Any) -> set[str]:
    return {name for name in names if name.startswith(("condition_scale.", "condition_shift."))}


def decoder(names: Any) -> set[str]:
    return {name for name in names if name.startswith("stylegan_decoder.")}


def test_nothing_is_left_out_without_one(whole: Graph) -> None:
    assert whole["terms"] == TERMS
    assert conditions(whole["shapes"])
    assert not decoder(whole["trained"])
    assert whole["discriminators"] == ["whole", *COMPONENTS]


@pytest.mark.parametrize("name", ABLATIONS)
def test_each_changes_its_own_settings_alone(name: str, prior: str) -> None:
    before, after = (msgspec.to_builtins(ablated(which, prior)) for which in ("none", name))
    assert after.pop("ablation") == name
    before.pop("ablation")
    for table, settings in ABLATIONS[name].items():
        before[table] |= settings
    assert after == before


def test_without_spatial_modulation_there_are_no_conditions(whole: Graph, prior: str) -> None:
    found = graph("no-spatial-modulation", prior)
    assert differences(found, whole) == {"shapes", "trained"}
    missing = conditions(whole["shapes"])
    assert found["shapes"] == {name: shape for name, shape in whole["shapes"].items() if name not in missing}
    assert found["trained"] == whole["trained"] - missing
    network = training(ablated("no-spatial-modulation", prior)).generator
    # With the decoder's input fixed, the picture's details cannot come in any other way.
    latents = torch.zeros(1, network.stylegan_decoder.num_latents, 16)
    with torch.no_grad():
        network.final_linear.weight.zero_()
        network.final_linear.bias.copy_(latents.flatten())
        plain = network.stylegan_decoder(latents, input_is_latent=True)
        torch.testing.assert_close(network(batch(0).inputs), plain, rtol=0, atol=1e-6)


def test_plain_sft_modulates_all_channels(whole: Graph, prior: str) -> None:
    found = graph("plain-sft", prior)
    assert differences(found, whole) == {"shapes"}
    # A condition's last convolution has as many channels as it modulates.
    last = {name for name in conditions(whole["shapes"]) if ".2." in name}
    for name, shape in whole["shapes"].items():
        if name not in last:
            assert found["shapes"][name] == shape
    made = training(ablated("plain-sft", prior)).generator
    for level, scale in enumerate(made.condition_scale):
        half = whole["shapes"][f"condition_scale.{level}.2.weight"][0]
        features = made.stylegan_decoder.style_convs[2 * level].modulated_conv.weight.shape[1]
        assert (scale[2].weight.shape[0], half) == (features, features // 2)


def test_without_a_prior_the_decoder_starts_at_random_and_learns(whole: Graph, prior: str) -> None:
    found = graph("no-prior", prior)
    assert differences(found, whole) == {"trained"}
    parameters = set(whole["trained"]) | {
        name for name in decoder(whole["shapes"]) if not name.startswith("stylegan_decoder.noises.")
    }
    assert found["trained"] == parameters
    with_prior, without = (training(ablated(name, prior)).generator for name in ("none", "no-prior"))
    stored = with_prior.stylegan_decoder.state_dict()
    for name, value in without.stylegan_decoder.state_dict().items():
        # These start at 0 and 1; in the file they are 0.1 off.
        assert not torch.equal(value, stored[name]), name
    outside = {name: value for name, value in with_prior.state_dict().items() if name not in decoder([name])}
    for name, value in outside.items():
        assert torch.equal(without.state_dict()[name], value), name


@pytest.mark.parametrize(
    ("name", "off", "new"),
    [
        ("no-pyramid", {"pyramid"}, set()),
        ("no-component", {"component", "component_style"}, set()),
        ("component-discriminators", {"component_style"}, set()),
        ("feature-matching", {"component_style"}, {"component_matching"}),
        ("feature-style", set(), set()),
    ],
)
def test_terms_go_and_come(name: str, off: set[str], new: set[str], whole: Graph, prior: str) -> None:
    found = graph(name, prior)
    assert found["terms"] == (TERMS - off) | new
    assert found["on"] == [term for term in whole["on"] if term not in off]
    assert found["shapes"] == whole["shapes"]
    assert found["trained"] == whole["trained"]
    assert found["discriminators"] == (["whole"] if "component" in off else whole["discriminators"])


def step_terms(name: str, prior: str) -> dict[str, Tensor]:
    made = training(ablated(name, prior))
    return made.generator_terms(0, batch(0, 1))[1]


@pytest.mark.parametrize("name", ["no-pyramid", "no-component", "component-discriminators", "feature-matching"])
def test_the_terms_that_stay_are_the_same(name: str, prior: str) -> None:
    found, whole = step_terms(name, prior), step_terms("none", prior)
    for term in found.keys() & whole.keys():
        torch.testing.assert_close(found[term], whole[term], rtol=1e-6, atol=0)


def test_every_ablation_is_looked_at() -> None:
    here = Path(__file__).read_text()
    assert all(f'"{name}"' in here for name in ABLATIONS)
