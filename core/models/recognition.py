"""What a file is: by its checksum, else by what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.checksums import file_sha256
from core.errors import ModelError
from core.files import reason
from core.models.catalogue import ModelInfo, catalogue, known_variants
from core.models.records import read_records

if TYPE_CHECKING:
    from core.networks.loading import WeightsDescription

LANDMARKS_GLOBALS = frozenset(
    {
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "numpy.dtypes.Float64DType",
    }
)
"""What FFHQ's landmarks file may name besides containers, text and numbers: the scalar float64."""


@dataclass(frozen=True)
class Recognition:
    """What a file is. `info` is its row of the catalogue; a file without one has a `kind` by its architecture.
    `description` is a line for people, `how` says what it was told by. `origin_sha256` is the checksum of the file
    that it was converted from, as it says itself; `licence` is what is known of the terms, "" where nothing is."""

    sha256: str
    size: int
    info: ModelInfo | None
    kind: str
    description: str
    how: str
    origin_sha256: str | None = None
    licence: str = ""

    def originates_from(self, sha256: str) -> bool:
        """Whether this is the file with that checksum, or was converted from it."""
        return sha256 in (self.sha256, self.origin_sha256)


def recognise(path: Path, name: str) -> Recognition:
    """What the file at `path`, which its owner calls `name`, is. Nothing in it is run.

    A file whose checksum is published (or remembered) is that model. One that is called like a model without a
    published checksum is taken for it unless its architecture says otherwise. Any other is a model of its own, if
    its architecture is known. ModelError, one sentence to show as it is, for all the rest.
    """
    try:
        sha256, size = file_sha256(path), path.stat().st_size
    except OSError as error:
        raise ModelError(f"'{name}' could not be read ({reason(error)}); check the file.") from error
    known = _by_checksum(sha256)
    if known is not None:
        return _published(known, sha256, size, "its checksum")
    metadata = metadata_of(path)
    origin = _by_checksum(metadata.get("origin_sha256", ""))
    if origin is not None and origin.file == metadata.get("origin_file"):
        look_inside(path, name, origin.kind)
        told = "what it says it was converted from"
        return _published(origin, sha256, size, told, metadata["origin_sha256"])
    return _by_content(path, name, sha256, size)


def _published(
    info: ModelInfo, sha256: str, size: int, told_by: str, origin_sha256: str | None = None
) -> Recognition:
    return Recognition(sha256, size, info, info.kind, info.title, told_by, origin_sha256, info.licence)


def _by_checksum(sha256: str) -> ModelInfo | None:
    """The model whose checksum this is: the published one, else the one that is remembered."""
    published = next((info for info in catalogue() if info.is_pinned and info.sha256 == sha256), None)
    remembered = [file for file, record in read_records().items() if record.sha256 == sha256]
    return published or next((info for info in catalogue() if info.file in remembered), None)


def _by_content(path: Path, name: str, sha256: str, size: int) -> Recognition:
    namesake = next((info for info in catalogue() if info.file.casefold() == name.casefold()), None)
    if namesake is not None and not namesake.is_pinned:
        if not namesake.agrees(sha256):
            raise ModelError(
                f"'{name}' is called like {namesake.title} and is another file (its SHA-256 is {sha256}, that of "
                f"the published one begins with {namesake.sha256}); give it another name, or get it again."
            )
        look_inside(path, name, namesake.kind)
        return _published(namesake, sha256, size, "its name")
    if path.suffix.lower() == ".onnx":
        raise ModelError(
            f"'{name}' is an ONNX file that this program does not know; only published ones are taken."
        )
    found = _describe(path, name)
    return Recognition(
        sha256, size, None, found.kind, found.description, "its architecture", licence=found.licence
    )


def look_inside(path: Path, name: str, kind: str | None) -> None:
    """Raises ModelError, one sentence to show as it is, unless a file is whole, runs nothing when it is read, and
    holds a network of this kind; of kinds without a network here (and None) only the first two are told."""
    if kind == "landmarks":
        _check_landmarks(path, name)
    elif path.suffix.lower() == ".onnx":
        return
    elif kind in _networks():
        found = _describe(path, name)
        if found.kind != kind:
            raise ModelError(f"'{name}' is called like a {kind} and is {found.description}; give it another name.")
    else:
        from core.networks.loading import read_state_dict

        with named(path, name):
            read_state_dict(path)


def _networks() -> tuple[str, ...]:
    """The kinds of which the program has networks."""
    from core.networks.architectures import KIND_NAMES

    return tuple(KIND_NAMES)


def _describe(path: Path, name: str) -> WeightsDescription:
    from core.networks.loading import describe_weights

    with named(path, name):
        return describe_weights(path, known_variants())


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """Errors call the file at `path` what its owner calls it: the path may be a temporary one."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error).replace(f"'{path.name}'", f"'{name}'")) from error


def metadata_of(path: Path) -> dict[str, str]:
    """The text metadata of a safetensors file; {} for any other."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):
        return {}


def _check_landmarks(path: Path, name: str) -> None:
    import torch

    try:
        named = set(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except Exception as error:
        # torch lets a dozen exception types out of a damaged file.
        raise ModelError(f"'{name}' is damaged or no file of landmarks; get it again.") from error
    if strange := sorted(named - LANDMARKS_GLOBALS):
        raise ModelError(f"'{name}' holds Python code ({strange[0]}) and was not opened; get it again.")
