"""The folder of converted models: each start after the first finds there what the first one made.

An entry is a folder with the model and `entry.json`, which has what is known about the network and the checksum of
every file. It is written beside its place and moved there; one that is damaged is thrown away.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import platformdirs

from core.checksums import file_crc32, remembered_sha256
from core.models import APP_NAME

log = logging.getLogger(__name__)

CACHE_FOLDER_VARIABLE = "GFPGAN_DESKTOP_CACHE"
"""Environment variable that names another cache folder."""

MAX_BYTES = 3 << 30
"""What all entries together may take; those not used for longest go first."""

_MODEL = "model.xml"
_ENTRY = "entry.json"
_WEIGHTS = "weights.json"
_HALF_DONE = ".part"
_LIBRARIES = ("openvino", "torch", "torchvision", "spandrel", "facexlib", "onnx2torch")
"""What builds and converts networks."""

_ABANDONED = 3600  # seconds after which a half-done entry belongs to a process that has died


@dataclass(frozen=True)
class NetworkFacts:
    """What is known about a network without building it: `LoadedNetwork`'s description, metadata and licence, and
    `ReadyNetwork`'s size, channels and scale."""

    description: str
    metadata: dict[str, str]
    size: int | None
    channels: int = 3
    scale: int = 1
    licence: str = ""


def cache_folder() -> Path:
    """Where converted models lie; it need not exist, and may be deleted at any time."""
    named = os.environ.get(CACHE_FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path(APP_NAME, appauthor=False) / "engines"


def clear_cache() -> None:
    """Delete all converted models; they are made again when they are needed."""
    shutil.rmtree(cache_folder(), ignore_errors=True)


def entry_key(weights: Path, *details: object) -> str:
    """A name for what is made of a weights file: by its content, our networks' code, the versions of the libraries
    and `details`. Raises OSError when the file cannot be read."""
    parts = [remembered_sha256(weights, cache_folder() / _WEIGHTS), _code_version(), *map(str, details)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def find_entry(key: str) -> tuple[Path, NetworkFacts] | None:
    """The model file of a whole entry and what is known about its network, or None."""
    folder = cache_folder() / key
    try:
        record = json.loads((folder / _ENTRY).read_text(encoding="utf-8"))
        facts = NetworkFacts(**record["facts"])
        whole = all(file_crc32(folder / name) == checksum for name, checksum in record["files"].items())
        if not whole or _MODEL not in record["files"]:
            raise ValueError("a checksum is wrong")
        with suppress(OSError):
            # A cache that is only read keeps no order.
            os.utime(folder / _ENTRY)
    except FileNotFoundError:
        if not folder.exists():
            return None
        log.info("The converted model '%s' is incomplete; making it anew.", folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.info("The converted model '%s' is damaged (%s); making it anew.", folder, error)
    else:
        return folder / _MODEL, facts
    discard_entry(key)
    return None


def store_entry(key: str, facts: NetworkFacts, write: Callable[[Path], None]) -> Path:
    """Make an entry: `write` puts a model at the path it is given (and may add files beside it). Returns where the
    model is in the end. Raises OSError, or what `write` raises, and leaves nothing behind then."""
    folder = cache_folder()
    half_done = folder / f"{key}-{secrets.token_hex(4)}{_HALF_DONE}"
    half_done.mkdir(parents=True)
    try:
        write(half_done / _MODEL)
        files = {path.name: file_crc32(path) for path in half_done.iterdir()}
        record = {"facts": asdict(facts), "files": files}
        (half_done / _ENTRY).write_text(json.dumps(record), encoding="utf-8")
        with suppress(OSError):
            # It fails where another process was faster: what lies there then is as good.
            half_done.rename(folder / key)
    finally:
        shutil.rmtree(half_done, ignore_errors=True)
    _prune(keep=key)
    return folder / key / _MODEL


def discard_entry(key: str) -> None:
    """Throw an entry away, if it is there."""
    shutil.rmtree(cache_folder() / key, ignore_errors=True)


def _prune(keep: str) -> None:
    room = MAX_BYTES
    folders = [path for path in cache_folder().iterdir() if path.is_dir()]
    for folder in sorted(folders, key=_last_use, reverse=True):
        if folder.name.endswith(_HALF_DONE):
            superfluous = time.time() - _last_use(folder) > _ABANDONED
        else:
            room -= sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            superfluous = room < 0 and folder.name != keep
        if superfluous:
            shutil.rmtree(folder, ignore_errors=True)


def _last_use(folder: Path) -> float:
    try:
        return (folder / _ENTRY).stat().st_mtime if (folder / _ENTRY).exists() else folder.stat().st_mtime
    except OSError:
        return 0.0


@functools.cache
def _code_version() -> str:
    """Our networks' code as it is, and the versions of the libraries that a converted model depends on."""
    code, core = hashlib.sha256(), Path(__file__).parent.parent
    for path in sorted([*core.glob("engines/*.py"), *core.glob("networks/*.py")]):
        code.update(path.read_bytes())
    # A frozen program has no source files, but a version.
    return " ".join([code.hexdigest(), *(f"{name} {version(name)}" for name in (APP_NAME, *_LIBRARIES))])
