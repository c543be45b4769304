"""A screen for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desktop import Desktop, require_tools


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    require_tools()
    made = Desktop(tmp_path)
    yield made
    made.close()
