"""`gfpgan-desktop evaluate`: how good restored faces are, in numbers and pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path

from tqdm import tqdm

from app.cli.batch import stop_on_interrupt
from app.cli.engines import chosen_target, say_now
from app.cli.exit_codes import INTERRUPTED, OK, SOME_FAILED
from core.assembly import load_detector, load_restorer
from core.engines.engine import Target
from core.errors import Cancelled, UsageError
from core.files import make_folder, write_atomically
from core.models import APP_NAME, find_file, find_model
from core.progress import CancelToken
from trainer.run_folder import RunFolder, as_name
from trainer.scoring.meters import FID, Meters, Networks, build_meters
from trainer.scoring.page import html
from trainer.scoring.pictures import Folder, evenly, pictures_in
from trainer.scoring.scores import INPUT, Method, Report, measure
from trainer.scoring.sets import RECORD, Record, Step, classical_all, make_inputs, read_record, restore_all
from trainer.scoring.tables import as_text, changes_table, main_table, markdown

REPORT, PAGE, TABLES = "report.json", "report.html", "tables.md"
"""What --out gets, beside a folder of pictures for each method."""

_BICUBIC, _CLASSICAL = "Bicubic", "Classical (OpenCV)"


def evaluate(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    _check(options)
    try:
        with stop_on_interrupt() as cancel:
            return _Evaluation(options, cancel).run()
    except Cancelled:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED


def _check(options: argparse.Namespace) -> None:
    """Raises UsageError for options that make no sense together."""
    models = options.model + options.ablation
    if not models and not options.restored and not options.baselines:
        raise UsageError(
            "There is nothing to score: give --restored DIR, or --model M or --baselines with --reference DIR."
        )
    if (models or options.baselines) and not (options.reference or options.input):
        raise UsageError("There is nothing to restore: give --reference DIR, or --input DIR.")
    if (models or options.baselines) and options.out is None:
        raise UsageError("Restored faces need a place: give --out DIR.")
    if len(options.names) > len(options.restored):
        raise UsageError("There are more --name than --restored; give one for each folder, in the same order.")


class Taken:
    """Names that are in use, on disks that ignore case too."""

    def __init__(self, *names: str) -> None:
        self._names = {name.casefold() for name in names}

    def free(self, name: str) -> str:
        """`name`, or with the first number behind it that makes it another one; it is taken from then on."""
        numbered = (f"{name}-{number}" for number in count(2))
        free = next(each for each in chain([name], numbered) if each.casefold() not in self._names)
        self._names.add(free.casefold())
        return free


class _Evaluation:
    """One run: folders of pictures first, then numbers, then files."""

    def __init__(self, options: argparse.Namespace, cancel: CancelToken) -> None:
        self._options, self._cancel = options, cancel
        self._target: Target = chosen_target(options, "fp32")
        if options.threads is not None:
            from torch import set_num_threads

            set_num_threads(options.threads)
        self._models, self._rows = Taken(), Taken(INPUT, _BICUBIC, _CLASSICAL)
        self._places = Taken("input", "bicubic", "classical")
        self._failures: list[str] = []
        self._about: dict[str, str] = {}

    def run(self) -> int:
        options = self._options
        references = None if options.reference is None else pictures_in(options.reference)
        truths = None if references is None else evenly(references, options.limit)
        # What may be mistyped comes before the minutes that restoring takes.
        given = [pictures_in(folder) for folder in options.restored]
        against = None if options.fid_against is None else pictures_in(options.fid_against)
        meters = self._meters(compares=truths is not None)
        if options.out is not None:
            make_folder(options.out)
        inputs, record, methods = self._inputs(truths)
        methods += self._baselines(inputs)
        for wanted in options.model + options.ablation:
            methods += self._restored(wanted, inputs)
        names = [*options.names, *(folder.resolve().name for folder in options.restored[len(options.names) :])]
        names = [self._rows.free(name) for name in names]
        methods += [Method(name, pictures) for name, pictures in zip(names, given, strict=True)]
        faces = self._faces(truths, inputs, methods)
        with self._steps("measuring", len(faces) * len(methods)) as step:
            scores = measure(methods, faces, truths, meters, step, against)
        metrics = [meter.metric for meter in meters.each]
        report = Report(
            about={"program": f"{APP_NAME} {version(APP_NAME)}", **self._folders(), **self._about},
            faces=faces,
            metrics=metrics + ([FID] if any(FID.key in found.of_set for found in scores) else []),
            methods=scores,
            left_out=meters.left_out + self._failures,
            references={} if truths is None else {face: str(truths[face]) for face in faces},
            draws={} if record is None else record.parameters(),
            ablation=bool(options.ablation),
        )
        self._write(report)
        return SOME_FAILED if self._failures else OK

    def _inputs(self, truths: Folder | None) -> tuple[Folder | None, Record | None, list[Method]]:
        """The faces to restore, how they were made if that is known, and the rows that they are."""
        options = self._options
        if options.input is not None:
            folder, record = _of_one_making(options.input)
            if truths is None:
                folder = evenly(folder, options.limit)
            else:
                folder = {face: path for face, path in folder.items() if face in truths}
        elif truths is not None and (options.model or options.ablation or options.baselines):
            place = self._place("input")
            bicubic = self._place("bicubic") if options.baselines and options.degradation != "none" else None
            with self._steps("degrading", len(truths)) as step:
                record = make_inputs(truths, options.degradation, options.seed, place, bicubic, step)
            folder = {face: place / f"{face}.png" for face in truths}
        else:
            return None, None, []
        if record is not None:
            self._about |= {"degradation": record.degradation, "seed": str(record.seed)}
        return folder, record, [Method(INPUT, folder)]

    def _baselines(self, inputs: Folder | None) -> list[Method]:
        options = self._options
        if not options.baselines or inputs is None:
            return []
        methods, place = [], self._place("classical")
        if options.input is None and options.degradation != "none":
            methods.append(_method(_BICUBIC, options.out / "bicubic", inputs))
        with self._steps("classical", len(inputs)) as step:
            classical_all(inputs, place, step)
        return [*methods, _method(_CLASSICAL, place, inputs)]

    def _restored(self, wanted: str, inputs: Folder | None) -> list[Method]:
        """A row for each strength of one model."""
        assert inputs is not None
        wanted_name, file = self._named(wanted)
        name = self._models.free(wanted_name)
        if name != wanted_name:
            say_now(f"Another one is called '{wanted_name}' too; '{file}' is '{name}' in the tables.")
        restorer, _ = load_restorer(file, self._target, tell=say_now)
        strengths = list(dict.fromkeys(self._options.strength))
        rows = [name if strength == 1 else f"{name}, strength {_said(strength)}" for strength in strengths]
        rows = [self._rows.free(row) for row in rows]
        places = [self._place(self._places.free(as_name(row))) for row in rows]
        with self._steps(name, len(inputs)) as step:
            failed = restore_all(restorer, inputs, strengths, places, step)
        self._failures += [f"{name} failed on {failure}" for failure in failed]
        return [
            Method(row, _method(row, place, inputs).pictures, name, strength)
            for row, place, strength in zip(rows, places, strengths, strict=True)
        ]

    def _named(self, wanted: str) -> tuple[str, str]:
        """What a model is called in the tables, and its name or file; of a run's folder, the model in it. The file
        of a run has the name of its folder, for they are all called alike."""
        name, separator, file = wanted.partition("=")
        if not separator or wanted in self._options.model:
            name, file = "", wanted
        path = Path(file)
        run = RunFolder(path if path.is_dir() else path.parent)
        if path.is_dir() or (path == run.model and path.is_file()):
            return name or run.path.resolve().name, str(run.model)
        return name or find_model(file, "restorer").title, file

    def _faces(self, truths: Folder | None, inputs: Folder | None, methods: Sequence[Method]) -> list[str]:
        """The faces to measure; those that a method lacks are told."""
        first = truths or inputs
        faces = list(first) if first is not None else list(evenly(methods[0].pictures, self._options.limit))
        for method in methods:
            missing = [face for face in faces if face not in method.pictures]
            if len(missing) == len(faces):
                raise UsageError(
                    f"No picture of {method.name} is called like another's, such as '{faces[0]}'; name them alike."
                )
            if missing:
                self._failures.append(
                    f"{method.name} lacks {len(missing)} of {len(faces)} faces ({missing[0]}, ...)."
                )
        return faces

    def _meters(self, compares: bool) -> Meters:
        options = self._options
        default = Networks()
        networks = Networks(
            perceptual=_given(options.perceptual) or default.perceptual,
            identity=_given(options.identity) or default.identity,
            inception=_given(options.inception) or default.inception,
            lpips=tuple(options.lpips) if options.lpips else None,
        )
        detector, file = load_detector(options.detector, target=self._target, tell=say_now)
        return build_meters(networks, detector.lenient(), file.title, compares)

    def _place(self, name: str) -> Path:
        """A folder for pictures of ours. Raises UsageError where it would be one of the user's."""
        options, place = self._options, Path(self._options.out / name)
        given = (options.reference, options.input, options.fid_against, *options.restored)
        if any(folder is not None and folder.resolve() == place.resolve() for folder in given):
            raise UsageError(
                f"'{place}' is one of the given folders and would be overwritten; choose another --out."
            )
        return place

    def _folders(self) -> dict[str, str]:
        named = {
            "truths": self._options.reference,
            "inputs": self._options.input,
            "FID against": self._options.fid_against,
        }
        return {what: folder.resolve().name for what, folder in named.items() if folder is not None}

    def _write(self, report: Report) -> None:
        if self._options.out is not None:
            write_atomically(self._options.out / REPORT, report.to_json())
            write_atomically(self._options.out / TABLES, markdown(report).encode())
            write_atomically(self._options.out / PAGE, html(report).encode("utf-8", "backslashreplace"))
        if self._options.json:
            print(report.to_json().decode())
            return
        changes = changes_table(report)
        print(as_text(main_table(report)))
        if changes is not None:
            print(f"\n{changes.title}\n{as_text(changes)}")
        print("", *report.left_out, sep="\n")
        if self._options.out is not None:
            say_now(f"See '{self._options.out / PAGE}'.")

    @contextmanager
    def _steps(self, name: str, total: int) -> Iterator[Step]:
        """A bar where somebody watches; each step may be the last, if Ctrl-C was pressed."""
        watched = None if sys.stderr is not None else True
        with tqdm(total=total, desc=name, disable=watched, file=sys.stderr, dynamic_ncols=True) as bar:

            def step() -> None:
                bar.update()
                self._cancel.raise_if_cancelled()

            yield step


def _of_one_making(place: Path) -> tuple[Folder, Record | None]:
    """The given inputs, and how they were made if that is known; then only those that were made so. Raises
    PhotoError and UsageError."""
    folder, record = pictures_in(place), read_record(place)
    if record is None:
        return folder, None
    ours = record.only(folder)
    if not ours:
        raise UsageError(
            f"'{RECORD}' in '{place}' is of none of the pictures there; make them again, or remove it."
        )
    if len(ours) < len(folder):
        say_now(f"{len(folder) - len(ours)} pictures in '{place}' are left out: '{RECORD}' is of others.")
    return ours, record


def _given(wanted: str | None) -> list[str]:
    """Raises ModelError for what is asked for and not there; what nobody asked for is left out instead."""
    return [] if wanted is None else [str(find_file(wanted))]


def _method(name: str, folder: Path, faces: Folder) -> Method:
    return Method(name, {face: path for face in faces if (path := folder / f"{face}.png").is_file()})


def _said(strength: float | None) -> str:
    return "auto" if strength is None else f"{strength:g}"
