"""Training a StyleGAN2 from scratch: what happens on which step, from which randomness, and going on again."""

import multiprocessing
import os
import socket
from collections.abc import Iterable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.networks.stylegan2 import StyleGAN2Generator
from trainer.adaptive_augmentation import AdaptiveAugmentation
from trainer.discriminators import StyleGAN2Discriminator
from trainer.evaluation import variety
from trainer.losses.adversarial import R1Penalty
from trainer.optimizers import lazy_adam
from trainer.prior import PriorTraining, Purpose, derived_seeds, draw, mixed_latents
from trainer.processes import Processes
from trainer.types import Batch, Values

SIZE = 16


def new_generator(seed: int = 0) -> StyleGAN2Generator:
    torch.manual_seed(seed)
    return StyleGAN2Generator("original", SIZE, style_dim=8, narrow=1 / 64, num_mlp=2)


def new_training(seed: int = 0, **settings: Any) -> PriorTraining:
    generator = new_generator(seed)
    # Without groups nothing mixes samples.
    discriminator = StyleGAN2Discriminator(SIZE, narrow=1 / 64, stddev_group=1)
    return PriorTraining(generator, discriminator, processes=Processes("cpu"), **settings)


def batch(seeds: range, truths: Tensor | None = None) -> Batch:
    if truths is None:
        truths = (
            torch.rand(len(seeds), 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seeds.start)) * 2 - 1
        )
    return Batch(truths, truths, torch.zeros(len(seeds), 3, 4), torch.tensor(seeds))


def parameters(training: PriorTraining) -> list[Tensor]:
    networks = (training.generator, training.discriminator, training.model)
    return [p.detach().clone() for network in networks for p in network.parameters()]


def steps_taken(training: PriorTraining) -> tuple[int, int]:
    """Optimizer steps of generator and discriminator."""
    adams = (training.generator_adam, training.discriminator_adam)
    first, second = (int(adam.state[adam.param_groups[0]["params"][0]]["step"]) for adam in adams)
    return first, second


def test_regularisers_are_on_their_steps_only() -> None:
    training = new_training(path_every=2, r1=R1Penalty(every=3))
    reported = [training.update(step, [batch(range(2))], 1.0).keys() for step in range(7)]
    assert ["path_length" in names for names in reported] == [True, False, True, False, True, False, True]
    assert ["r1" in names for names in reported] == [True, False, False, True, False, False, True]
    assert steps_taken(training) == (7 + 4, 7 + 3)
    always = {"generator", "total", "discriminator", "real_logits", "fake_logits", "real_signs", "variety"}
    assert reported[1] == always


def test_weights_of_0_switch_regularisers_off() -> None:
    training = new_training(path_length=0.0, r1=R1Penalty(weight=0))
    assert not training.update(0, [batch(range(2))], 1.0).keys() & {"path_length", "r1"}
    assert training.generator_adam.defaults["betas"] == (0.0, 0.99)
    assert training.discriminator_adam.defaults["lr"] == 2e-3
    assert float(training.mean_path) == 0


def test_adam_is_corrected_for_lazy_regularisation() -> None:
    adam = lazy_adam(nn.Linear(1, 1), 2e-3, 4)
    assert adam.defaults["lr"] == pytest.approx(1.6e-3)
    assert adam.defaults["betas"] == (0.0, pytest.approx(0.99**0.8))


def test_the_rate_scales_the_base_rates() -> None:
    training, before = new_training(), parameters(new_training())
    training.update(1, [batch(range(2))], 0.0)
    for now, then in zip(parameters(training), before, strict=True):
        torch.testing.assert_close(now, then, atol=0, rtol=0)
    training.update(2, [batch(range(2))], 0.5)
    assert training.generator_adam.param_groups[0]["lr"] == pytest.approx(2e-3 * 4 / 5 / 2)
    assert training.discriminator_adam.param_groups[0]["lr"] == pytest.approx(2e-3 * 16 / 17 / 2)


def test_each_network_learns_from_its_own_terms_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one = new_training()
    seen: list[list[Tensor | None]] = []

    def look(parameters: Iterable[nn.Parameter]) -> None:
        seen.append([None if p.grad is None else p.grad.clone() for p in parameters])

    monkeypatch.setattr(one.processes, "average_gradients", look)
    one.update(0, [batch(range(2))], 0.0)
    two = new_training()
    networks = (two.generator, two.generator, two.discriminator, two.discriminator)
    names = ("generator", "path_length", "discriminator", "r1")
    computed = (two.generator_terms, two.path_terms, two.discriminator_terms, partial(two.r1_terms, 0))
    for network, name, terms, found in zip(networks, names, computed, seen, strict=True):
        two.generator.zero_grad()
        two.discriminator.zero_grad()
        terms(batch(range(2)))[name].backward()
        for parameter, gradient in zip(network.parameters(), found, strict=True):
            torch.testing.assert_close(gradient, parameter.grad)
    assert all(p.grad is None for p in (*one.generator.parameters(), *one.discriminator.parameters()))
    assert all(p.requires_grad for p in one.discriminator.parameters())


def test_accumulated_batches_count_as_one() -> None:
    """And so do two processes, whose gradients are averaged. The path length alone compares samples."""
    settings = {"path_length": 0.0, "augmentation": AdaptiveAugmentation(0.5)}
    whole, halves = new_training(**settings), new_training(**settings)
    truths = batch(range(4)).truths
    values = [
        whole.update(0, [batch(range(4), truths)], 1.0),
        halves.update(0, [batch(range(2), truths[:2]), batch(range(2, 4), truths[2:])], 1.0),
    ]
    assert values[0]["r1"] > 0
    # A batch of two varies less than one of four.
    del values[0]["variety"], values[1]["variety"]
    assert values[0] == pytest.approx(values[1], rel=1e-4, abs=1e-5)
    moved = [p - q for p, q in zip(parameters(whole), parameters(new_training()), strict=True)]
    assert max(float(difference.abs().max()) for difference in moved) > 1e-3
    for one, two in zip(parameters(whole), parameters(halves), strict=True):
        torch.testing.assert_close(one, two, atol=2e-5, rtol=1e-4)


def test_randomness_is_each_samples_own() -> None:
    generator = new_generator()
    ask = partial(draw, generator, mixing=0.9, projection=True)
    whole = ask(torch.arange(4), Purpose.PATH_LENGTH)
    half, other = ask(torch.arange(2, 4), Purpose.PATH_LENGTH), ask(torch.arange(2, 4), Purpose.FAKE)
    for mine, expected in (
        (half.z, whole.z),
        (half.projection, whole.projection),
        *zip(half.noises, whole.noises, strict=True),
    ):
        torch.testing.assert_close(mine, expected[2:], atol=0, rtol=0)
        assert not torch.equal(expected[0], expected[1])
    assert half.crossovers.tolist() == whole.crossovers[2:].tolist()
    assert not torch.equal(half.z, other.z)
    assert [noise.shape for noise in whole.noises[:3]] == [(4, 1, 4, 4), (4, 1, 8, 8), (4, 1, 8, 8)]
    assert whole.projection.shape == (4, 3, SIZE, SIZE)
    flat = torch.cat([x.flatten() for x in (whole.z, *whole.noises, whole.projection)])
    assert float(flat.mean()) == pytest.approx(0, abs=0.05)
    assert float(flat.std()) == pytest.approx(1, abs=0.05)


def test_seeds_differ_by_more_than_their_upper_half() -> None:
    """PyTorch's generator on the CPU takes 32 bits only."""
    seeds = torch.tensor([5, 5 + 2**32, 2**62])
    low = {seed % 2**32 for purpose in Purpose for seed in derived_seeds(seeds, purpose)}
    assert len(low) == 3 * len(Purpose)


def test_style_mixing_changes_the_layers_past_the_crossover_only() -> None:
    generator = new_generator()
    seeds = torch.arange(400)
    drawn = draw(generator, seeds, Purpose.FAKE, 0.9)
    latents = mixed_latents(generator, drawn)
    first, second = (generator.style_mlp(drawn.z[:, index]) for index in (0, 1))
    for sample, crossover in enumerate(drawn.crossovers.tolist()):
        assert (latents[sample, :crossover] == first[sample]).all()
        assert (latents[sample, crossover:] == second[sample]).all()
    counts = drawn.crossovers.bincount(minlength=generator.num_latents + 1).tolist()
    assert counts[0] == 0
    assert counts[-1] == pytest.approx(40, abs=20)
    assert min(counts[1:]) > 20
    unmixed = draw(generator, seeds, Purpose.FAKE, 0.0)
    assert set(unmixed.crossovers.tolist()) == {generator.num_latents}
    torch.testing.assert_close(unmixed.z, drawn.z, atol=0, rtol=0)


def test_the_model_is_the_average_of_the_generator() -> None:
    training, decay = new_training(ema=0.25), 0.25
    expected: list[Tensor] = []
    for step in range(3):
        training.update(step, [batch(range(2))], 1.0)
        now = [p.detach().clone() for p in training.generator.parameters()]
        # The first step is taken as it is; then the decay begins at (1 + 1) / (10 + 1).
        share = 1 - min(decay, (1 + step) / (10 + step)) if step else 1.0
        expected = [old + share * (new - old) for old, new in zip(expected or now, now, strict=True)]
    for found, mean in zip(training.model.parameters(), expected, strict=True):
        torch.testing.assert_close(found, mean)
    assert not any(p.requires_grad for p in training.model.parameters())


def test_the_mean_path_length_is_followed() -> None:
    training = new_training()
    training.update(0, [batch(range(4)), batch(range(4, 8))], 1.0)
    mean = float(training.mean_path)
    assert mean > 0
    training.update(1, [batch(range(4))], 1.0)
    assert float(training.mean_path) == mean


def test_the_augmentation_adapts() -> None:
    training = new_training(augmentation=AdaptiveAugmentation(target=-2, every=2, images=100))
    values = [training.update(step, [batch(range(4))] * 2, 1.0) for step in range(1, 4)]
    assert [value["augmentation"] for value in values] == pytest.approx([0, 0.16, 0.16])
    assert -1 <= values[0]["real_signs"] <= 1


def test_variety() -> None:
    images = torch.rand(4, 3, SIZE, SIZE)
    assert float(variety(images, images)["variety"]) == pytest.approx(1)
    assert float(variety(images / 2, images)["variety"]) == pytest.approx(0.5)
    assert float(variety(images[:1].expand(4, -1, -1, -1), images)["variety"]) == pytest.approx(0)
    assert "variety" not in new_training().update(1, [batch(range(1))], 1.0)


def test_going_on_gives_the_same_bits() -> None:
    def make(seed: int) -> PriorTraining:
        augmentation = AdaptiveAugmentation(0.4, target=-2, every=3, images=200)
        return new_training(seed, path_every=2, r1=R1Penalty(every=3), augmentation=augmentation)

    straight, begun = make(0), make(0)
    reported = [straight.update(step, [batch(range(step, step + 4))], 0.9) for step in range(4)]
    for step in range(2):
        begun.update(step, [batch(range(step, step + 4))], 0.9)
    file = BytesIO()
    torch.save(begun.state(), file)
    file.seek(0)
    resumed = make(1)
    resumed.load_state(torch.load(file, weights_only=True))
    again = [resumed.update(step, [batch(range(step, step + 4))], 0.9) for step in (2, 3)]
    assert again == reported[2:]
    assert again[1]["augmentation"] > 0.4
    for one, two in zip(parameters(straight), parameters(resumed), strict=True):
        torch.testing.assert_close(one, two, atol=0, rtol=0)
    assert torch.equal(straight.mean_path, resumed.mean_path)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision(dtype: torch.dtype) -> None:
    augmentation = AdaptiveAugmentation(0.5)
    settings = {"autocast": partial(torch.autocast, "cpu", dtype), "half": dtype == torch.float16}
    exact = new_training(augmentation=augmentation).update(0, [batch(range(4))], 0.0)
    training = new_training(augmentation=augmentation, **settings)
    assert training.update(0, [batch(range(4))], 0.0) == pytest.approx(exact, rel=0.02, abs=0.02)
    for step in range(1, 4):
        training.update(step, [batch(range(4))], 1.0)
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in parameters(training))
    # Of four steps and one of a regulariser, float16 may lose some until it has found its scale.
    assert min(steps_taken(training)) >= (2 if training.scaler.is_enabled() else 5)


def learn_a_half(rank: int, folder: Path) -> None:
    """In one of two processes: with the path length, and without, which has the gradients of one process."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": (folder / "port").read_text()}
    found = {}
    for path_length in (0.0, 2.0):
        training, values = four_steps(range(2 * rank, 2 * rank + 2), path_length)
        found[path_length] = (training.state(), values)
    torch.save(found, folder / f"{rank}.pt")
    training.processes.close()


def four_steps(seeds: range, path_length: float) -> tuple[PriorTraining, list[Values]]:
    augmentation = AdaptiveAugmentation(0.4, target=-2, every=2, images=100)
    training = new_training(augmentation=augmentation, path_length=path_length, path_every=2)
    truths = batch(range(4)).truths[seeds.start : seeds.stop]
    return training, [training.update(step, [batch(seeds, truths)], 1.0) for step in range(4)]


@pytest.mark.slow
def test_two_processes_learn_as_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "port").write_text(str(server.getsockname()[1]))
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=learn_a_half, args=(rank, tmp_path)) for rank in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(100)
        assert child.exitcode == 0
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    for path_length in (0.0, 2.0):
        torch.testing.assert_close(first[path_length], second[path_length], atol=0, rtol=0)
    state, values = first[0.0]
    alone, expected = four_steps(range(4), 0.0)
    # Half a batch varies less.
    for value in (*values, *expected):
        del value["variety"]
    for mine, one in zip(values, expected, strict=True):
        assert mine == pytest.approx(one, rel=1e-3, abs=1e-4)
    torch.testing.assert_close(state["generator"], alone.state()["generator"], atol=1e-3, rtol=1e-3)
    assert expected[-1]["augmentation"] == pytest.approx(0.4 + 16 / 100)


@pytest.mark.slow
def test_the_generator_takes_on_the_colour_of_the_faces() -> None:
    training = new_training(rate=5e-3, mixing=0.5)
    colour = torch.tensor([0.6, -0.5, 0.2]).view(3, 1, 1)

    def distance() -> float:
        with torch.no_grad():
            z = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
            return float((training.model(z).mean((0, 2, 3)) - colour.flatten()).norm())

    start = distance()
    for step in range(100):
        seeds = range(step * 8, step * 8 + 8)
        shades = 0.1 * torch.randn(8, 3, 1, 1, generator=torch.Generator().manual_seed(step))
        training.update(step, [batch(seeds, (colour + shades).expand(8, 3, SIZE, SIZE))], 1.0)
    assert distance() < start / 3
