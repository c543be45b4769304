"""Locks on folders, which the system lets go of when a process ends, however it ends."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"
"""The file in a folder that is locked; it stays."""

_MOMENT = 0.2
"""Seconds in which whoever looks whether a folder is locked, and locks it for that, has let go of it."""


def lock(folder: Path) -> FileLock:
    """Keep other processes out of a folder until the lock is released. Raises Timeout where one has it, and
    OSError where the folder takes no file."""
    held = FileLock(folder / LOCK, thread_local=False)
    held.acquire(timeout=_MOMENT, poll_interval=0.01)
    return held


def is_locked(folder: Path) -> bool:
    """Whether somebody has it now."""
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # it takes nothing, so nobody works in it
