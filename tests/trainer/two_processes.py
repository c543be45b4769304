"""What each of two processes does for test_processes.py; writes its answers to the folder that it is given."""

import sys
from pathlib import Path

import torch
from torch import nn

from trainer.processes import Processes


def network(seed: int) -> nn.Module:
    """Small, with a normalisation that has buffers and one parameter that nothing uses."""
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8).eval(), nn.SiLU(), nn.Conv2d(8, 1, 3))
    layers.register_parameter("unused", nn.Parameter(torch.ones(1)))
    return layers.to(memory_format=torch.channels_last)


def images() -> torch.Tensor:
    return torch.rand(4, 3, 12, 12, generator=torch.Generator().manual_seed(5))


def learn(layers: nn.Module, batch: torch.Tensor) -> torch.Tensor:
    """A mean loss whose gradients are left in `layers`; one layer also has gradients of another type."""
    loss = (layers(batch) - batch.mean(1, keepdim=True)[..., 2:-2, 2:-2]).abs().mean()
    loss.backward()
    return loss.detach()


def thread_names() -> list[str]:
    """Of all threads of this process, also native ones; none where the system does not tell."""
    return [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]


def main(folder: Path) -> None:
    processes = Processes("cpu")
    layers = network(seed=processes.rank)
    layers[1].running_mean.fill_(processes.rank)
    processes.same_start(layers)
    double = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    double.grad = torch.full((2,), float(processes.rank), dtype=torch.float64)
    loss = learn(layers, images().chunk(processes.count)[processes.rank])
    processes.average_gradients([*layers.parameters(), double])
    answers = {
        "who": (processes.rank, processes.count, processes.is_main, str(processes.device)),
        "start": {name: value.clone() for name, value in layers.state_dict().items()},
        "gradients": {name: p.grad for name, p in layers.named_parameters()},
        "double": double.grad,
        "loss": processes.mean(loss),
        "any": (processes.any(processes.rank == 1), processes.any(False), processes.any(True)),
    }
    # An optimizer imports what must not hold the group.
    torch.optim.Adam(layers.parameters()).step()
    torch.save(answers, folder / f"{processes.rank}.pt")
    processes.wait()
    # Nobody is past `wait` before all have written.
    assert len(list(folder.glob("*.pt"))) == processes.count
    processes.close()
    (folder / f"{processes.rank}.threads").write_text("\n".join(thread_names()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
