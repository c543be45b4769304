"""A file that was recognised gets its place in the models folder."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from core.checksums import file_sha256
from core.errors import ModelError
from core.files import reason
from core.models.catalogue import known_variants
from core.models.download import changed, only_process
from core.models.folders import check_space, is_file, models_folder
from core.models.recognition import Recognition, metadata_of
from core.models.records import Record, read_records, remember
from core.models.store import names_in_use, place_of
from core.progress import CancelToken


class Placing(StrEnum):
    """How a file comes into the models folder. A hard link takes no space and stays when the original is deleted;
    where the disk cannot have one the file is copied."""

    LINK = "link"
    SYMLINK = "symlink"
    COPY = "copy"


@dataclass(frozen=True)
class ImportOptions:
    """How models are imported.

    name     what to call a model that is not in the catalogue, None for the name of its file
    convert  write safetensors instead of the file as it is
    half     convert, and to half precision: half as large
    placing  how a file that is not converted gets into the models folder
    """

    name: str | None = None
    convert: bool = False
    half: bool = False
    placing: Placing = Placing.LINK


@dataclass(frozen=True)
class Candidate:
    """A file that may be a model. Its owner calls it `name`; `shown` says where it is; `is_temporary` files are
    ours to move away."""

    path: Path
    name: str
    shown: str
    is_temporary: bool = False


def install(
    candidate: Candidate, what: Recognition, options: ImportOptions, cancel: CancelToken
) -> tuple[Path, str]:
    """Bring a file into the models folder; returns where it is and how it came ("linked", "copied", "converted",
    or "here already"). It has its name there only once it is whole. Raises ModelError and Cancelled."""
    converts = _converts(candidate, what, options)
    place = _place(candidate, what, options, converts)
    try:
        if is_file(place) and _is_same(place, what):
            return place, "here already"  # also where the program's own folder takes no lock
        place.parent.mkdir(parents=True, exist_ok=True)
        with only_process(place, candidate.name, lambda _: None, cancel):
            if is_file(place):
                if _is_same(place, what):
                    return place, "here already"
                raise ModelError(f"'{place}' is another file than '{candidate.name}'; remove it first.")
            return place, _bring(candidate, what, place, converts, options)
    except OSError as error:
        raise ModelError(
            f"'{candidate.name}' could not be put into '{place.parent}' ({reason(error)}); check that folder and "
            "the free space."
        ) from error


def _converts(candidate: Candidate, what: Recognition, options: ImportOptions) -> bool:
    suffix = candidate.path.suffix.lower()
    if what.kind == "landmarks" or suffix == ".onnx":
        return False
    return options.half or (options.convert and suffix != ".safetensors")


def _place(candidate: Candidate, what: Recognition, options: ImportOptions, converts: bool) -> Path:
    """Where a file goes. Raises ModelError where its name belongs to another model."""
    if what.info is not None:
        if is_file(place_of(what.info)):
            return place_of(what.info)
        converted = converts or what.origin_sha256 is not None
        return models_folder() / (what.info.converted_file if converted else what.info.file)
    name = Path(candidate.name).stem if options.name is None else options.name
    if not re.fullmatch(r"\w[\w .-]{0,99}", name):
        raise ModelError(
            f"'{name}' cannot be a model's name; give it one of letters, digits, - and _ with --name."
        )
    place = models_folder() / f"{name}{'.safetensors' if converts else candidate.path.suffix.lower()}"
    if name.casefold() in names_in_use() and not (is_file(place) and _is_same(place, what)):
        raise ModelError(
            f"'{candidate.name}' is {what.description}, but not the model that is called '{name}' here; give it "
            "another name with --name."
        )
    return place


def _is_same(place: Path, what: Recognition) -> bool:
    """Whether the file that is there, or what it was converted from, is the one that was recognised."""
    ours = {file_sha256(place), metadata_of(place).get("origin_sha256")}
    return bool({what.sha256, what.origin_sha256} & ours - {None})


def _bring(candidate: Candidate, what: Recognition, place: Path, converts: bool, options: ImportOptions) -> str:
    record = read_records().get(what.info.file) if what.info and not what.info.is_pinned else None
    if what.info is not None and record is not None and not what.originates_from(record.sha256):
        raise ModelError(changed(what.info, record, what.sha256))
    part = place.with_name(f".{place.name}.import")
    try:
        if converts:
            _convert(candidate, what, part, options.half)
        done = "converted" if converts else _transfer(candidate, part, options.placing, what.size)
        if not converts and file_sha256(part) != what.sha256:
            raise ModelError(f"'{candidate.name}' changed while it was taken over; try it again.")
        _remember(candidate, what, place, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return done


def _remember(candidate: Candidate, what: Recognition, place: Path, part: Path) -> None:
    """Keep what tells the file later on, where the catalogue does not."""
    today, info = date.today().isoformat(), what.info
    if info is None:
        kind = (what.kind, what.description)
        remember(place.name, Record(file_sha256(part), part.stat().st_size, candidate.shown, today, *kind))
    elif not info.is_pinned or place.name != info.file:
        remember(place.name, Record(file_sha256(part), part.stat().st_size, candidate.shown, today))
        if not info.is_pinned and what.origin_sha256 is None:
            remember(info.file, Record(what.sha256, what.size, candidate.shown, today))


def _transfer(candidate: Candidate, part: Path, placing: Placing, size: int) -> str:
    if candidate.is_temporary:
        candidate.path.replace(part)
        return "copied"
    original = candidate.path.resolve()
    if placing is Placing.SYMLINK:
        part.symlink_to(original)
        return "linked"
    if placing is Placing.LINK:
        with suppress(OSError):
            # Other disks, and some file systems, can have none.
            os.link(original, part)
            return "linked"
    check_space(part.parent, candidate.name, size)
    shutil.copyfile(original, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    return "copied"


def _convert(candidate: Candidate, what: Recognition, part: Path, half: bool) -> None:
    """Write the tensors as safetensors, with what the program found out about them. Raises ModelError, also where
    a value does not fit half precision."""
    import torch

    from core.networks.loading import load_network, read_state_dict, save_network

    check_space(part.parent, candidate.name, what.size)
    state, metadata = read_state_dict(candidate.path)
    facts: dict[str, object] = {**metadata, "origin_file": candidate.name, "origin_sha256": what.sha256}
    if what.info is not None:
        facts |= {"origin_file": what.info.file, "licence": what.info.licence}
    elif what.licence:
        facts["licence"] = what.licence
    if what.kind in ("restorer", "prior"):
        # What shapes do not show, such as the variant.
        module = load_network(candidate.path, known_variants=known_variants()).module
        facts |= getattr(module, "hyperparameters", {})
    save_network(state, part, facts, torch.float16 if half else None)
