"""Small trainings, and what each of two processes does with them for test_restorer.py."""

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.embedding import GreyEmbedding
from core.networks.gfpgan import GFPGAN
from trainer.build import Criteria
from trainer.discriminators import FacialComponentDiscriminator, StyleGAN2Discriminator
from trainer.losses.adversarial import AdversarialLoss, R1Penalty
from trainer.losses.component import COMPONENTS, ComponentLoss
from trainer.losses.features import squeezenet_features
from trainer.losses.identity import IdentityLoss
from trainer.losses.perceptual import PerceptualLoss
from trainer.losses.reconstruction import L1Loss, PyramidLoss
from trainer.processes import Processes
from trainer.restorer import Rates, RestorerTraining
from trainer.types import Batch

SIZE = 32
BOXES = torch.tensor([[5.0, 8, 13, 16], [17, 9, 26, 18], [9, 19, 23, 30]])

ALL = {"l1": 0.1, "pyramid": 1.0, "perceptual": 1.0, "identity": 10.0, "adversarial": 0.1, "component": 1.0}
"""Every term of the generator by the name of its weight; "style" goes with "perceptual"."""

CASES = [*([name] for name in ALL), list(ALL)]


def generator(seed: int = 0) -> GFPGAN:
    torch.manual_seed(seed)
    network = GFPGAN("bilinear", SIZE, 16, 1, 0.04, 2)
    for module in network.modules():
        if hasattr(module, "modulated_conv") and hasattr(module, "weight"):
            # At first noise has no strength, and could be anything.
            nn.init.constant_(module.weight, 0.1)
    return network


def criteria(terms: list[str] | None = None, r1_every: int = 2) -> Criteria:
    """The losses with those `terms`, all for None."""
    weights = {name: weight if terms is None or name in terms else 0.0 for name, weight in ALL.items()}
    torch.manual_seed(1)
    embedding = GreyEmbedding(nn.Sequential(nn.Conv2d(1, 4, 8, 8), nn.Tanh(), nn.Flatten(), nn.Linear(1024, 8)))
    features = squeezenet_features()
    return Criteria(
        l1=L1Loss(weights["l1"]),
        pyramid=PyramidLoss(weights["pyramid"]),
        adversarial=AdversarialLoss(weights["adversarial"]),
        component=ComponentLoss(weights["component"]),
        r1=R1Penalty(every=r1_every),
        perceptual=PerceptualLoss(features, 1.0, 50.0) if weights["perceptual"] else None,
        identity=IdentityLoss(embedding, weights["identity"]) if weights["identity"] else None,
    )


def new_training(
    terms: list[str] | None = None, *, seed: int = 0, rates: Rates | None = None, **options: Any
) -> RestorerTraining:
    """Nothing in it mixes samples, the minibatch standard deviation being one of single samples."""
    losses = options.pop("criteria", None) or criteria(terms)
    network = options.pop("generator", None) or generator(seed)
    torch.manual_seed(seed + 100)
    return RestorerTraining(
        network,
        losses,
        rates or Rates(),
        whole=StyleGAN2Discriminator(SIZE, 1, 0.04, stddev_group=1) if losses.adversarial.weight else None,
        components={name: FacialComponentDiscriminator() for name in COMPONENTS if losses.component.weight},
        **options,
    )


def batch(*seeds: int) -> Batch:
    """The samples of those seeds: blurred noise, and a blurrier version of it."""
    noise = [torch.rand(3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    truths = nn.functional.avg_pool2d(torch.stack(noise), 3, 1, 1) * 4 - 2
    boxes = torch.stack([BOXES + seed % 3 for seed in seeds])
    return Batch(nn.functional.avg_pool2d(truths, 5, 1, 2), truths, boxes, torch.tensor(seeds))


def gradients(training: RestorerTraining) -> dict[str, Tensor]:
    """Of the first step, as the optimizers have seen them: their first moment is (1 - beta) times the gradient."""
    networks = {"generator": (training.generator, training.optimizer)}
    networks |= {name: (network, training.optimizers[name]) for name, network in training.components.items()}
    if training.whole is not None:
        networks["whole"] = (training.whole, training.optimizers["whole"])
    return {
        f"{network_name}.{name}": optimizer.state[parameter]["exp_avg"] / (1 - optimizer.defaults["betas"][0])
        for network_name, (network, optimizer) in networks.items()
        for name, parameter in network.named_parameters()
        if parameter in optimizer.state
    }


def main(folder: Path) -> None:
    processes = Processes("cpu")
    halves = (batch(0, 1), batch(2, 3))
    answers = []
    for terms in CASES:
        training = new_training(terms, processes=processes)
        values = training.update(0, [halves[processes.rank]], 1.0)
        answers.append((gradients(training), values))
    matching = new_training(["component"], processes=processes, matching=True)
    matching.update(0, [halves[processes.rank]], 1.0)
    torch.save((answers, matching.state()["matching_weight"]), folder / f"{processes.rank}.pt")
    processes.wait()
    processes.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
