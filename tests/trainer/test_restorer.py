"""A step of GFP-GAN's training: what changes, from which losses, on which steps, and going on again."""

import os
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.networks.gfpgan import GFPGAN
from tests.conftest import PATIENCE
from tests.trainer.two_trainings import ALL, CASES, batch, criteria, generator, gradients, new_training
from trainer.degradation import degrade
from trainer.losses.component import matching_weight
from trainer.recipes import RECIPES
from trainer.restorer import Rates, RestorerTraining, noise_for
from trainer.speed import checkpointed
from trainer.types import Batch

ROOT = Path(__file__).parent.parent.parent
LAUNCH = (
    "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no "
    "--dynamo_backend no --main_process_port 0 -m tests.trainer.two_trainings"
)
TERMS = {*ALL, "style", "component_style"}
MEASURED = {"total", "discriminator", "real_logits", "fake_logits", "variety"}


def copied(state: Any) -> Any:
    """As a checkpoint keeps it."""
    file = BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def in_precision(dtype: torch.dtype) -> dict[str, Any]:
    if dtype == torch.float32:
        return {}
    return {"autocast": partial(torch.autocast, "cpu", dtype), "half": dtype == torch.float16}


def set_scale(training: RestorerTraining, scale: float) -> None:
    """Of the loss in float16, which at first is so large that the first steps are skipped; nothing in float32."""
    if state := training.scaler.state_dict():
        training.scaler.load_state_dict({**state, "scale": scale})


def changed(before: dict[str, Tensor], network: nn.Module) -> set[str]:
    return {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}


def assert_close(found: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float = 1e-5) -> None:
    """Every tensor to `tolerance`, of its own size where that is above 1."""
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        error = float((found[name] - value).abs().max())
        assert error <= tolerance * max(1.0, float(value.abs().max())), (name, error)


def test_one_step_changes_all_that_is_used_and_reports_it() -> None:
    training = new_training()
    before, playing = copied(training.generator.state_dict()), copied(training.state()["discriminators"])
    values = training.update(0, [batch(0, 1)], 1.0)
    assert values.keys() == TERMS | MEASURED | {"r1"}
    assert values["total"] == pytest.approx(sum(values[name] for name in TERMS), rel=1e-5)
    # Latents come from the U-Net, so nothing goes through the mapping network.
    unused = {name for name in before if name.startswith("stylegan_decoder.style_mlp.")}
    parameters = {name for name, _ in training.generator.named_parameters()}
    assert changed(before, training.generator) == parameters - unused
    for name, network in {"whole": training.whole, **training.components}.items():
        assert changed(playing[name], network) == {key for key, _ in network.named_parameters()}


def test_values_are_those_of_the_terms() -> None:
    training = new_training()
    one = batch(0, 1)
    with torch.no_grad():
        image, terms = training.generator_terms(0, one)
        losses, _ = training.discriminator_terms(one, image)
    penalty = training.criteria.r1(training.whole, one.truths, 0)["r1"].detach()
    values = training.update(0, [one], 1.0)
    for name, term in (terms | {"discriminator": sum(losses.values()), "r1": penalty}).items():
        assert values[name] == pytest.approx(float(term), rel=1e-4), name
    shrunk = [nn.functional.adaptive_avg_pool2d(x, 8).std(0).mean() for x in (image, one.truths)]
    assert values["variety"] == pytest.approx(float(shrunk[0] / shrunk[1]), rel=1e-4)
    assert "variety" not in training.update(1, [batch(0)], 1.0)


def test_a_frozen_prior_stays_as_it_is() -> None:
    network = generator()
    network.stylegan_decoder.requires_grad_(False)
    training = new_training(["l1", "adversarial", "component"], generator=network)
    before = copied(network.state_dict())
    for step in range(2):
        training.update(step, [batch(0, 1)], 1.0)
    # The pyramid, which is off, is what toRGB serves.
    kept = ("stylegan_decoder.", "toRGB.")
    assert changed(before, network) == {
        name for name, _ in network.named_parameters() if not name.startswith(kept)
    }
    prior = {name: value for name, value in before.items() if name.startswith(kept[0])}
    for other in (network, training.model):
        assert all(torch.equal(other.state_dict()[name], value) for name, value in prior.items())


def test_gradients_reach_the_generator_in_its_own_half_of_the_step_alone() -> None:
    training = new_training()
    reached: list[set[str]] = [set()]
    networks = {"generator": training.generator, "whole": training.whole, **training.components}
    for name, network in networks.items():
        for parameter in network.parameters():
            parameter.register_post_accumulate_grad_hook(lambda _, name=name: reached[-1].add(name))
    training.optimizer.register_step_post_hook(lambda *_: reached.append(set()))
    for step in range(2):
        training.update(step, [batch(0, 1)], 1.0)
        assert reached == [{"generator"}, {"whole", *training.components}]
        reached[:] = [set()]
    assert all(p.grad is None and p.requires_grad for network in networks.values() for p in network.parameters())


def test_before_the_delay_the_discriminators_learn_alone() -> None:
    training = new_training(rates=Rates(delay=1))
    before = copied(training.state()["discriminators"])
    gan = {"adversarial", "component", "component_style"}
    values = training.update(0, [batch(0, 1)], 1.0)
    assert values.keys() == (TERMS | MEASURED | {"r1"}) - gan
    assert changed(before["whole"], training.whole)
    assert all(changed(before[name], network) for name, network in training.components.items())
    without = new_training([name for name in ALL if name not in gan])
    without.update(0, [batch(0, 1)], 1.0)
    for name, value in without.generator.state_dict().items():
        assert torch.equal(training.generator.state_dict()[name], value)
    assert training.update(1, [batch(0, 1)], 1.0).keys() == TERMS | MEASURED


def test_r1_comes_on_its_steps_alone() -> None:
    training = new_training(criteria=criteria(["l1", "adversarial"], r1_every=3))
    due = ["r1" in training.update(step, [batch(0)], 1.0) for step in range(5)]
    assert due == [True, False, False, True, False]
    # Lazy regularisation, StyleGAN2 section 3.1.
    adam = training.optimizers["whole"].defaults
    assert (adam["lr"], adam["betas"]) == (pytest.approx(2e-3 * 3 / 4), pytest.approx((0.0, 0.99**0.75)))


def test_two_batches_are_accumulated_to_one_of_both() -> None:
    parts, whole, half = new_training(), new_training(), new_training()
    values = parts.update(0, [batch(0, 1), batch(2, 3)], 1.0)
    expected = whole.update(0, [batch(0, 1, 2, 3)], 1.0)
    for name in values.keys() - {"variety"}:
        assert values[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name
    assert_close(gradients(parts), gradients(whole))
    half.update(0, [batch(0, 1)], 1.0)
    with pytest.raises(AssertionError):
        assert_close(gradients(half), gradients(whole), 1e-3)


def test_gradients_tell_the_norms_and_change_nothing() -> None:
    training = new_training(matching=True)
    before = copied(training.state())
    values, norms = training.gradients(0, [batch(0, 1), batch(2, 3)])
    torch.testing.assert_close(copied(training.state()), before, rtol=0, atol=0)
    assert all(p.grad is None for p in training.generator.parameters())
    updated = training.update(0, [batch(0, 1), batch(2, 3)], 1.0)
    assert {name: updated[name] for name in values} == pytest.approx(values, rel=1e-5)
    seen = gradients(training)
    assert norms.keys() == {name for name, _ in training.generator.named_parameters()}
    for name, norm in norms.items():
        gradient = seen.get(f"generator.{name}", torch.zeros(1))
        assert norm == pytest.approx(float(gradient.norm()), rel=1e-4, abs=1e-7), name


def test_the_rate_multiplies_every_base_rate() -> None:
    full, half = (new_training(rates=Rates(generator=1e-3, discriminators=0.25)) for _ in range(2))
    moved = []
    for training, rate in ((full, 1.0), (half, 0.5)):
        networks = [training.generator, training.whole, *training.components.values()]
        before = [p.detach().clone() for network in networks for p in network.parameters()]
        training.update(0, [batch(0, 1)], rate)
        after = [p.detach() for network in networks for p in network.parameters()]
        moved.append(torch.cat([(b - a).flatten() for a, b in zip(before, after, strict=True)]))
    # The first parameters are near 1, so a step is rounded to 6e-8.
    torch.testing.assert_close(moved[0], 2 * moved[1], rtol=0, atol=1e-6)
    assert float(moved[0].abs().max()) == pytest.approx(1e-3, rel=1e-2)
    half.update(1, [batch(0, 1)], 1.0)
    adams = {"generator": half.optimizer, **half.optimizers}
    rates = {name: adam.param_groups[0]["lr"] for name, adam in adams.items()}
    expected = dict.fromkeys(half.components, 2.5e-4) | {"generator": 1e-3, "whole": 2.5e-4 * 2 / 3}
    assert rates == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_going_on_from_a_state_is_bit_identical(dtype: torch.dtype) -> None:
    first, second = (new_training(seed=seed, matching=True, **in_precision(dtype)) for seed in (0, 7))
    set_scale(first, 128.0)
    for step in range(2):
        first.update(step, [batch(step, 9)], 0.5)
    assert first.state()["matching_weight"] > 0
    second.load_state(copied(first.state()))
    for step in range(2, 4):
        values = [training.update(step, [batch(step, 9)], 1.0) for training in (first, second)]
        assert values[0] == values[1]
    torch.testing.assert_close(first.state(), second.state(), rtol=0, atol=0)


def test_a_state_from_before_the_measurement_takes_the_weight_back() -> None:
    training = new_training(["component"], matching=True)
    before = copied(training.state())
    training.update(0, [batch(0, 1)], 1.0)
    training.load_state(before)
    assert training.state()["matching_weight"] == 0
    assert training.update(0, [batch(2, 3)], 1.0)["component_matching"] > 0


def test_the_weight_of_feature_matching_is_measured_once() -> None:
    training = new_training(["l1", "component"], matching=True)
    one = batch(0, 1)
    image, _ = new_training(["l1"]).generator_terms(0, one)
    expected = matching_weight(training.components, image, one.truths, one.boxes, 200.0)
    values = training.update(0, [one], 1.0)
    assert "component_matching" in values
    assert "component_style" not in values
    weight = training.state()["matching_weight"]
    assert weight == pytest.approx(expected, rel=1e-4)
    training.update(1, [batch(2, 3)], 1.0)
    assert training.state()["matching_weight"] == weight


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision_stays_near_float32(dtype: torch.dtype) -> None:
    exact, mixed = new_training(), new_training(**in_precision(dtype))
    set_scale(mixed, 128.0)
    expected, values = (training.update(0, [batch(0, 1)], 1.0) for training in (exact, mixed))
    assert values == pytest.approx(expected, rel=0.02, abs=0.02)
    found, right = gradients(mixed), gradients(exact)
    assert found.keys() == right.keys()
    for network in ("generator", "whole", *exact.components):
        ours, theirs = (
            torch.cat([value.flatten() for name, value in grads.items() if name.startswith(network)])
            for grads in (found, right)
        )
        assert float(nn.functional.cosine_similarity(ours, theirs, dim=0)) > 0.99, network
        assert float(ours.norm() / theirs.norm()) == pytest.approx(1, abs=0.05), network
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in mixed.model.parameters())


def test_a_loss_beyond_float16_skips_the_step_and_halves_the_scale() -> None:
    training = new_training(["l1"], **in_precision(torch.float16))
    set_scale(training, 2.0**60)
    before = copied(training.generator.state_dict())
    training.update(0, [batch(0, 1)], 1.0)
    assert not changed(before, training.generator)
    assert training.scaler.get_scale() == 2.0**59


def test_noise_is_each_samples_own() -> None:
    network = generator()
    noise = noise_for(network, torch.tensor([3, 4]))
    assert [layer.shape for layer in noise] == [
        (2, *buffer.shape[1:]) for buffer in network.stylegan_decoder.noises.buffers()
    ]
    for layer, again in zip(noise, noise_for(network, torch.tensor([8, 4, 5])), strict=True):
        assert torch.equal(layer[1], again[1])
        assert not torch.equal(layer[0], layer[1])
    # Two layers each have 8, 16 and 32 pixels.
    for first, second in zip(noise[1::2], noise[2::2], strict=True):
        assert not torch.equal(first, second)
    values = torch.cat([layer.flatten() for layer in noise])
    assert float(values.mean()) == pytest.approx(0, abs=0.05)
    assert float(values.std()) == pytest.approx(1, abs=0.05)


def test_training_uses_the_noise_of_the_seeds() -> None:
    training = new_training(["l1"])
    one, other = batch(0, 1), batch(0, 1)
    other.seeds[1] = 5
    with torch.no_grad():
        (image, _), (changed_image, _) = training.generator_terms(0, one), training.generator_terms(0, other)
    torch.testing.assert_close(image[0], changed_image[0], rtol=0, atol=1e-6)
    assert float((image[1] - changed_image[1]).abs().max()) > 1e-3


def test_checkpointing_gives_the_same_gradients_and_computes_twice() -> None:
    counts = []
    trainings = []
    for treat in (lambda network: None, checkpointed):
        network = generator()
        treat(network)
        calls: list[int] = []
        network.stylegan_decoder.style_convs[0].modulated_conv.register_forward_hook(
            lambda *_, calls=calls: calls.append(1)
        )
        training = new_training(["l1", "pyramid", "adversarial"], generator=network)
        # Its copy, the average, has the hook too.
        training.update(0, [batch(0, 1)], 1.0)
        counts.append(len(calls))
        trainings.append(training)
    assert counts == [1, 2]
    assert_close(gradients(trainings[1]), gradients(trainings[0]), 1e-6)
    plain, again = (training.model(batch(0).inputs) for training in trainings)
    torch.testing.assert_close(plain, again)
    with torch.no_grad():
        for parameter in trainings[1].generator.parameters():
            parameter.zero_()
    torch.testing.assert_close(trainings[1].model(batch(0).inputs), again)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    folder = tmp_path_factory.mktemp("answers")
    command = [sys.executable, "-m", *LAUNCH.split(), str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=["+".join(terms) for terms in CASES])
def test_two_processes_have_the_gradients_of_twice_the_batch(answers: list[Any], number: int) -> None:
    whole, half = new_training(CASES[number]), new_training(CASES[number])
    expected = whole.update(0, [batch(0, 1, 2, 3)], 1.0)
    half.update(0, [batch(0, 1)], 1.0)
    for cases, _ in answers:
        found, values = cases[number]
        assert_close(found, gradients(whole))
        for name in values.keys() - {"variety"}:
            assert values[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name
    with pytest.raises(AssertionError):
        assert_close(gradients(half), gradients(whole), 1e-3)


@pytest.mark.slow
def test_two_processes_agree_on_the_weight_of_feature_matching(answers: list[Any]) -> None:
    weights = []
    for seeds in ((0, 1), (2, 3)):
        training = new_training(["component"], matching=True)
        training.update(0, [batch(*seeds)], 1.0)
        weights.append(training.state()["matching_weight"])
    assert weights[0] != pytest.approx(weights[1], rel=1e-3)
    for _, weight in answers:
        assert weight == pytest.approx(sum(weights) / 2, rel=1e-5)


@pytest.mark.slow
def test_four_pairs_are_learned_by_heart(hopper: Image.Image, collins: Image.Image) -> None:
    rng = np.random.default_rng(0)
    truths, inputs = [], []
    for photo, box in ((collins, (120, 10, 320, 210)), (hopper, (60, 40, 490, 470))):
        for degrees in (0, 180):
            truth = np.array(photo.resize((64, 64), Image.Resampling.LANCZOS, box).rotate(degrees))
            truths.append(truth)
            inputs.append(degrade(truth, RECIPES["released"].for_size(64), rng))
    torch.manual_seed(1)
    network = GFPGAN("bilinear", 64, 16, 1, 0.06, 2).train()
    training = RestorerTraining(network, criteria(["l1"]), Rates(generator=8e-3, betas=(0.9, 0.99)))
    pairs = [torch.from_numpy(np.stack(x)).permute(0, 3, 1, 2) / 127.5 - 1 for x in (inputs, truths)]
    faces = Batch(*pairs, torch.zeros(4, 3, 4), torch.arange(4))
    first = training.update(0, [faces], 1.0)["l1"]
    # Here it takes 83 steps, from 1.64 to 0.163.
    assert any(training.update(step, [faces], 1.0)["l1"] < first / 10 for step in range(1, 300))
