"""Prints docs/command-line.md: every command and option, from the parsers that read them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from app.bootstrap import DATA_FOLDER_VARIABLE
from app.cli import exit_codes
from app.cli.main import build_parser
from core.engines.cache import CACHE_FOLDER_VARIABLE
from core.models import APP_NAME, MODELS_FOLDER_VARIABLE
from core.models.download import MIRROR_VARIABLE
from trainer.run_folder import RUNS_FOLDER_VARIABLE

_INTRODUCTION = f"""\
# Command line

Generated from the program (`python docs/command_line.py`). From a checkout, `python3 tasks.py run` stands for
`{APP_NAME}`.

`{APP_NAME}` alone, or with photos and folders behind it, opens [the window](window.md); with one of the commands
below it works in the terminal. Results are told on standard output, one line a photo; progress and notes go to
standard error. Ctrl-C finishes the file that is being written and stops; pressed twice, it stops at once.

| Exit code | means |
| --- | --- |
| {exit_codes.OK} | all went well |
| {exit_codes.SOME_FAILED} | some photos or models failed; each is named |
| {exit_codes.USAGE} | nothing was done: a wrong option, no photo, no such model |
| {exit_codes.INTERRUPTED} | stopped by Ctrl-C |

| Environment variable | means |
| --- | --- |
| `{MODELS_FOLDER_VARIABLE}` | the folder of your models |
| `{CACHE_FOLDER_VARIABLE}` | the folder of prepared models |
| `{DATA_FOLDER_VARIABLE}` | the folder of the window's settings, session and log |
| `{RUNS_FOLDER_VARIABLE}` | the folder of trainings that are given no `--out`, the window's too |
| `{MIRROR_VARIABLE}` | where models are downloaded from instead of their own places |
| `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` | the proxy for downloads |

What stands in brackets at the end of an option's words is taken without it.
"""


def document() -> str:
    """The page, in Markdown."""
    sections = (_section(name, parser, words) for name, parser, words in _commands(build_parser(), APP_NAME))
    return "\n".join([_INTRODUCTION, *sections])


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """The commands below a parser that have none below them: name, parser, and what they are for."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for verb, child in action.choices.items():
                below = list(_commands(child, f"{name} {verb}"))
                yield from below or [(f"{name} {verb}", child, words[verb])]


def _section(name: str, parser: argparse.ArgumentParser, words: str) -> str:
    given = [each for each in parser._actions if not each.option_strings]
    shown = [each for each in parser._actions if each.option_strings and each.help != argparse.SUPPRESS]
    options = [each for each in shown if not isinstance(each, argparse._HelpAction)]
    needed = [f"{each.option_strings[0]} {_value(each)}" for each in options if each.required]
    usage = " ".join([name, *map(_value, given), *needed, "[options]"])
    rows = [f"| {_names(each)} | {_cell((each.help or '').replace('%%', '%'))} |" for each in [*given, *options]]
    title = f"## {name.removeprefix(APP_NAME).strip()}\n\n{words[:1].upper()}{words[1:]}."
    table = "\n".join(["| | |", "| --- | --- |", *rows])
    return f"{title}\n\n```text\n{usage}\n```\n\n{table}\n"


def _names(action: argparse.Action) -> str:
    """How an option is written, its long name first; for what has no name, what stands for it."""
    long_first = sorted(action.option_strings, key=len, reverse=True)
    names = [f"{name} {_value(action)}".strip() if name == long_first[0] else name for name in long_first]
    return _cell(", ".join(f"`{name}`" for name in names or [_value(action)]))


def _value(action: argparse.Action) -> str:
    """What stands for the value of an option in a line of usage; "" where it takes none."""
    if action.option_strings and action.nargs == 0:
        return ""
    word = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    many = {"+": f"{word} ...", "*": f"[{word} ...]", "?": f"[{word}]"}
    return many.get(str(action.nargs), str(word))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(document(), end="")
