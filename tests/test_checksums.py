"""Content is told by checksum, and a checksum is made again when the file has changed."""

import hashlib
import os
import zlib
from pathlib import Path

import pytest

import core.checksums
from core.checksums import file_crc32, file_sha256, remembered_sha256


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file that has not changed for a while."""
    path = tmp_path / "weights.bin"
    path.write_bytes(bytes(range(256)) * 9000)
    os.utime(path, (1e9, 1e9))
    return path


def test_checksums_are_those_of_the_content(weights: Path) -> None:
    assert file_sha256(weights) == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert file_crc32(weights) == zlib.crc32(weights.read_bytes())


def test_an_unchanged_file_is_read_once(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "new" / "memory.json"
    expected = remembered_sha256(weights, memory)
    assert expected == file_sha256(weights)

    def never(path: Path) -> str:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(core.checksums, "file_sha256", never)
    assert remembered_sha256(weights, memory) == expected


def test_a_changed_file_is_read_again(weights: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    remembered_sha256(weights, memory)
    # Same size, same time of change: what a restored backup looks like.
    content = bytearray(weights.read_bytes())
    content[1000] ^= 1
    weights.unlink()
    weights.write_bytes(content)
    os.utime(weights, (1e9, 1e9))
    assert remembered_sha256(weights, memory) == file_sha256(weights)


def test_a_file_that_may_still_be_changing_is_not_remembered(weights: Path, tmp_path: Path) -> None:
    os.utime(weights)
    assert remembered_sha256(weights, tmp_path / "memory.json") == file_sha256(weights)
    assert not (tmp_path / "memory.json").exists()


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 3}', '{"a": [1]}', "\0"])
def test_a_damaged_memory_is_made_anew(content: str, weights: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    memory.write_text(content)
    assert remembered_sha256(weights, memory) == file_sha256(weights)
    assert file_sha256(weights) in memory.read_text()
