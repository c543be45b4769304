"""What may be typed after `gfpgan-desktop models`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_models(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """The verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(verb: str, text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(verb, parents=[common], help=text, description=f"{text}.")
        if verb != "path":
            added.add_argument("--json", action="store_true", help="JSON objects on standard output, one a line")
        return added

    listing = add("list", "the models that there are, and which of them are here")
    listing.add_argument("--kind", metavar="KIND", help="only restorer, detector, parser, upscaler, ...")
    _add_get(add("get", "download published models"))
    _add_import(add("import", "take over models that are on this machine already"))
    path = add("path", "where models lie: the folder, or one model's file")
    path.add_argument("name", nargs="?", metavar="NAME", help="a model (default: the folder)")
    removal = add("remove", "delete models from the models folder")
    _add_names(removal, "+", "models to delete")
    removal.add_argument(
        "--forget", action="store_true", help="also forget the checksum of a file that none is published for"
    )
    _add_names(add("verify", "check that models are what they were"), "*", "models to check (default: all)")


def _add_names(parser: argparse.ArgumentParser, count: str, text: str) -> None:
    parser.add_argument("names", nargs=count, metavar="NAME", help=text)


def _add_get(parser: argparse.ArgumentParser) -> None:
    _add_names(parser, "+", "models to download; `models list` names them")
    parser.add_argument(
        "--accept-licence",
        action="store_true",
        help="you accept the terms of models that are for non-commercial use (asked for on a terminal)",
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help="address of a folder that has the published files by their names (GFPGAN_DESKTOP_MIRROR)",
    )


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources",
        nargs="+",
        type=Path,
        metavar="FILE|FOLDER|ARCHIVE",
        help="weights files, folders of other programs, zip and tar archives",
    )
    parser.add_argument("--name", metavar="NAME", help="what to call a model that is not a published one")
    parser.add_argument("--convert", action="store_true", help="write safetensors instead of PyTorch's format")
    text = "convert, and keep weights in half precision: half the size, at hardly a difference"
    parser.add_argument("--half", action="store_true", help=text)
    placing = parser.add_mutually_exclusive_group()
    text = "have own copies, not hard links (which take no space; other disks get copies anyway)"
    placing.add_argument("--copy", dest="placing", action="store_const", const="copy", default="link", help=text)
    text = "have symbolic links, which end with the originals"
    placing.add_argument("--symlink", dest="placing", action="store_const", const="symlink", help=text)
