"""Charts as inline SVG, drawn with the page's own colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from trainer.scoring.scores import Estimate

Points = Sequence[tuple[float, Estimate]]
"""Places on the x axis and what was measured there."""

WIDTH, HEIGHT = 400, 170
_LINES = 6
"""How many colours the page has; `line0` to `line5` in its style."""
_STROKES = ("", " dashed", " dotted")
"""Of the first six lines, the next six, and so on."""


def histogram(title: str, series: Mapping[str, Sequence[float]]) -> str:
    """How the values of each method are distributed, as one outline each."""
    low, high = _range([value for values in series.values() for value in values])
    counts = {name: np.histogram(values, bins=24, range=(low, high))[0] for name, values in series.items()}
    tallest = max(int(found.max()) for found in counts.values())
    outlines = []
    for place, found in enumerate(counts.values()):
        xs, ys = np.repeat(np.linspace(0, WIDTH, len(found) + 1), 2)[1:-1], np.repeat(found, 2)
        outlines.append(_line(place, xs, HEIGHT - HEIGHT * ys / tallest))
    return _chart(title, list(series), "".join(outlines), (f"{low:.4g}", f"{high:.4g}"), ("", f"{tallest} faces"))


def curves(title: str, x_title: str, series: Mapping[str, Points]) -> str:
    """A metric of each method against something, with the 95 % intervals as bars."""
    points = [point for line in series.values() for point in line]
    left, right = _range([x for x, _ in points])
    low, high = _range([end for _, estimate in points for end in _ends(estimate)])

    def place_x(value: float) -> float:
        return WIDTH * (value - left) / (right - left)

    def place_y(value: float) -> float:
        return HEIGHT * (high - value) / (high - low)

    drawn = []
    for place, line in enumerate(series.values()):
        xs = np.array([place_x(x) for x, _ in line])
        drawn.append(_line(place, xs, np.array([place_y(estimate.mean) for _, estimate in line])))
        for x, (_, estimate) in zip(xs, line, strict=True):
            bottom, top = map(place_y, _ends(estimate))
            drawn.append(
                f'<line class="{_look(place)}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'
            )
    x_axis = (f"{left:.3g}", f"{right:.3g}")
    return _chart(title, list(series), "".join(drawn), x_axis, (f"{low:.4g}", f"{high:.4g}"), x_title)


def _ends(estimate: Estimate) -> tuple[float, float]:
    return (
        estimate.mean if estimate.low is None else estimate.low,
        estimate.mean if estimate.high is None else estimate.high,
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return low, max(high, low + 1e-6)


def _look(place: int) -> str:
    return f"line{place % _LINES}{_STROKES[place // _LINES % len(_STROKES)]}"


def _line(place: int, xs: np.ndarray, ys: np.ndarray) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<polyline class="{_look(place)}" points="{points}"/>'


def _chart(
    title: str, names: list[str], drawn: str, x_axis: tuple[str, str], y_axis: tuple[str, str], x_title: str = ""
) -> str:
    legend = "".join(
        f'<line class="{_look(place)}" x1="0" x2="18" y1="{HEIGHT + 40 + 16 * place}" '
        f'y2="{HEIGHT + 40 + 16 * place}"/><text x="24" y="{HEIGHT + 44 + 16 * place}">{escape(name)}</text>'
        for place, name in enumerate(names)
    )
    return (
        f'<svg viewBox="-60 -24 {WIDTH + 76} {HEIGHT + 60 + 16 * len(names)}" role="img">'
        f'<text class="title" x="0" y="-10">{escape(title)}</text>'
        f'<rect class="frame" x="0" y="0" width="{WIDTH}" height="{HEIGHT}"/>{drawn}'
        f'<text x="-4" y="{HEIGHT}" text-anchor="end">{escape(y_axis[0])}</text>'
        f'<text x="-4" y="10" text-anchor="end">{escape(y_axis[1])}</text>'
        f'<text x="0" y="{HEIGHT + 14}">{escape(x_axis[0])}</text>'
        f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT + 14}" text-anchor="middle">{escape(x_title)}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 14}" text-anchor="end">{escape(x_axis[1])}</text>{legend}</svg>'
    )
