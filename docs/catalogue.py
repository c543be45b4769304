"""Prints the table of docs/models.md: every model of the catalogue."""

from __future__ import annotations

from core.models.catalogue import ModelInfo, catalogue

_HEADS = ["Name", "What for", "File", "MB", "Memory, MB", "Checksum", "Licence"]


def table() -> str:
    """The table, in Markdown."""
    rows = [_HEADS, ["---"] * len(_HEADS), *map(_row, catalogue())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _row(info: ModelInfo) -> list[str]:
    place = f"[{info.file}]({info.url})" if info.url else f"{info.file} (comes with the program)"
    size = "?" if info.size is None else f"{info.size / 1e6:.1f}"
    memory = "" if info.memory_mb is None else f"{info.memory_mb:,}"
    checksum = "published" if info.is_pinned else f"begins with {info.sha256}" if info.sha256 else "remembered"
    licence = f"{info.licence} ⚠" if info.non_commercial else info.licence
    return [f"`{info.name}`", info.purpose, place, size, memory, checksum, licence]


if __name__ == "__main__":
    print(table(), end="")
