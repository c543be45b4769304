"""Results -> the page and the plot of the documents."""

from __future__ import annotations

from pathlib import Path

from benchmarks.restoring.report import Line, Results, Row, Samples, fit_line

PLOT = Path("images") / "cost-of-faces.svg"
"""Of the row `cost-of-faces`, relative to the page."""

_INSIDE = (
    "What is missing is inside the networks. Restorer and parser run at 1.1 to 1.3 times their floors; two "
    "pictures at a time, in one batch or on a core each, gain 2 % or less. The detector is in bfloat16 but for "
    "the last look at each face, in float32 for the sake of the alignment. Going faster takes a cheaper network "
    "for the first looks or label maps from a smaller picture; the published weights are needed to judge either."
)
_OUTSIDE = (
    "What is missing is the compositing, some 40 ms for a face of 360 px, and nothing in it stands out: blurs "
    "take a sixth, warps a seventh, and what puts lost structure back, blurs included, a third (cProfile). "
    "Where the networks are slower, on a processor without matrix units, it was 1.04 times."
)
MISSES: dict[str, str] = {"whole-photo": _INSIDE, "many-photos": _INSIDE, "cost-of-faces": _OUTSIDE}
"""Why a target was missed, by the name of its row."""

INTRODUCTION = """\
# Benchmarks

GFPGAN 1.3.8 with facexlib 0.3.0 (as in the package index, on the same PyTorch) and this program restore the same
faces of the same photos, each in a process of its own, by turns, with the same weights files and number of
threads. `python benchmarks/restore.py` measures it all and writes this page.

- **Parameters** are deterministic (`tests/golden/deterministic.py`), for the restorer (clean, 512 px) as well as
  for ParseNet and RetinaFace ResNet-50: what a network computes takes the same time whatever it is worth. GFPGAN's
  random noise is switched off, so that outputs can be compared.
- **The faces are given** to both sides. Both detectors run all the same, each on what its pipeline shows it; what
  they find is replaced.
- **GFPGAN** runs as its script does, with pasting and without an upsampler of the background, less the files of
  single faces that the script also writes.
- **Figures** are medians, in brackets the lowest and the highest. The **floor** is the least that the task can
  take on this machine by what its convolutions and its memory can do, measured in the same run.
"""

OTHERS = """\
## On a processor without matrix units

On 2026-11-25 two cores of an AMD EPYC (bfloat16 by AVX-512 alone; 0.5 TFLOP/s in float32, 1.05 in bfloat16)
restored the photo of 10 faces 8.6 times as fast as GFPGAN (10 are wanted) and the 20 photos 7.5 times (8), in a
version that did less in compositing. A face took 0.53 s there, 1.04 times the networks' time.

## Other benchmarks

- `python benchmarks/training.py`: the trainer's step beside the same written the obvious way; figures are in
  [How it works](how-it-works.md#training).
- `python benchmarks/alignment.py FOLDER`: how close detected landmarks bring a face to where it belongs; figures
  are in [How it works](how-it-works.md#faces-of-every-size).
- `python benchmarks/detection.py TEACHER FOLDER ...`: how much of what a published face detector finds the bundled
  one finds, by size of face; figures are in its card, `resources/weights/bundled-detector.md`.
- `python benchmarks/judging.py FOLDER`: where the limits of `train prepare` come from.
- `QT_QPA_PLATFORM=offscreen python -m benchmarks.gui`: how long the window's view paints, and how long its event
  loop waits. On 2 cores a paint at 1920 x 1080 of a photo of 24 megapixels takes 5 ms in the median and 9 ms at
  worst, whether the result is as large or 4 times as large, of 8 bits or 16, also while a brush changes it; the
  first paints, while another thread makes tiles, mostly below 14 ms; single ones of 21 and 91 ms were seen once
  (Qt scales one picture of that size in 1.3 ms).
"""


def page(results: Results) -> str:
    """The whole page in Markdown."""
    parts = [INTRODUCTION, _machine(results), _table(results), _details(results)]
    if "cost-of-faces" in results.rows:
        parts.append(f"![Seconds against the number of faces: straight lines]({PLOT.as_posix()})\n")
    return "\n".join([*parts, OTHERS])


def _machine(results: Results) -> str:
    lines = [f"- {key}: {value}" for key, value in results.machine.items()]
    return "## Machine\n\n" + "\n".join([*lines, ""])


def _table(results: Results) -> str:
    head = ["what", "target", "measured", "GFPGAN", "times as fast", "floor", "target"]
    rows = [_cells(row) for row in results.rows.values()]
    lines = [head, ["---"] * len(head), *rows]
    return "## Results\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cells(row: Row) -> list[str]:
    return [
        row.what,
        "; ".join(check.target for check in row.checks),
        _figure(row.ours),
        _figure(row.peer) + (f", {row.peer_is}" if row.peer_is else "") if row.peer else "-",
        f"{row.ratio:.1f}" if row.ratio and row.ours.unit in ("s", "ms") else "-",
        f"{number(row.floor)} {row.ours.unit}" if row.floor is not None else "-",
        "met" if row.met else "**missed**",
    ]


def _figure(samples: Samples) -> str:
    low, high = samples.spread
    text = f"{number(samples.median)} {samples.unit}"
    return f"{text} ({number(low)} to {number(high)})" if len(samples.values) > 1 else text


def number(value: float) -> str:
    """Three significant digits, none after the point from 100 on."""
    if value >= 100:
        return f"{value:.0f}"
    digits = 0 if value == 0 else max(0, 2 - int(f"{value:e}".split("e")[1]))
    return f"{value:.{digits}f}"


def _details(results: Results) -> str:
    parts = []
    for row in results.rows.values():
        lines = [f"**{row.what}.**"]
        lines += [
            f"{check.target[0].upper()}{check.target[1:]}: {check.measured}" + _verdict(check.met)
            for check in row.checks
        ]
        lines += row.facts
        if row.floor_is:
            lines.append(f"Floor: {row.floor_is}.")
        if not row.met and row.name in MISSES:
            lines.append(MISSES[row.name])
        made = "; ".join(f"{key} {value}" for key, value in row.made.items())
        lines.append(f"(`--only {row.name}`; {made})")
        parts.append(" ".join(lines) + "\n")
    return "## Line by line\n\n" + "\n".join(parts)


def _verdict(met: bool) -> str:
    return "." if met else " (missed)."


def draw_cost(row: Row, path: Path) -> None:
    """The plot of the row `cost-of-faces`, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = row.name
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for (name, points), style in zip(row.points.items(), ("C0o-", "C2.:", "C1s-"), strict=True):
        x, y = zip(*points, strict=True)
        axes.plot(x, y, style[2], color=style[:2])
        line: Line = fit_line(points)
        ends = [0, max(x)]
        axes.plot(
            ends,
            [line.start + line.slope * end for end in ends],
            style[3],
            color=style[:2],
            label=f"{name}: {line.slope:.2f} s a face",
        )
    axes.set(xlabel="faces in the photo", ylabel="seconds, file to file", ylim=(0, None), xlim=(0, None))
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
