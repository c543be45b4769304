"""Paths as the operating system takes them."""

from __future__ import annotations

import ntpath
from pathlib import PurePath, PureWindowsPath
from typing import TypeVar

_AnyPath = TypeVar("_AnyPath", bound=PurePath)

_WINDOWS_LIMIT = 248  # characters of a folder, room for a short name included; files may have 259


def on_disk(path: _AnyPath, whatever_follows: bool = False) -> _AnyPath:
    r"""The path to hand to the system: on Windows a long one, made absolute, behind the prefix ``\\?\``.

    Windows refuses paths of 260 characters and more without it. `whatever_follows` adds it to short paths too,
    for folders below which long ones may lie. All other paths are returned as they are.
    """
    if not isinstance(path, PureWindowsPath):
        return path
    full = ntpath.abspath(path)
    if full.startswith(("\\\\?\\", "\\\\.\\")) or (len(full) < _WINDOWS_LIMIT and not whatever_follows):
        return path
    return type(path)("\\\\?\\UNC" + full[1:] if full.startswith("\\\\") else "\\\\?\\" + full)
