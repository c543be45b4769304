"""What `train run` may be told on a command line. No torch here, so that --help answers at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from trainer.resolving import preset_names


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a training run, for `trainer.worker.run`."""
    parser.add_argument(
        "--preset",
        choices=preset_names(),
        metavar="NAME",
        help=f"where to begin: {', '.join(preset_names())} (quick)",
    )
    parser.add_argument("--data", type=Path, metavar="DATASET", help="folder that 'train prepare' made")
    parser.add_argument(
        "--base", metavar="NAME|FILE", help="model to tune, 'best' for the best one present, 'none' for a new one"
    )
    parser.add_argument("--out", type=Path, metavar="RUN", help="folder for the run, which also names the model")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="KEY=VALUE",
        help="change a setting of the preset, such as steps=2000 or losses.identity=5; may be repeated",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="a file of settings instead of a preset")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument(
        "--allow-missing",
        action="store_true",
        help="train without the loss terms whose network is not there, which costs quality",
    )
    parser.add_argument(
        "--estimate", action="store_true", help="say what the run would take, and leave nothing behind"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    parser.add_argument("--train-worker", action="store_true", help=argparse.SUPPRESS)


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train detector`, for `trainer.detector.run`."""
    parser.add_argument(
        "--teacher",
        type=Path,
        required=True,
        metavar="FILE",
        help="weights of the published RetinaFace mobile0.25, which says where faces are",
    )
    parser.add_argument(
        "--faces", type=Path, required=True, metavar="DIR", help="folder of aligned faces, in the FFHQ position"
    )
    parser.add_argument(
        "--photos", type=Path, required=True, nargs="+", metavar="DIR", help="folders of photos of people"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="RUN", help="folder for the run; one that is there goes on"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="batches to learn from (7600)")
    parser.add_argument("--seed", type=int, metavar="N", help="another one learns from other mosaics (0)")
    parser.add_argument("--precision", choices=["bf16", "fp32"], help="numbers of the steps layer by layer (bf16)")
