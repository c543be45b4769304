"""`gfpgan-desktop models`: what there is, getting, importing, removing and checking."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from app.cli.batch import stop_on_interrupt
from app.cli.downloads import DownloadDisplay
from app.cli.exit_codes import INTERRUPTED, OK, SOME_FAILED
from core.errors import Cancelled, CoreError, ModelError, UsageError
from core.models.catalogue import ModelInfo, catalogue
from core.models.download import download_model
from core.models.folders import is_file, models_folder
from core.models.importing import Imported, Refused, import_models
from core.models.installing import ImportOptions, Placing
from core.models.recognition import metadata_of
from core.models.store import ModelFile, find_file, known_model, place_of, present_models
from core.models.verification import verify_models
from core.removal import remove_model


def models(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    verbs: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "get": _get,
        "import": _import,
        "path": _path,
        "remove": _remove,
        "verify": _verify,
    }
    try:
        return verbs[options.verb](options)
    except Cancelled:
        stays = " What was downloaded stays, and the same command goes on." if options.verb == "get" else ""
        print(f"Stopped.{stays}", file=sys.stderr)
        return INTERRUPTED


def _list(options: argparse.Namespace) -> int:
    rows = [_row(info) for info in catalogue()] + [_own_row(m) for m in present_models() if m.info is None]
    rows = [row for row in rows if options.kind in (None, row["kind"])]
    if not rows:
        raise UsageError(f"There is no kind of models called '{options.kind}'.")
    if options.json:
        for row in rows:
            _say_json(row)
        return OK
    table = [("NAME", "HERE", "MB", "WHAT FOR", "LICENCE")]
    table += [
        (row["name"], "yes" if row["path"] else "-", _megabytes(row["size"]), row["purpose"], _short_licence(row))
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    return OK


def _short_licence(row: dict[str, Any]) -> str:
    return "non-commercial" if "non-commercial" in row["licence"] else str(row["licence"])


def _row(info: ModelInfo) -> dict[str, Any]:
    path = place_of(info)
    here = is_file(path)
    size = path.stat().st_size if here else info.size
    return {**asdict(info), "size": size, "path": str(path) if here else None}


def _own_row(model: ModelFile) -> dict[str, Any]:
    record = model.record
    return {
        "name": model.name,
        "kind": model.kind or "?",
        "title": model.title,
        "file": model.path.name,
        "purpose": record.description if record and record.description else "a model of yours",
        "licence": metadata_of(model.path).get("licence", "?"),
        "size": model.path.stat().st_size,
        "sha256": record.sha256 if record else None,
        "path": str(model.path),
    }


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:.0f}" if size >= 10e6 else f"{size / 1e6:.1f}"


def _get(options: argparse.Namespace) -> int:
    wanted = [_known(name) for name in options.names]
    _ask_for_licences([info for info in wanted if not is_file(place_of(info))], options)

    def get(name: str) -> None:
        info = _known(name)
        was_here = is_file(place_of(info))
        with DownloadDisplay(options.json) as display, stop_on_interrupt() as cancel:
            path = download_model(info, display.show, cancel, options.mirror)
        record = {"event": "done", "name": info.name, "path": str(path), "size": path.stat().st_size}
        _say(options, record, f"{info.name}: {'is here already' if was_here else 'done'}, {path}")

    return _each([info.name for info in wanted], get, options)


def _known(name: str) -> ModelInfo:
    info = known_model(name)
    if info is None:
        names = ", ".join(info.name for info in catalogue() if not info.bundled)
        raise ModelError(f"There is no published model called '{name}'; there are: {names}.")
    return info


def _ask_for_licences(wanted: Sequence[ModelInfo], options: argparse.Namespace) -> None:
    """Say the terms before anything is downloaded. Raises UsageError where they are not accepted."""
    for info in wanted:
        print(f"{info.name}: {info.licence}", file=sys.stderr)
    restricted = [info.name for info in wanted if info.non_commercial]
    if not restricted or options.accept_licence:
        return
    names = ", ".join(restricted)
    if options.json or sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"For non-commercial use only: {names}. Add --accept-licence if you accept these terms.")
    question = f"For non-commercial use only: {names}. Do you accept these terms? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise UsageError("Nothing was downloaded.")


def _import(options: argparse.Namespace) -> int:
    wanted = ImportOptions(options.name, options.convert, options.half, Placing(options.placing))
    done, failed = 0, 0
    with stop_on_interrupt() as cancel:
        for outcome in import_models(options.sources, wanted, cancel):
            if isinstance(outcome, Imported):
                done += 1
                _tell_imported(options, outcome)
            else:
                failed += outcome.named
                _tell_refused(options, outcome)
    if not done:
        raise UsageError("No model was imported.")
    return SOME_FAILED if failed else OK


def _tell_imported(options: argparse.Namespace, outcome: Imported) -> None:
    what = outcome.what
    name = what.info.name if what.info else outcome.place.stem
    record = {
        "event": "imported",
        "source": outcome.source,
        "name": name,
        "kind": what.kind,
        "description": what.description,
        "told_by": what.how,
        "sha256": what.sha256,
        "path": str(outcome.place),
        "done": outcome.done,
    }
    text = f"{outcome.source}: {what.description} (by {what.how}), {outcome.done}: {name}"
    _say(options, record, text)


def _tell_refused(options: argparse.Namespace, outcome: Refused) -> None:
    if options.json:
        _say_json({"event": "refused", "source": outcome.source, "why": outcome.why})
    elif outcome.named:
        print(f"FAILED {outcome.why}", file=sys.stderr)
    else:
        print(f"{outcome.source}: left out. {outcome.why}", file=sys.stderr)


def _path(options: argparse.Namespace) -> int:
    print(models_folder() if options.name is None else find_file(options.name).resolve())
    return OK


def _remove(options: argparse.Namespace) -> int:
    def remove(name: str) -> None:
        removed, size = remove_model(name, options.forget)
        record = {"event": "removed", "name": removed.name, "path": str(removed.path), "freed": size}
        freed = f"{_megabytes(size)} MB are free again" if size else "it took no space of its own"
        _say(options, record, f"{removed.name}: removed, {freed}")

    return _each(options.names, remove, options)


def _verify(options: argparse.Namespace) -> int:
    bad = 0
    with stop_on_interrupt() as cancel:
        for verdict in verify_models(options.names, cancel):
            bad += verdict.problem is not None
            name, path = verdict.model.name, str(verdict.model.path)
            record = {"event": "verified", "name": name, "path": path, "checked": verdict.checked}
            text = f"{name}: BAD. {verdict.problem}" if verdict.problem else f"{name}: good ({verdict.checked})"
            _say(options, {**record, "problem": verdict.problem}, text)
    return SOME_FAILED if bad else OK


def _each(names: Sequence[str], work: Callable[[str], None], options: argparse.Namespace) -> int:
    """Do it to all of them, whatever fails; CoreError if there is but one and it fails."""
    failed = 0
    for name in names:
        try:
            work(name)
        except CoreError as error:
            if len(names) == 1:
                raise
            failed += 1
            if options.json:
                _say_json({"event": "failed", "name": name, "error": str(error)})
            print(f"FAILED {error}", file=sys.stderr)
    return SOME_FAILED if failed else OK


def _say(options: argparse.Namespace, record: dict[str, Any], text: str) -> None:
    if options.json:
        _say_json(record)
    else:
        print(text, flush=True)


def _say_json(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)
