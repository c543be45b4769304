"""Keeps sentences_de.json beside this file: what the engine and the trainer say, in the window's other language.

    python resources/translations/sentences.py

They speak English, for they know no window; `app/translation.py` finds a sentence of theirs by its template, with
{1}, {2}, ... for what is inserted. This takes new sentences from the code, with an empty translation, and drops
those that nobody says any more. Parts of sentences, which are inserted into others, are added by hand.

sentences_en.json, also made by hand, has what the window says in English instead of a sentence that is of use in a
shell only, and the sentences that such a part is inserted into.
"""

from __future__ import annotations

import ast
import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("sentences_de.json")

_SPEAKERS = {"Interrupted", "Refused", "StartError", "Verdict", "MemoryError", "warn", "_warn", "_say", "_damaged"}
_NOT_OURS = {"ValueError", "TypeError", "OSError", "EOFError", "KeyError", "RuntimeError", "NotImplementedError"}
_LISTS = {"notes", "warnings"}
_OF_FILES = ("EACCES", "EPERM", "ENOSPC", "EROFS", "ENOENT", "EISDIR", "ENOTDIR", "EEXIST")
"""What Linux says most often of a file, in English."""
_UNSEEN = ("app/", "trainer/detector", "trainer/scoring", "trainer/control.py")
"""What no window shows, or translates in its own way."""


def required() -> set[str]:
    """Templates of everything that the code says as a sentence."""
    found = {
        text
        for path, node in _nodes()
        if not path.startswith(_UNSEEN) and (text := template(_said_by(node))) and len(text.split()) > 2
    }
    return found | {purpose for purpose, _ in _catalogue()}


def possible() -> set[str]:
    """Templates of every text in the code, and titles in the catalogue."""
    texts = {text for _, node in _nodes() if (text := template(node))}
    of_the_system = {os.strerror(getattr(errno, name)).lower() for name in _OF_FILES}
    return texts | of_the_system | {text for texts in _catalogue() for text in texts}


def template(node: ast.AST | None) -> str | None:
    """A text, an f-string with {1}, {2}, ... for its values, or a text that joins two; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        between = template(node.func.value)
        return None if between is None else f"{{1}}{between}{{2}}"
    if not isinstance(node, ast.JoinedStr):
        return None
    text, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            count += 1
            text += f"{{{count}}}"
    return text


def _said_by(node: ast.AST) -> ast.AST | None:
    """The text of a sentence that is raised, told, noted or yielded."""
    if isinstance(node, ast.Yield):
        return node.value
    if isinstance(node, ast.Call) and node.args and _is_said(node):
        return node.args[-1] if _name(node) == "insert" else node.args[0]
    return None


def _is_said(call: ast.Call) -> bool:
    name = _name(call)
    if name in ("append", "insert"):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call
        return getattr(owner, "id", getattr(owner, "attr", "")) in _LISTS
    return name in _SPEAKERS or (name.endswith("Error") and name not in _NOT_OURS)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for folder in ("app", "core", "trainer"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith("app/cli"):
                yield from ((place, node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _catalogue() -> list[tuple[str, str]]:
    models = json.loads((ROOT / "resources" / "models.json").read_text(encoding="utf-8"))["models"]
    return [(model["purpose"], model["title"]) for model in models]


def main() -> None:
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    kept = {text: known[text] for text in known.keys() & possible()}
    wanted = dict.fromkeys(required(), "") | kept
    text = json.dumps(wanted, ensure_ascii=False, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{sum(not text for text in wanted.values())} of {len(wanted)} sentences are to be translated in {FILE}")


if __name__ == "__main__":
    main()
