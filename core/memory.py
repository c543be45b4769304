"""The memory that this process holds and could give back."""

from __future__ import annotations

import ctypes
import gc
import sys


def release_memory() -> None:
    """Give the memory of closed networks back to the system, with what torch keeps for later (the activations of a
    training step).

    It collects reference cycles, and widgets may be in them: in a program with a window, call it in the GUI's
    thread.
    """
    gc.collect()
    if (library := glibc()) is not None:
        library.malloc_trim(0)
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def glibc() -> ctypes.CDLL | None:
    """The C library where it is GNU's, on most Linux systems, for what only that can do."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
