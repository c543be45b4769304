"""Shared by the tests of the networks."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

# The recordings come with the module that sets the parameters behind them.
sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Same random numbers for every test."""
    torch.manual_seed(0)


@pytest.fixture
def free_memory() -> Iterator[None]:
    """The test's big networks are gone before the next test builds one."""
    yield
    gc.collect()
