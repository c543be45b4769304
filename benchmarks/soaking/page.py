"""What the soak found -> the page of the documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.soaking.killing import HALF, LOST, TWICE, Findings
from benchmarks.soaking.steady import WARM_UP, Course

INTRODUCTION = """\
# Reliability

The program works for a long time, and is killed again and again. `python -m benchmarks.soak` does both and writes
this page.
"""

STEADY = f"""\
## A thousand photos

One process restores a folder of small photos with a tiny network, once by `gfpgan-desktop restore`, once by the
queue of the window, whose caches of photos and crops are made so small for this that they are full at once
(else they grow up to their limits, 400 MB and 256 MB, and hide what else would grow). Memory is what is resident,
in MB; its slope is taken from photo {WARM_UP} on, over the means of 25 photos each (Theil and Sen; in brackets the
limits of 95 % confidence). Threads and open files are counted after {WARM_UP} photos and at the end.
"""

WORKS = {
    "restore": "`gfpgan-desktop restore` with `--on-exists skip`, `--save-crops` and `--keep-times`",
    "queue": "the window's queue, whose session the next window goes on with",
    "export": "export from the window with faces and pictures of before and after",
    "download": "`gfpgan-desktop models get` from a slow server",
    "training": "`gfpgan-desktop train run` with a process that reads ahead, gone on with by `--resume`",
}

KILLS = f"""\
## Killed at random moments

Each work below is begun, its process is killed (SIGKILL) at a random moment, and it is begun again as a user
would, until it is done; then another round of it begins. Of the kills 15 % fall into the start of the process,
half of the others wait for a moment in which a file is being written. After each kill every file is read: photos
are compared with those of an undisturbed run, pixel by pixel, checkpoints checked byte by byte.

- **{LOST}**: something finished is gone, or is not there when the work says that it is done; a photo was changed.
- **{HALF}**: a file under its final name is not whole.
- **{TWICE}**: what was finished was made again, or bytes downloaded again.
- **temporary files**: those that the last round left, and those of them that are there after one more start a day
  later. What a killed download has fetched stays, so that the next one goes on there.
"""


def page(machine: Mapping[str, str], courses: Mapping[str, Course], findings: Mapping[str, Findings]) -> str:
    """The whole page in Markdown."""
    parts = [INTRODUCTION, "\n".join(f"- {key}: {value}" for key, value in machine.items()) + "\n"]
    if courses:
        parts += [STEADY, _steady(courses)]
    if findings:
        parts += [KILLS, _kills(findings), *_problems(findings)]
    return "\n".join(parts)


def _steady(courses: Mapping[str, Course]) -> str:
    rows = [["through", "photos", "s a photo", "MB at photo 50", "MB at the end", "MB in 100 photos"]]
    rows[0] += ["threads", "open files", "temporary files left"]
    for name, course in courses.items():
        slope, low, high = course.slope()
        rows.append(
            [
                name,
                f"{course.photos:,}",
                f"{course.seconds / course.photos:.2f}",
                f"{course.resident[WARM_UP - 1]:.0f}",
                f"{course.resident[-1]:.0f}",
                f"{slope:+.2f} ({low:+.2f} to {high:+.2f})",
                " and ".join(map(str, course.threads)),
                " and ".join(map(str, course.handles)),
                str(course.left),
            ]
        )
    return _table(rows)


def _kills(findings: Mapping[str, Findings]) -> str:
    head = ["work", "kills", "while a file was written", "rounds", "files checked"]
    rows = [[*head, LOST, HALF, TWICE, "processes left", "temporary files"]]
    for name, found in findings.items():
        problems = [str(found.count(kind)) for kind in (LOST, HALF, TWICE)]
        files = f"{found.left}, {found.left_in_the_end} after a day"
        counts = [found.kills, found.in_write, found.rounds, found.checked]
        rows.append([WORKS[name], *map(str, counts), *problems, str(found.processes_left), files])
    return _table(rows)


def _problems(findings: Mapping[str, Findings]) -> list[str]:
    lines = [
        f"- {name}, {kind}, {sentence}."
        for name, found in findings.items()
        for kind, sentences in found.problems.items()
        for sentence in sentences
    ]
    return ["What was found:\n", "\n".join(lines) + "\n"] if lines else []


def _table(rows: list[list[Any]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:], ""])
