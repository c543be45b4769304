"""Thousands of damaged files of every kind: each is a photo or a sentence, in time and memory."""

import os
from pathlib import Path

import pytest

from tests.fuzz.harness import read_damaged
from tests.fuzz.seeds import SEEDS, write_seeds

COUNT = 2000
METADATA = {"exif", "xmp", "iptc", "icc"}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")]


@pytest.mark.parametrize("kind", SEEDS)
def test_a_damaged_file_is_a_photo_or_a_sentence(kind: str, tmp_path: Path) -> None:
    write_seeds(kind, tmp_path / "seeds")
    report = read_damaged(kind, tmp_path / "seeds", COUNT)
    assert report.problems == {}
    assert report.outcomes.total() == COUNT
    # Whatever is wrong with its metadata, a photo is read.
    assert report.outcomes["photo"] == COUNT if kind in METADATA else report.outcomes["photo"] > COUNT / 20
    assert kind in METADATA or report.outcomes["sentence"] > COUNT / 20
