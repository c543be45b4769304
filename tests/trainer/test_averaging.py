"""The running average follows its formula."""

import torch
from torch import nn

from trainer.averaging import ema_of


def test_average_by_its_formula() -> None:
    torch.manual_seed(0)
    network = nn.Linear(3, 2).double()
    average = ema_of(network, decay=0.4)
    assert not any(p.requires_grad for p in average.module.parameters())
    assert not average.module.training
    assert network.training
    expected = None
    # (1 + n) / (10 + n) is below 0.4 up to n = 4.
    for n in range(8):
        with torch.no_grad():
            network.weight.add_(torch.randn_like(network.weight))
        average.update_parameters(network)
        decay = min(0.4, (1 + n) / (10 + n))
        value = network.weight.detach()
        expected = value.clone() if expected is None else decay * expected + (1 - decay) * value
        torch.testing.assert_close(average.module.weight, expected, rtol=0, atol=1e-12, check_dtype=False)


def test_buffers_are_taken_over_and_what_is_frozen_stays() -> None:
    network = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    network[0].requires_grad_(False)
    frozen = network[0].weight.clone()
    average = ema_of(network, decay=0.9)
    for value in (1.0, 5.0):
        network[1].running_mean.fill_(value)
        average.update_parameters(network)
    assert average.module[1].running_mean.tolist() == [5.0] * 3
    assert torch.equal(average.module[0].weight, frozen)


def test_going_on_with_an_average_is_the_same_as_never_having_stopped() -> None:
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    first = ema_of(network, decay=0.9)
    for _ in range(3):
        with torch.no_grad():
            network.weight.add_(torch.randn_like(network.weight))
        first.update_parameters(network)
    second = ema_of(nn.Linear(3, 2), decay=0.9)
    second.load_state_dict(first.state_dict())
    with torch.no_grad():
        network.weight.zero_()
    first.update_parameters(network)
    second.update_parameters(network)
    assert torch.equal(first.module.weight, second.module.weight)
