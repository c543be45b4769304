"""`gfpgan-desktop licences`: the terms of the program, of every package it needs, and of every model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from packaging.utils import canonicalize_name

from app.cli.exit_codes import OK
from app.cli.reporting import write
from app.licences import LGPL_NOTICE, Component, components, model_in_full, package_in_full
from core.errors import UsageError
from core.models.catalogue import ModelInfo, catalogue


def licences(options: argparse.Namespace) -> int:
    """Print them; returns the exit code. Raises UsageError for a name that is none of them."""
    packages, models = components(), catalogue()
    if options.names:
        packages, models = _named(options.names, packages, models)
    if options.json:
        told = "\n".join(map(json.dumps, [*map(_package_record, packages), *map(_model_record, models)]))
    elif options.names or options.full:
        told = "\n\n".join([*map(package_in_full, packages), *map(model_in_full, models)])
    else:
        told = _overview(packages, models)
    write(told, sys.stdout)
    return OK


def _named(
    names: Sequence[str], packages: Sequence[Component], models: Sequence[ModelInfo]
) -> tuple[tuple[Component, ...], tuple[ModelInfo, ...]]:
    wanted = {canonicalize_name(name) for name in names}
    chosen = tuple(each for each in packages if canonicalize_name(each.name) in wanted)
    chosen_models = tuple(each for each in models if any(each.is_called(name) for name in names))
    known = {canonicalize_name(each.name) for each in chosen}
    for name in names:
        if canonicalize_name(name) not in known and not any(each.is_called(name) for each in chosen_models):
            raise UsageError(f"No package and no model here is called '{name}'; `licences` lists them.")
    return chosen, chosen_models


def _package_record(package: Component) -> dict[str, object]:
    return {
        "kind": "package",
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "home": package.home,
        "texts": [str(text.path) for text in package.texts],
    }


def _model_record(model: ModelInfo) -> dict[str, object]:
    return {
        "kind": "model",
        "name": model.name,
        "licence": model.licence,
        "non_commercial": model.non_commercial,
        "bundled": model.bundled,
        "url": model.url,
    }


def _overview(packages: Sequence[Component], models: Sequence[ModelInfo]) -> str:
    parts = [
        "Packages (`licences NAME` prints the texts of one, `--full` all of them):",
        _table([(each.name, each.version, each.licence) for each in packages]),
        "Models (those for non-commercial use are marked, and asked for before a download):",
        _table([(each.name, "⚠" if each.non_commercial else "", each.licence) for each in models]),
        LGPL_NOTICE,
    ]
    return "\n\n".join(parts)


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"  {name:{widths[0]}}  {middle:{widths[1]}}  {terms}" for name, middle, terms in rows)
