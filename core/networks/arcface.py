"""ArcFace's ResNet-18, which tells who is in a picture (Deng et al. 2019; GFP-GAN section 3.5, identity loss)."""

from collections.abc import Sequence

from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """Scale each channel by a gate computed from all channel means; (N, C, H, W) -> same."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.PReLU(),
            nn.Linear(channels // reduction, channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        gate: Tensor = self.fc(x.mean((2, 3)))
        return x * gate[:, :, None, None]


class IRBlock(nn.Module):
    """The "improved residual" block: batch norm first, PReLU, stride in the second convolution.

    (N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride). One PReLU slope serves both activations.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, *, use_se: bool) -> None:
        super().__init__()
        self.bn0 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.prelu = nn.PReLU()
        self.conv2 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )
        self.se = SqueezeExcitation(out_channels) if use_se else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.prelu(self.bn1(self.conv1(self.bn0(x))))
        out = self.bn2(self.conv2(out))
        if self.se is not None:
            out = self.se(out)
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.prelu(out + shortcut)
        return activated


class ArcFace(nn.Module):
    """Grey faces (N, 1, 128, 128), float in [-1, 1] -> embeddings (N, 512), not normalised.

    The angle between two embeddings measures how unlike two people are. `blocks` are the depths of the four
    stages; the published network has no squeeze and excitation.
    """

    def __init__(self, blocks: Sequence[int] = (2, 2, 2, 2), *, use_se: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.prelu = nn.PReLU()
        self.maxpool = nn.MaxPool2d(2)
        channels = 64
        for stage, depth in enumerate(blocks, start=1):
            width = 32 << stage
            layer = nn.Sequential()
            for index in range(depth):
                layer.append(IRBlock(channels, width, 2 if index == 0 and stage > 1 else 1, use_se=use_se))
                channels = width
            self.add_module(f"layer{stage}", layer)
        self.stages = len(blocks)
        self.bn4 = nn.BatchNorm2d(channels)
        self.dropout = nn.Dropout()
        self.fc5 = nn.Linear(channels * (64 >> (self.stages - 1)) ** 2, 512)
        self.bn5 = nn.BatchNorm1d(512)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.prelu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = self.get_submodule(f"layer{stage}")(x)
        x = self.dropout(self.bn4(x)).flatten(1)
        embedding: Tensor = self.bn5(self.fc5(x))
        return embedding
