"""What the tests of models share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from core.models.catalogue import ModelInfo
from core.models.download import MIRROR_VARIABLE
from core.models.transfer import Patience
from tests.models.web import Answer, Web

IMPATIENT = Patience(failures=3, pause=0.01, longest=0.05, stall=0.4)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own proxies are none of the tests' business."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., Web]]:
    """Starts a server of some content that gives these answers, one after the other."""
    with ExitStack() as stack:

        def start(content: bytes, *answers: Answer) -> Web:
            return stack.enter_context(Web(content, *answers).running())

        yield start


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Where the user's files are."""
    folder = tmp_path / "their files"
    folder.mkdir()
    return folder


def weights(size: int = 400_000, seed: int = 0) -> bytes:
    """A safetensors file of one tensor of so many bytes."""
    header = json.dumps({"x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + np.random.default_rng(seed).bytes(size)


def model(web: Web, known: bool = True, **changes: object) -> ModelInfo:
    """A row of the catalogue for the file that a server has; with `known` its checksum is published."""
    row: dict[str, object] = {
        "name": "test",
        "kind": "restorer",
        "title": "Test",
        "file": "Test.safetensors",
        "purpose": "tests",
        "licence": "MIT",
        "non_commercial": False,
        "url": f"{web.url}/releases/Test.safetensors",
        "size": len(web.content) if known else None,
        "sha256": hashlib.sha256(web.content).hexdigest() if known else None,
        "variant": None,
        "rank": 0,
    }
    return ModelInfo(**(row | changes))  # type: ignore[arg-type]


def left_in(folder: Path) -> set[str]:
    """The names of the files in a folder, but for the locks, which stay."""
    return (
        {path.name for path in folder.iterdir() if not path.name.endswith(".lock")} if folder.is_dir() else set()
    )
