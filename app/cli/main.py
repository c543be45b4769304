"""The command line: what may be typed, and which command it starts."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from app.cli.evaluate_options import add_evaluate
from app.cli.exit_codes import INTERRUPTED, OK, USAGE
from app.cli.model_options import add_models
from app.cli.values import (
    count,
    degrees,
    megapixels,
    name_part,
    percent,
    positive,
    share,
    sharpness,
    strength,
    unit,
)
from core.models import APP_NAME
from trainer.options import add_detector_options, add_run_options

COMMANDS = ("restore", "faces", "train", "evaluate", "models", "info", "licences")


def run(arguments: Sequence[str]) -> int:
    """Parse the arguments, carry out the command, return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names need not fit the terminal's encoding
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    parser = build_parser()
    if not arguments:
        parser.print_help()
        return OK
    options = parser.parse_args(arguments)
    if options.verbose:
        logging.getLogger().setLevel(logging.INFO)
    try:
        return _dispatch(options)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED


def _dispatch(options: argparse.Namespace) -> int:
    from core.errors import CoreError

    try:
        # The engine is imported below, so that --help and a wrong option answer at once: it takes seconds.
        if (
            options.command in ("restore", "faces", "train", "evaluate")
            and sys.stderr is not None
            and sys.stderr.isatty()
        ):
            print("Loading ...", end="\r", file=sys.stderr, flush=True)
        if options.command == "restore":
            from app.cli.restore import restore

            return restore(options)
        if options.command == "faces":
            from app.cli.faces import faces

            return faces(options)
        if options.command == "train" and options.step == "run":
            from trainer.worker import run as train

            return train(options)
        if options.command == "train" and options.step == "detector":
            from app.cli.train_detector import train as train_detector

            return train_detector(options)
        if options.command == "train":
            from app.cli.train import prepare

            return prepare(options)
        if options.command == "evaluate":
            from app.cli.evaluate import evaluate

            return evaluate(options)
        if options.command == "models":
            from app.cli.models import models

            return models(options)
        if options.command == "licences":
            from app.cli.licences import licences

            return licences(options)
        from app.cli.info import info

        return info(options)
    except CoreError as error:
        print(f"{APP_NAME}: {error}", file=sys.stderr)
        return USAGE


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(prog=APP_NAME, description="Restore the faces in photos, on this machine.")
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {version(APP_NAME)}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-v", "--verbose", action="store_true", help="say more about what is going on")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_restore(commands.add_parser("restore", parents=[common], help="restore the faces in photos"))
    _add_faces(commands.add_parser("faces", parents=[common], help="show which faces are found"))
    _add_train(commands.add_parser("train", help="make a model of your own"), common)
    help_text = "score restored faces, or a model, as the paper does"
    add_evaluate(commands.add_parser("evaluate", parents=[common], help=help_text, description=f"{help_text}."))
    add_models(commands.add_parser("models", help="get, import, check and remove models"), common)
    commands.add_parser("info", parents=[common], help="versions, devices, models and folders")
    help_text = "the licences of the program, of every package it needs, and of every model"
    _add_licences(commands.add_parser("licences", parents=[common], help=help_text, description=f"{help_text}."))
    return parser


def _add_licences(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="print the texts of these packages and models")
    parser.add_argument("--full", action="store_true", help="print all texts")
    parser.add_argument("--json", action="store_true", help="JSON objects on standard output, one a line")


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="photos, or folders of photos")
    parser.add_argument("-r", "--recursive", action="store_true", help="look into subfolders too")
    parser.add_argument("--detector", metavar="NAME|FILE", help="face detector (default: the best one present)")
    parser.add_argument("--faces", choices=["all", "largest", "center"], default="all", help="which faces (all)")
    parser.add_argument(
        "--min-face", type=positive, metavar="PX", help="smallest face (24, or 1/150 of the photo's long side)"
    )
    parser.add_argument(
        "--max-megapixels",
        type=megapixels,
        default=300_000_000,
        dest="max_pixels",
        metavar="N",
        help="refuse larger photos before they fill the memory (300)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a photo on standard output")
    parser.add_argument(
        "--device",
        type=str.lower,
        default="auto",
        metavar="NAME",
        help="what the networks run on: auto (the best there is), cuda, cuda:N or mps (graphics cards), "
        "openvino (the processor, usually fastest), openvino:GPU or openvino:NPU (Intel's), cpu (the processor, "
        "through PyTorch); `info` lists those of this machine (auto)",
    )
    parser.add_argument("--threads", type=count, metavar="N", help="processor threads (the engine's choice)")


def _add_precision(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--precision",
        choices=["auto", "fp32", "bf16", "fp16"],
        default="auto",
        help="numbers that faces are restored in: auto is the fastest that costs no visible quality (auto)",
    )


def _add_restore(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--model", metavar="NAME|FILE", help="face restorer (default: the best one present)")
    parser.add_argument(
        "--strength",
        type=strength,
        metavar="0..1|auto",
        help="0 keeps the photo, 1 is the model's face, auto suits each face: less of a coarse model where it is "
        "sharp (auto)",
    )
    parser.add_argument("--aligned", action="store_true", help="each photo is one face in the FFHQ position")
    parser.add_argument(
        "--alignment", choices=["lmeds", "least-squares"], default="lmeds", help="fit of the landmarks (lmeds)"
    )
    parser.add_argument(
        "--fidelity", type=unit, metavar="0..1", help="CodeFormer's: 0 is clearest, 1 most like the photo (0.5)"
    )
    parser.add_argument("--upscale", type=int, choices=[1, 2, 4], default=1, help="enlarge the photo (1)")
    parser.add_argument(
        "--background",
        metavar="NAME|FILE",
        help="what enlarges it: a super-resolution model, lanczos (no model), or auto, the best model present (on "
        "a processor, of the small ones), else lanczos (auto)",
    )
    parser.add_argument("--batch", type=count, default=4, metavar="N", help="faces at a time (4)")
    _add_precision(parser)
    parser.add_argument(
        "--color",
        choices=["auto", "keep", "model"],
        default="auto",
        help="auto keeps grey and toned photos so and takes the model's colours elsewhere (auto)",
    )
    parser.add_argument(
        "--no-detail",
        action="store_true",
        help="do not put back what the photo holds beyond the model's resolution",
    )
    parser.add_argument("--grain", action="store_true", help="give restored faces the grain of the photo")
    parser.add_argument(
        "--format",
        choices=["keep", "png", "jpg", "webp", "tiff", "heic", "avif"],
        default="keep",
        help="of the results (keep)",
    )
    parser.add_argument(
        "--quality",
        type=percent,
        metavar="1..100",
        help="of JPEG, WebP, HEIC and AVIF (that of the photo where it was a JPEG, else 95)",
    )
    parser.add_argument(
        "--depth",
        type=int,
        choices=[8],
        help="bits of a sample at most (as many as the photo has and the format holds)",
    )
    parser.add_argument(
        "--suffix", type=name_part, default="", metavar="TEXT", help="added to the names of the results"
    )
    parser.add_argument(
        "--on-exists",
        choices=["unique", "overwrite", "skip"],
        default="unique",
        help="where a result exists (unique)",
    )
    parser.add_argument(
        "--keep-times", action="store_true", help="give the results the times of their photos' files"
    )
    parser.add_argument(
        "--note-licence",
        action="store_true",
        help="write the model's name and licence into the results' metadata (XMP, usage terms)",
    )
    parser.add_argument(
        "--keep-without-faces", action="store_true", help="write photos in which no face is found as they are"
    )
    parser.add_argument(
        "--save-crops", action="store_true", help="also write each face before and after to DIR/crops"
    )


def _add_faces(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser)
    parser.add_argument("--draw", type=Path, metavar="DIR", help="write the photos with the faces drawn in to DIR")


def _add_train(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    help_text = "find, align and judge the faces of photos, as a dataset to learn from"
    _add_prepare(steps.add_parser("prepare", parents=[common], help=help_text, description=f"{help_text}."))
    help_text = "tune a model on a dataset, or train a new one"
    add_run_options(steps.add_parser("run", parents=[common], help=help_text, description=f"{help_text}."))
    help_text = "make a small face detector out of a published one"
    add_detector_options(
        steps.add_parser("detector", parents=[common], help=help_text, description=f"{help_text}.")
    )


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DATASET",
        help="folder for the dataset; what it has is kept",
    )
    parser.add_argument(
        "--aligned", action="store_true", help="each photo is one face in the FFHQ position; it is taken as it is"
    )
    parser.add_argument(
        "--min-size",
        type=positive,
        default=256,
        metavar="PX",
        help="smallest square of a face in the photo (256)",
    )
    parser.add_argument(
        "--min-sharpness", type=sharpness, default=-3.2, metavar="-20..0", help="lower takes softer faces (-3.2)"
    )
    parser.add_argument(
        "--max-angle",
        type=degrees,
        default=45,
        metavar="0..90",
        help="how far a head may be turned, roughly (45)",
    )
    parser.add_argument(
        "--max-outside",
        type=share,
        default=10,
        metavar="0..100",
        help="percent of a face's square outside the photo (10)",
    )
    parser.add_argument("--keep-grey", action="store_true", help="take black-and-white and toned faces too")
