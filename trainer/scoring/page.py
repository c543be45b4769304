"""A report as one HTML page that needs no other file and no network."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image

from core.types import CROP_SIZE
from trainer.scoring.charts import curves, histogram
from trainer.scoring.pictures import Crop, read_crop
from trainer.scoring.scores import INPUT, Report, Scores, by_strength
from trainer.scoring.tables import Table, changes_table, main_table, other_tables, published

_EXAMPLES = 6
"""Faces of either kind, the best and the worst."""
_SIDE = 320  # px of their pictures
_RANKING = ("lpips", "features", "deg", "deg_other", "ssim", "psnr", "niqe")
"""What best and worst means: the first of these that was measured."""
_PARAMETERS = {"sigma": "blur, sigma in px", "factor": "times smaller"}
"""The drawn parameters that tell most of how bad an input is."""

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; white-space: nowrap }
th, td { padding: .15rem .8rem .15rem 0; text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left }
tr.ours td { font-weight: 600 } tr.paper td { opacity: .65 }
.charts, .faces { display: flex; flex-wrap: wrap; gap: 1.2rem }
svg { width: 27rem; max-width: 100%; height: auto }
svg text { fill: currentColor; font-size: 11px } svg .title { font-weight: 600; font-size: 12px }
.frame { fill: none; stroke: currentColor; stroke-opacity: .3 }
polyline, svg line { fill: none; stroke-width: 1.6 }
.line0 { stroke: #888 } .line1 { stroke: #0b7a70 } .line2 { stroke: #c2611f } .line3 { stroke: #4c78a8 }
.line4 { stroke: #8a4fa3 } .line5 { stroke: #b3261e }
.dashed { stroke-dasharray: 6 3 } .dotted { stroke-dasharray: 2 3 }
figure { margin: 0; width: 20rem } figcaption { font-size: .8rem; overflow-wrap: anywhere }
.pair { position: relative; aspect-ratio: 1 }
.pair img { position: absolute; width: 100%; height: 100% }
.pair .after { clip-path: inset(0 0 0 var(--place, 50%)) }
.pair::after { content: ""; position: absolute; inset: 0 auto 0 var(--place, 50%); width: 1px; background: #fff }
figure input { width: 100%; margin: .2rem 0 } .truth { width: 5rem; float: right }
"""
_SCRIPT = """
for (const slider of document.querySelectorAll("figure input"))
  slider.oninput = () => slider.parentElement.style.setProperty("--place", slider.value + "%");
"""


def html(report: Report) -> str:
    """The page. Pictures that are gone since are left out."""
    _, source = published()
    about = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in report.about.items())
    left_out = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.left_out)
    changes = changes_table(report)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Evaluation of face restoration</title><style>{_STYLE}</style></head><body>
<h1>Evaluation of face restoration</h1>
<ul><li>{len(report.faces)} faces</li>{about}{left_out}</ul>
{_table(main_table(report))}
{_table(changes) if changes else ""}
<p>{escape(source)}</p>
{_section("Best and worst", _examples(report))}
{_section("Distributions", _histograms(report))}
{_section("By the degradation", _by_degradation(report))}
{_section("By the strength of the restoration", _by_restoration(report))}
<h2>The paper's other tables</h2>{"".join(map(_table, other_tables(report)))}
<script>{_SCRIPT}</script></body></html>
"""


def _section(title: str, drawn: Sequence[str], kind: str = "charts") -> str:
    return f'<h2>{title}</h2><div class="{kind}">{"".join(drawn)}</div>' if drawn else ""


def _table(table: Table) -> str:
    lines = ["<tr><th></th>" + "".join(f"<th>{escape(title)}</th>" for title in table.columns.values()) + "</tr>"]
    for row in table.rows:
        kind, name = ("paper", f"{row.name} (paper)") if row.published else ("ours", row.name)
        cells = [name, *(row.cells.get(key, "") for key in table.columns)]
        lines.append(f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    note = f"<p>{escape(table.note)}</p>" if table.note else ""
    return f'<h3>{escape(table.title)}</h3><div class="wide"><table>{"".join(lines)}</table></div>{note}'


def _histograms(report: Report) -> list[str]:
    drawn = []
    for metric in report.metrics:
        series = {scores.name: _known(scores, metric.key) for scores in report.methods}
        series = {name: values for name, values in series.items() if values}
        if series:
            drawn.append(histogram(metric.title, series))
    return drawn


def _known(scores: Scores, key: str) -> list[float]:
    return [value for value in scores.values.get(key, []) if value is not None]


def _by_degradation(report: Report) -> list[str]:
    """Each metric against each drawn parameter that is not the same for all."""
    drawn = []
    for parameter, x_title in _PARAMETERS.items():
        if len({draws.get(parameter) for draws in report.draws.values()}) < 2:
            continue
        for metric in report.metrics:
            series = {
                scores.name: by_strength(scores, metric.key, report.faces, report.draws, parameter)
                for scores in report.methods
                if _known(scores, metric.key)
            }
            if any(len(line) > 1 for line in series.values()):
                drawn.append(curves(metric.title, x_title, series))
    return drawn


def _by_restoration(report: Report) -> list[str]:
    """Each metric against the strength of each model that has several; 0 is the input."""
    models = {scores.model for scores in report.methods if scores.strength not in (None, 1.0)}
    if not models:
        return []
    drawn = []
    for metric in report.metrics:
        series = {}
        for model in sorted(filter(None, models)):
            rows = [(s.strength, s.estimate(metric.key)) for s in report.methods if s.model == model]
            rows += [(0.0, s.estimate(metric.key)) for s in report.methods if s.name == INPUT]
            points = [(strength, found) for strength, found in rows if strength is not None and found is not None]
            if points:
                series[model] = sorted(points, key=lambda point: point[0])
        if series:
            drawn.append(curves(metric.title, "strength", series))
    return drawn


def _examples(report: Report) -> list[str]:
    """The faces where the restorer (the first, at its greatest strength) gains most over the input, and least;
    without one, the last method."""
    before = next((scores for scores in report.methods if scores.name == INPUT), None)
    restored = [scores for scores in report.methods if scores.model is not None]
    same = [scores for scores in restored if scores.model == restored[0].model]
    after = max(same, key=lambda scores: scores.strength or 0.0) if same else report.methods[-1]
    metric = next((m for key in _RANKING for m in report.metrics if m.key == key and _known(after, key)), None)
    if metric is None:
        return []
    sign = 1 if metric.higher_is_better else -1
    gains = []
    for place, face in enumerate(report.faces):
        value = after.values[metric.key][place]
        start = 0.0 if before is None or before is after else before.values[metric.key][place]
        if value is not None and start is not None:
            gains.append((sign * (value - start), face, start, value))
    gains.sort(key=lambda gain: gain[0], reverse=True)
    count = min(_EXAMPLES, len(gains) // 2) or len(gains)
    figures = [("best", gain) for gain in gains[:count]] + [("worst", gain) for gain in gains[count:][-count:]]
    return [
        _figure(
            report, before, after, face, f"{kind}: {metric.title} {_both(before, start, value, metric.digits)}"
        )
        for kind, (_, face, start, value) in figures
    ]


def _both(before: Scores | None, start: float, value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if before is None else f"{start:.{digits}f} to {value:.{digits}f}"


def _figure(report: Report, before: Scores | None, after: Scores, face: str, caption: str) -> str:
    """Before and after with a slider between them, and the truth small."""
    shown = _picture(after.pictures.get(face), "after", _SIDE)
    under = _picture(before.pictures.get(face) if before else report.references.get(face), "before", _SIDE)
    truth = _picture(report.references.get(face), "truth", _SIDE // 2)
    slider = '<input type="range" min="0" max="100" value="50" aria-label="divider">' if shown and under else ""
    return (
        f'<figure><div class="pair">{under}{shown}</div>{slider}'
        f"<figcaption>{truth}{escape(face)}, {escape(after.name)}; {escape(caption)}</figcaption></figure>"
    )


def _picture(path: str | None, kind: str, side: int) -> str:
    if path is None or not Path(path).is_file():
        return ""
    return f'<img class="{kind}" alt="{kind}" src="data:image/jpeg;base64,{_jpeg(read_crop(Path(path)), side)}">'


def _jpeg(pixels: Crop, side: int) -> str:
    image = Image.fromarray(pixels)
    if side < CROP_SIZE:
        image = image.resize((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return base64.b64encode(buffer.getvalue()).decode()
