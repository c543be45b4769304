"""The documents: links lead somewhere, commands are understood and, where cheap, run, and generated pages are what
their scripts print."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import build_parser, run
from tests.conftest import PATIENCE, SAMPLES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((ROOT / "resources").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SHELL = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_RUN = ("python3", "tasks.py", "run")
_TASK = re.compile(r"^    python3 tasks\.py (\w+)", re.MULTILINE)


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]+`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def anchors(page: Path) -> list[str]:
    """The names of a page's headings, as GitHub and MkDocs make them."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL), re.M)
    return [re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every line of the pages' shell blocks: the page's name, and the words without what a comment says."""
    for page in PAGES:
        for block in _SHELL.findall(page.read_text("utf-8")):
            for line in filter(str.strip, block.splitlines()):
                yield page.name, shlex.split(line, comments=True)


def arguments_of(words: list[str]) -> list[str] | None:
    """What a command line gives to the program; None for one that starts something else."""
    if words[: len(_RUN)] == list(_RUN):
        words = words[len(_RUN) :]
    elif words[:1] in (["gfpgan-desktop"], ["..."]):
        words = words[1:]
    else:
        return None
    return words[: words.index(">")] if ">" in words else words


LINES = [(page, words) for page, words in commands() if words]
OURS = [(page, found) for page, words in LINES if (found := arguments_of(words)) is not None]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(without_code(page.read_text("utf-8"))):
        place, _, anchor = link.partition("#")
        if place.startswith("https://"):
            continue
        target = page if not place else (page.parent / place).resolve()
        assert target.is_file(), link
        # The site has the pages of one folder alone.
        assert page.parent != DOCS or target.is_relative_to(DOCS), link
        assert not anchor or anchor in anchors(target), link


def test_pages_are_in_the_sites_navigation_and_their_headings_are_unique() -> None:
    navigation = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert {page.name for page in DOCS.glob("*.md")} <= set(navigation)
    for page in DOCS.glob("*.md"):
        assert len(anchors(page)) == len(set(anchors(page))), page


def test_pictures_are_used() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES) + (ROOT / "mkdocs.yml").read_text("utf-8")
    assert not [path.name for path in (DOCS / "images").iterdir() if path.name not in text]


@pytest.mark.parametrize(("page", "arguments"), OURS, ids=lambda value: value if isinstance(value, str) else None)
def test_commands_are_understood(page: str, arguments: list[str]) -> None:
    opens_window = not arguments or not arguments[0].isalpha()
    if not opens_window and "--help" not in arguments:
        assert isinstance(build_parser().parse_args(arguments), argparse.Namespace)


def test_other_commands_exist() -> None:
    import tasks

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    known = {*_TASK.findall(tasks.__doc__ or ""), "run"}
    for page, words in LINES:
        if words[:2] == ["python3", "tasks.py"]:
            assert words[2] in known, (page, words)
        elif arguments_of(words) is None:
            assert Path(words[0]).name in ("pip", "accelerate"), (page, words)
    text = "".join(page.read_text("utf-8") for page in PAGES)
    for task in re.findall(r"`python3 tasks\.py (\w+)", text):
        assert task in known
    for extra in re.findall(r"gfpgan-desktop\[(\w+)\]", text):
        assert extra in project["optional-dependencies"]
    for script in re.findall(r"`(?:\w+=\w+ )*python (?:-m )?((?:docs|benchmarks)[./]\S+?)[` ]", text):
        path = script if script.endswith(".py") else script.replace(".", "/") + ".py"
        assert (ROOT / path).is_file(), script
    assert importlib.util.find_spec("trainer.worker")


CHEAP = [
    ["restore", "resources/samples", "-o", "restored"],
    ["restore", "photo.jpg", "-o", "restored", "--strength", "0.7", "--grain"],
    ["restore", "~/Pictures/family", "-o", "restored", "--recursive", "--on-exists", "skip"],
    ["faces", "photo.jpg", "--draw", "found"],
    ["info"],
    ["models", "list"],
    ["models", "path"],
    ["models", "verify"],
    ["licences"],
]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", CHEAP, ids=" ".join)
def test_cheap_commands_do_what_they_say(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert arguments in [found for _, found in OURS], "no page names it any more"
    family = tmp_path / "Pictures" / "family" / "1953"
    for place in (tmp_path / "photo.jpg", family / "anna.jpg", tmp_path / "resources" / "samples" / "wallet.jpg"):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / "wallet-photo.jpg", place)
    monkeypatch.chdir(tmp_path)
    home = str(tmp_path)
    assert run([word.replace("~", home) for word in arguments]) == 0
    assert capsys.readouterr().out
    if "-o" in arguments:
        assert [path.suffix for path in Path("restored").rglob("*.*")] == [".jpg"]
    if "family" in str(arguments):
        assert Path("restored/1953/anna.jpg").is_file()


@pytest.mark.parametrize(("script", "page"), [("command_line.py", "command-line.md")])
def test_generated_pages_are_what_their_scripts_print(script: str, page: str) -> None:
    done = subprocess.run(
        [sys.executable, DOCS / script],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.decode() == (DOCS / page).read_text("utf-8"), f"python docs/{script} > docs/{page}"
