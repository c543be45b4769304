"""The cache holds whole entries or none, and no more than it may."""

import os
from pathlib import Path

import pytest

from core.engines import cache
from core.engines.cache import NetworkFacts, entry_key, find_entry, store_entry

FACTS = NetworkFacts("a network", {"score_threshold": "0.5"}, 256)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GFPGAN_DESKTOP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def store(key: str, size: int = 10) -> Path:
    return store_entry(key, FACTS, lambda place: place.write_bytes(key.encode() * size))


def used(folder: Path, key: str, seconds: float) -> None:
    """As if the entry had last been used so long after the epoch."""
    os.utime(folder / key / "entry.json", (seconds, seconds))


def test_what_was_stored_is_found(folder: Path) -> None:
    assert find_entry("a") is None
    path = store("a")
    assert find_entry("a") == (path, FACTS)
    assert path.read_bytes() == b"a" * 10
    assert [entry.name for entry in folder.iterdir()] == ["a"]


def test_a_model_that_cannot_be_written_leaves_nothing(folder: Path) -> None:
    def breaks(place: Path) -> None:
        place.write_bytes(b"half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        store_entry("a", FACTS, breaks)
    assert list(folder.iterdir()) == []
    assert find_entry("a") is None


def test_of_two_that_make_the_same_entry_the_first_one_stays(folder: Path) -> None:
    def slower(place: Path) -> None:
        place.write_bytes(b"slower")
        store("a")

    path = store_entry("a", FACTS, slower)
    assert path.read_bytes() == b"a" * 10
    assert find_entry("a") is not None
    assert [entry.name for entry in folder.iterdir()] == ["a"]


def test_what_was_not_used_for_longest_goes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 3000)
    for number, key in enumerate("abc"):
        store(key, 800)
        used(folder, key, 1000 + number)
    find_entry("a")  # used just now
    store("d", 800)
    assert sorted(entry.name for entry in folder.iterdir()) == ["a", "c", "d"]


def test_an_entry_larger_than_all_may_be_stays_while_it_is_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 100)
    store("a", 800)
    assert find_entry("a") is not None
    store("b", 800)
    assert [entry.name for entry in folder.iterdir()] == ["b"]


def test_what_a_dead_process_left_half_done_is_removed(folder: Path) -> None:
    for name, age in (("x-1.part", 7200), ("y-2.part", 0)):
        (folder / name).mkdir(parents=True)
        if age:
            os.utime(folder / name, (1e9, 1e9))
    store("a")
    assert sorted(entry.name for entry in folder.iterdir()) == ["a", "y-2.part"]


def test_a_key_is_that_of_content_and_details(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    one.write_bytes(b"weights")
    same.write_bytes(b"weights")
    other.write_bytes(b"Weights")
    key = entry_key(one, "restorer")
    assert entry_key(same, "restorer") == key
    assert len({key, entry_key(other, "restorer"), entry_key(one, "detector")}) == 3
    monkeypatch.setattr(cache, "version", lambda name: "0")
    cache._code_version.cache_clear()
    try:
        assert entry_key(one, "restorer") != key
    finally:
        cache._code_version.cache_clear()


def test_the_users_cache_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GFPGAN_DESKTOP_CACHE")
    assert cache.cache_folder().parts[-1] == "engines"
    assert "gfpgan-desktop" in str(cache.cache_folder())
