"""Decoders and encoders without Python's warnings: what matters is said in our own words."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_lock = threading.Lock()
_caught = ExitStack()
_inside = 0


@contextmanager
def without_warnings() -> Iterator[None]:
    """No warnings, of odd metadata and large pictures, while any thread is inside.

    `warnings.catch_warnings` alone is not for threads: of two that overlap the second restores the first one's
    silence, and for good.
    """
    global _inside
    with _lock:
        if _inside == 0:
            _caught.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _caught.close()
