"""Locks on folders, which the system lets go of when a process ends, however it ends."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"
"""The file in a folder that is locked. It may stay when it is not locked any more."""

_MOMENT = 0.2
"""Seconds in which whoever looks whether a folder is locked, and locks it for that, has let go of it."""

_LOOK = 0.03
"""Seconds in which another one that only looks has."""

_POLL = 0.01


def lock(folder: Path) -> FileLock:
    """Keep other processes out of a folder until the lock is released. Raises Timeout where one has it, and
    OSError where the folder takes no file."""
    held = FileLock(folder / LOCK, thread_local=False)
    held.acquire(timeout=_MOMENT, poll_interval=_POLL)
    return held


def is_locked(folder: Path) -> bool:
    """Whether somebody has it now, or it is another user's."""
    try:
        if not (folder / LOCK).exists():
            return False
        with FileLock(folder / LOCK).acquire(timeout=_LOOK, poll_interval=_POLL):
            return False
    except (Timeout, PermissionError):
        return True
    except OSError:
        return False  # it takes no file, so nobody works in it
