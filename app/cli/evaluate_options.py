"""What may be typed after `gfpgan-desktop evaluate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.values import count, seed, strength

DEGRADATIONS = ("paper", "released", "4x", "none")


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """The options, but for those that every command has."""
    group = parser.add_argument_group("what is scored (aligned faces; those of one name belong together)")
    group.add_argument(
        "--restored",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="results of any method; repeatable",
    )
    group.add_argument(
        "--name", action="append", default=[], dest="names", metavar="N", help="its name in the tables; repeatable"
    )
    group.add_argument("--model", nargs="+", default=[], metavar="NAME|FILE", help="restorers to run and score")
    group.add_argument(
        "--ablation",
        nargs="+",
        default=[],
        metavar="[N=]FILE|RUN",
        help="the same for models of an ablation, under a name each, beside table 4 of the paper",
    )
    group.add_argument("--reference", type=Path, metavar="DIR", help="the truth; without it few metrics remain")
    group.add_argument("--input", type=Path, metavar="DIR", help="the degraded faces, where there are some")
    group.add_argument("--baselines", action="store_true", help="also score bicubic and classical processing")
    group.add_argument("--limit", type=count, metavar="N", help="only N of the faces, evenly chosen")
    group = parser.add_argument_group("degraded faces, made of --reference where there is no --input")
    group.add_argument(
        "--degradation",
        choices=DEGRADATIONS,
        default="paper",
        help="the paper's formula, the released options, 4x super-resolution, or none (paper)",
    )
    group.add_argument("--seed", type=seed, default=0, metavar="S", help="other seeds give other pictures (0)")
    group.add_argument(
        "--strength",
        nargs="+",
        type=strength,
        default=[1.0],
        metavar="0..1|auto",
        help="of the restoration; several give a curve; auto suits each face (1)",
    )
    group = parser.add_argument_group("networks of the metrics, by name or file")
    group.add_argument("--perceptual", metavar="FILE", help="VGG-19 or SqueezeNet 1.1, for the feature distance")
    group.add_argument("--identity", metavar="FILE", help="ArcFace ResNet-18 or an .onnx embedding, for Deg.")
    group.add_argument("--inception", metavar="FILE", help="Inception of pytorch-fid, for FID")
    group.add_argument("--fid-against", type=Path, metavar="DIR", help="pictures for FID (those of --reference)")
    group.add_argument(
        "--lpips", nargs=2, metavar=("HEADS", "NETWORK"), help="LPIPS's heads and torchvision's network for them"
    )
    group.add_argument("--detector", metavar="NAME|FILE", help="for the landmarks (the best one present)")
    group = parser.add_argument_group("results")
    group.add_argument(
        "-o", "--out", type=Path, metavar="DIR", help="folder for report.json, report.html, tables.md and pictures"
    )
    group.add_argument("--json", action="store_true", help="the report as JSON on standard output, not the table")
    group.add_argument("--device", type=str.lower, default="auto", metavar="NAME", help="see restore (auto)")
    group.add_argument("--threads", type=count, metavar="N", help="processor threads (the engine's choice)")
