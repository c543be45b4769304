"""A report as tables, beside those of the paper (`resources/published.json`), for terminals and Markdown."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files

from trainer.scoring.meters import Metric
from trainer.scoring.scores import INPUT, Estimate, Report, Scores

_ORDER = ("lpips", "lpips_other", "features", "fid", "niqe", "deg", "deg_other", "psnr", "ssim", "landmarks")
_DECIBELS = "psnr"


@dataclass(frozen=True)
class Row:
    """One method. `published`: a number of the paper's authors, measured on other data."""

    name: str
    cells: dict[str, str]
    published: bool = False


@dataclass(frozen=True)
class Table:
    """Columns are titles by the keys of cells; `note` is for below."""

    title: str
    columns: dict[str, str]
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Published:
    """A table of the paper: its number, what it is of, columns, and rows by their names."""

    name: str
    title: str
    columns: dict[str, str]
    rows: dict[str, list[str]]

    def table_rows(self) -> list[Row]:
        """The rows, marked as the paper's."""
        keys = list(self.columns)
        return [Row(name, dict(zip(keys, cells, strict=True)), True) for name, cells in self.rows.items()]


@functools.cache
def published() -> tuple[dict[str, Published], str]:
    """The paper's tables by their names, and the sentences on their source."""
    content = json.loads((files("resources") / "published.json").read_text(encoding="utf-8"))
    tables = {table["name"]: Published(**table) for table in content["tables"]}
    return tables, f"Rows of the paper: {content['source']}. {content['note']}"


def beside(report: Report) -> Published | None:
    """The paper's table that a report belongs to; None where there is nothing to compare with a truth."""
    tables, _ = published()
    if report.ablation:
        return tables["table 4"]
    if not report.references:
        return None
    return tables["table 2" if report.about.get("degradation") == "4x" else "table 1"]


def main_table(report: Report) -> Table:
    """Means and 95 % intervals of all methods, then the rows of the paper."""
    other = beside(report)
    rows = [Row(scores.name, _cells(report, scores)) for scores in report.methods]
    notes = [f"{metric.title}: {metric.note}." for metric in report.metrics if metric.note]
    notes.insert(0, "Mean, and its 95 % interval by bootstrap over the faces.")
    if other is None:
        return Table("Measured here", _columns(report.metrics, {}), rows, " ".join(notes))
    title = f"Measured here, and {other.name} of the paper ({other.title})"
    return Table(title, _columns(report.metrics, other.columns), rows + other.table_rows(), " ".join(notes))


def changes_table(report: Report) -> Table | None:
    """The change of every mean against that of the same faces' inputs, in percent (PSNR: in dB), the paper's
    likewise; None without inputs. Unlike the means this can be compared across data, with care."""
    other, ours = beside(report), {scores.name: scores for scores in report.methods}
    start = ours.get(INPUT)
    if start is None or len(ours) < 2:
        return None
    rows = []
    for name, scores in ours.items():
        if name != INPUT:
            # A method that lacks the worst faces is no better for that.
            before = start.among(report.faces, scores)
            changes = {
                m.key: _change(m.key, scores.estimate(m.key), before.estimate(m.key)) for m in report.metrics
            }
            rows.append(Row(name, {key: text for key, text in changes.items() if text}))
    columns = _columns(report.metrics, {})
    if other is not None and not report.ablation:
        columns = _columns(report.metrics, other.columns)
        first, *rest = other.table_rows()
        rows += [_published_change(row, first) for row in rest if row.name != "GT"]
    return Table("Change against the input, % (PSNR: dB)", columns, rows)


def other_tables(report: Report) -> list[Table]:
    """The paper's tables that `main_table` does not have."""
    tables, _ = published()
    shown = beside(report)
    return [
        Table(f"{table.name.capitalize()} of the paper ({table.title})", table.columns, table.table_rows())
        for table in tables.values()
        if shown is None or table.name != shown.name
    ]


def _columns(metrics: list[Metric], others: dict[str, str]) -> dict[str, str]:
    titles = {**others, **{metric.key: metric.title for metric in metrics}}
    better = {metric.key: metric.higher_is_better for metric in metrics} | dict.fromkeys(("psnr", "ssim"), True)
    return {key: f"{titles[key]} {'↑' if better.get(key) else '↓'}" for key in _ORDER if key in titles}


def _cells(report: Report, scores: Scores) -> dict[str, str]:
    found = ((metric, scores.estimate(metric.key)) for metric in report.metrics)
    faces = len(report.faces)
    return {
        metric.key: _text(estimate, metric.digits, faces) for metric, estimate in found if estimate is not None
    }


def _text(estimate: Estimate, digits: int, faces: int) -> str:
    """The mean, how many faces it is of where that is not all, and the interval."""
    mean = f"{estimate.mean:.{digits}f}"
    if 0 < estimate.count < faces:
        mean += f" [{estimate.count} faces]"
    if estimate.low is None or estimate.high is None:
        return mean
    return f"{mean} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _change(key: str, after: Estimate | None, before: Estimate | None) -> str:
    if after is None or before is None:
        return ""
    if key == _DECIBELS:
        return f"{after.mean - before.mean:+.2f}"
    return f"{100 * (after.mean / before.mean - 1):+.1f}" if before.mean else ""


def _published_change(row: Row, first: Row) -> Row:
    changes = {
        key: _change(key, Estimate(float(text)), Estimate(float(first.cells[key])))
        for key, text in row.cells.items()
    }
    return Row(row.name, changes, True)


def as_text(table: Table) -> str:
    """What was measured here, without intervals, with aligned columns for a terminal."""
    ours = [row for row in table.rows if not row.published]
    columns = {key: title for key, title in table.columns.items() if any(key in row.cells for row in ours)}
    lines = [["", *columns.values()]]
    lines += [[row.name, *(row.cells.get(key, "-").partition(" (")[0] for key in columns)] for row in ours]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    rows = [
        f"{line[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    ]
    return "\n".join(row.rstrip() for row in rows)


def as_markdown(table: Table) -> str:
    """The table in Markdown, its title in bold."""
    rows = [
        f"| {_name(row)} | {' | '.join(row.cells.get(key, '') for key in table.columns)} |" for row in table.rows
    ]
    head = [f"| | {' | '.join(table.columns.values())} |", f"|---|{'---:|' * len(table.columns)}"]
    note = f"\n\n{table.note}" if table.note else ""
    return f"**{table.title}**\n\n" + "\n".join(head + rows) + note


def _name(row: Row) -> str:
    name = row.name.replace("|", "\\|")
    return f"{name} (paper)" if row.published else name


def markdown(report: Report) -> str:
    """All of a report for a document: what was measured and how, the tables, what is left out."""
    about = "; ".join(f"{name}: {value}" for name, value in report.about.items())
    _, source = published()
    changes = changes_table(report)
    parts = [
        f"{len(report.faces)} faces; {about}.",
        as_markdown(main_table(report)),
        *([as_markdown(changes)] if changes else []),
        *([source] if beside(report) else []),
        "\n".join(f"- {sentence}" for sentence in report.left_out),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
