import subprocess
import sys

import pytest
import torch

from benchmarks.naive import NaiveGFPGAN
from core.engines.pytorch import to_channels_last
from core.memory import glibc
from core.networks.gfpgan import GFPGAN
from trainer.restorer import noise_for
from trainer.speed import checkpointed, fast_dtype


def network() -> GFPGAN:
    torch.manual_seed(0)
    return GFPGAN("bilinear", 32, 16, 1, 0.06, 2).train()


def gradients(run, parameters, image, noise) -> list[torch.Tensor]:
    restored, pyramid = run(image, noise)
    loss = restored.square().mean() + sum(level.abs().mean() for level in pyramid)
    return list(torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True))


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_the_benchmarks_naive_network_computes_the_same(image):
    ours = to_channels_last(network())
    naive, noise = NaiveGFPGAN(network()), noise_for(ours, torch.arange(3))
    parameters = dict(ours.named_parameters())
    with torch.no_grad():
        found, expected = ours(image, noise=noise), naive(image, noise)[0]
    assert (found - expected).abs().max() < 1e-4 * expected.std()
    mine = gradients(lambda x, n: ours(x, noise=n, return_rgb=True), parameters.values(), image, noise)
    theirs = gradients(naive, [naive.parameters[name] for name in parameters], image, noise)
    for name, found, expected in zip(parameters, mine, theirs, strict=True):
        assert (found - expected).abs().max() <= 1e-3 * expected.abs().max() + 1e-7, name


def test_checkpointing_changes_no_gradient(image):
    plain, frugal = network(), network()
    checkpointed(frugal)
    noise = noise_for(plain, torch.arange(3))
    before, after = (
        gradients(lambda x, n, net=net: net(x, noise=n, return_rgb=True), list(net.parameters()), image, noise)
        for net in (plain, frugal)
    )
    for expected, found in zip(before, after, strict=True):
        torch.testing.assert_close(found, expected)


def test_checkpointing_keeps_less_in_memory(image):
    kept = {}
    for name in ("plain", "frugal"):
        net = network()
        if name == "frugal":
            checkpointed(net)
        sizes: list[int] = []

        def note(x: torch.Tensor, sizes: list[int] = sizes) -> torch.Tensor:
            sizes.append(x.numel())
            return x

        with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x):
            net(image, noise=noise_for(net, torch.arange(3)))
        kept[name] = sum(sizes)
    assert kept["frugal"] < 0.6 * kept["plain"]


def test_a_processor_without_half_precision_keeps_float32(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert fast_dtype(cpu) is torch.float32
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert fast_dtype(cpu) is torch.bfloat16


ASKING_AGAIN = """
import resource, sys
import torch
from core.memory import release_memory
from trainer.speed import keep_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

if sys.argv[1] == "keep":
    keep_freed_memory()
torch.empty(1 << 28, dtype=torch.uint8).fill_(1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
torch.empty(15 << 24, dtype=torch.uint8).fill_(1)
pages = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
kept = resident()
release_memory()
print(pages, kept - resident())
"""


@pytest.mark.skipif(glibc() is None, reason="only glibc is told to")
@pytest.mark.parametrize("keeps", [True, False])
def test_a_training_keeps_freed_memory_until_it_is_released(keeps):
    command = [sys.executable, "-c", ASKING_AGAIN, "keep" if keeps else "-"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pages, released = map(int, answer.split())
    # Of 61,440, or 120 where pages are huge ones. The second block is a little smaller than the first, for what
    # was asked for in between may lie where that was.
    assert (pages < 100) is keeps
    assert (released > 200 << 20) is keeps
