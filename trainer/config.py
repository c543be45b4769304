"""What a training run is told: one `TrainConfig`, with the tables below. No torch here.

Presets, files and `--set key=value` become one in `trainer.resolving`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.errors import CoreError
from trainer.recipes import RECIPES, Degradation

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
Decay = Annotated[float, msgspec.Meta(ge=0, lt=1)]

Ablation = Literal[
    "none",
    "no-spatial-modulation",
    "plain-sft",
    "no-prior",
    "no-pyramid",
    "no-component",
    "component-discriminators",
    "feature-matching",
    "feature-style",
]


class ConfigError(CoreError):
    """A setting that does not exist, or has a value that it cannot have."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some settings that belong together."""


class Network(Table, frozen=True):
    """The network to train.

    base          a restorer by name or file, whose sizes then count; "" builds a new one from the sizes below
    grow          make a clean base as large as size, channel_multiplier and narrow below say; it makes the same
                  images at first, enlarged where it takes larger ones (`trainer.growth`)
    prior         a StyleGAN2 file for the decoder of a new network; "" starts it at random
    freeze_prior  train only degradation removal, mapping and SFT (the paper's fix_decoder)
    train_as      a clean base has its scales baked in: "bilinear" converts it for training and back again,
                  "clean" trains it as it is, at `clean_rate` times the rate
    The others: see `core.networks.gfpgan.GFPGAN`.
    """

    base: str = ""
    grow: bool = False
    prior: str = ""
    freeze_prior: bool = False
    train_as: Literal["bilinear", "clean"] = "bilinear"
    variant: Literal["clean", "original", "bilinear"] = "bilinear"
    size: AtLeastOne = 512
    style_dim: AtLeastOne = 512
    channel_multiplier: Positive = 2
    narrow: Positive = 1.0
    num_mlp: Count = 8
    sft_half: bool = True
    different_w: bool = True
    input_is_latent: bool = True
    spatial_modulation: bool = True


class Discriminators(Table, frozen=True):
    """The networks to play against: files with published weights, "" starts fresh.

    channel_multiplier, narrow: the size of the one for the whole face; narrow 0 takes the generator's, for of a
    pair that is uneven the larger one costs time and wins. rate: its learning rate as a share of the generator's.
    delay: steps before the adversarial terms begin, in which the discriminators learn alone.
    """

    whole: str = ""
    left_eye: str = ""
    right_eye: str = ""
    mouth: str = ""
    channel_multiplier: Positive = 1
    narrow: NotNegative = 0.0
    rate: Positive = 1.0
    delay: Count = 0


class Losses(Table, frozen=True):
    """Weights of the terms (paper, section 3.5); 0 switches one off.

    pyramid_drop        iterations after which the pyramid term ends; 0 never
    perceptual_network  a file with VGG-19 or SqueezeNet 1.1; perceptual_layers are its layers' weights, empty for
                        the network's own
    identity_network    a file with an ArcFace ResNet-18 or an .onnx face embedding
    lpips               of the same network's features, compared as LPIPS without its heads does
    component_matching  compare features directly instead of by Gram matrices (figure 6)
    allow_missing       go on without the terms whose network is not there
    """

    l1: NotNegative = 0.1
    pyramid: NotNegative = 1.0
    pyramid_drop: Count = 0
    perceptual: NotNegative = 1.0
    style: NotNegative = 0.0
    lpips: NotNegative = 0.0
    perceptual_network: str = "vgg19-dcbb9e9d.pth"
    perceptual_layers: dict[str, NotNegative] = {}
    adversarial: NotNegative = 0.1
    r1: NotNegative = 10.0
    r1_every: AtLeastOne = 16
    component: NotNegative = 1.0
    component_style: NotNegative = 200.0
    component_matching: bool = False
    identity: NotNegative = 10.0
    identity_network: str = "arcface_resnet18.pth"
    identity_distance: Literal["l1", "cosine", "angle"] = "l1"
    allow_missing: bool = False

    @property
    def compares_features(self) -> bool:
        """Whether a term needs the perceptual network."""
        return bool(self.perceptual or self.style or self.lpips)


class Optimizer(Table, frozen=True):
    """Adam, one for the generator and one for each discriminator.

    rate         learning rate for equalized networks; clean ones take clean_rate times it
    schedule     "steps" multiplies the rate by `gamma` at each of `milestones`, "cosine" lowers it to `final`
                 times the rate at the last step
    warmup       steps over which the rate rises from 0
    betas        of the generator
    ema          decay of the average per step. It is smaller at first, (1 + n) / (10 + n) after n steps
    """

    rate: Positive = 2e-3
    clean_rate: Positive = 0.05
    schedule: Literal["steps", "cosine"] = "steps"
    milestones: tuple[Count, ...] = (700_000, 750_000)
    gamma: Positive = 0.5
    final: NotNegative = 0.0
    warmup: Count = 0
    betas: tuple[Decay, Decay] = (0.0, 0.99)
    ema: Decay = 0.5 ** (32 / 10_000)


class Prior(Table, frozen=True):
    """Training a StyleGAN2 from scratch: mixing is the probability of style mixing, augment adapts augmentation
    to small data sets (`trainer.adaptive_augmentation`)."""

    path_length: NotNegative = 2.0
    path_every: AtLeastOne = 4
    mixing: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.9
    augment: bool = True


class Data(Table, frozen=True):
    """Where the faces come from.

    folder             a dataset of `train prepare`
    held_out           faces that are only looked at: below 1 a share of the photos, else a number of faces
    held_out_folder    another dataset to look at instead
    augment            how much the truths are turned, bent and coloured, 0 not, 1 strongly: more people than
                       there are, where there are hundreds or thousands. A few people's likeness would suffer
    mix                how often a truth gets a part of another face, and how often these get one of a third: new
                       people, for a restorer of anybody; leave it at 0 for one that is to know certain people
    size               side of the samples in px. 0 is the network's; at 512 the losses see what a smaller network
                       makes as the program shows it, enlarged
    repeat             {"studio-" = 3}: faces of photos whose name begins so come three times an epoch, others once
    workers            processes that read and degrade, -1 for as many as suit
    degrade_on_device  degrade in batches on the GPU
    landmarks          the published boxes of FFHQ, instead of those from the dataset's landmarks
    """

    folder: str = ""
    held_out: NotNegative = 0.05
    held_out_folder: str = ""
    augment: NotNegative = 0.0
    mix: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    size: Annotated[int, msgspec.Meta(ge=0, le=512)] = 0
    repeat: dict[str, AtLeastOne] = {}
    workers: Annotated[int, msgspec.Meta(ge=-1)] = -1
    degrade_on_device: bool = False
    landmarks: str = ""


class Every(Table, frozen=True):
    """Steps between two of a kind; 0 for never (but at the end)."""

    report: AtLeastOne = 10
    evaluation: Count = 1000
    sample: Count = 500
    checkpoint: AtLeastOne = 1000


class TrainConfig(Table, frozen=True):
    """Everything about a run.

    preset       that it began with, for the record; run_id tells the run's models from others'
    name         what the model will be called; "" for the name of the run's folder
    trains       "restorer" or "prior", a StyleGAN2 alone
    ablation     one of the paper's ablations, see `trainer.resolving.ABLATIONS`
    batch        samples at a time in each process; accumulate: batches to a step
    precision    "auto" is bf16 where the hardware has it, else fp32
    checkpointing  compute activations again in the backward pass, for less memory
    compile      torch.compile for the generator, on graphics cards
    keep         checkpoints to keep, besides the best
    samples      held-out faces in the sample pictures; evaluate: at most so many in the metrics, where they
                 are fewer than 16 each in several degradations

    degradation  of the inputs, in pixels of 512 px faces whatever the network's size; see `trainer.recipes`
    """

    preset: str = ""
    run_id: str = ""
    name: str = ""
    trains: Literal["restorer", "prior"] = "restorer"
    ablation: Ablation = "none"
    steps: AtLeastOne = 800_000
    batch: AtLeastOne = 12
    accumulate: AtLeastOne = 1
    seed: Count = 0
    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    checkpointing: bool = False
    compile: bool = False
    keep: AtLeastOne = 3
    samples: AtLeastOne = 6
    evaluate: AtLeastOne = 64
    tensorboard: bool = False
    network: Network = Network()
    discriminators: Discriminators = Discriminators()
    losses: Losses = Losses()
    optimizer: Optimizer = Optimizer()
    prior: Prior = Prior()
    data: Data = Data()
    degradation: Degradation = RECIPES["released"]
    every: Every = Every()
