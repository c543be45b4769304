"""What became of the faces, to look at: `report.html`, which needs no other file, and `contact-sheet.jpg`."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from core.files import write_atomically
from trainer.dataset import Dataset, FaceRecord
from trainer.quality import Limits, Reason, explain

REPORT = "report.html"
CONTACT_SHEET = "contact-sheet.jpg"

FEW, USUAL = 20, 300
"""Accepted faces: below the first, too few to learn from; from the second on, a good start for many people.

A rule of thumb from what others report of fine-tuning face restorers, not measured here.
"""

_THUMBNAIL = 112  # px
_SHOWN = 240  # thumbnails of either kind in the report
_SHEET_COLUMNS, _SHEET_FACES, _SHEET_SIDE = 10, 200, 128

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .1rem 1rem .1rem 0; text-align: left }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.charts, .faces { display: flex; flex-wrap: wrap; gap: .8rem }
.charts { gap: 2rem }
figure { margin: 0; width: 7rem; font-size: .75rem; line-height: 1.25; overflow-wrap: anywhere }
figure img { display: block; width: 100%; border-radius: 4px }
svg { display: block; width: 24rem; max-width: 100% }
svg text { fill: currentColor; font-size: 11px }
.bar { fill: #4a86c8 } .limit { stroke: #d0453a; stroke-width: 2 }
"""


def write_report(dataset: Dataset, limits: Limits) -> None:
    """Write both files into the dataset's folder. Raises PhotoError.

    Without accepted faces there is no contact sheet, and one of an earlier run is removed.
    """
    write_atomically(dataset.folder / REPORT, report_html(dataset, limits).encode("utf-8", "backslashreplace"))
    sheet = dataset.folder / CONTACT_SHEET
    if dataset.accepted:
        write_atomically(sheet, contact_sheet(dataset))
    else:
        sheet.unlink(missing_ok=True)


def summary(dataset: Dataset) -> list[str]:
    """Sentences on the whole dataset: how many faces, why others are left out, whether that is enough."""
    accepted, left_out = len(dataset.accepted), len(dataset.faces) - len(dataset.accepted)
    reasons = ", ".join(f"{count} {reason}" for reason, count in reason_counts(dataset))
    empty = sum(photo.faces == 0 for photo in dataset.photos.values())
    lines = [
        f"The dataset has {_plural(accepted, 'face')} to learn from, of {_plural(len(dataset.photos), 'photo')}."
    ]
    if left_out:
        why = f": {reasons} (one face may have several reasons)" if reasons else ""
        lines.append(f"{_plural(left_out, 'face')} left out{why}.")
    if empty:
        lines.append(f"{_plural(empty, 'photo')} without a face.")
    lines.append(advice(accepted))
    return lines


def advice(accepted: int) -> str:
    """Whether this many faces are enough (a rule of thumb)."""
    if accepted < FEW:
        return (
            f"That is too few: a rule of thumb is at least {FEW} varied faces for one person, "
            f"and {USUAL} or more for many people. Add larger and sharper photos."
        )
    if accepted < USUAL:
        return (
            "That can do for one person, if light, expression and pose vary; "
            f"for many people a rule of thumb is {USUAL} faces or more."
        )
    return "That is a good start (a rule of thumb); look through the contact sheet before you train."


def reason_counts(dataset: Dataset) -> list[tuple[Reason, int]]:
    """How many of the faces that are left out have each reason, most frequent first."""
    left_out = (face for face in dataset.faces if not face.usable)
    return Counter(Reason(reason) for face in left_out for reason in face.reasons).most_common()


def contact_sheet(dataset: Dataset) -> bytes:
    """A JPEG of the accepted faces in rows; of more than 200 as many, evenly chosen."""
    chosen = _evenly(dataset.accepted, _SHEET_FACES)
    columns = min(_SHEET_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    sheet = Image.new("RGB", (columns * _SHEET_SIDE, rows * _SHEET_SIDE), "white")
    for number, face in enumerate(chosen):
        row, column = divmod(number, columns)
        sheet.paste(_thumbnail(dataset.folder / face.file, _SHEET_SIDE), (column * _SHEET_SIDE, row * _SHEET_SIDE))
    return _jpeg(sheet, 90)


def report_html(dataset: Dataset, limits: Limits) -> str:
    """The report as one HTML page with everything in it."""
    accepted = dataset.accepted
    left_out = [face for face in dataset.faces if not face.usable]
    sizes = [face.measures.native_size for face in dataset.faces]
    # Where grain hides everything the measure has no meaning; the axis ends there.
    sharp = [max(face.measures.sharpness, -6.0) for face in dataset.faces]
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=number>{count}</td></tr>" for name, count in reason_counts(dataset)
    )
    table = f"<h2>Left out, by reason</h2><table>{rows}</table>" if rows else ""
    charts = (
        _chart("Size of the face's square in the photo, px", sizes, limits.min_size)
        + _chart("Sharpness, log10", sharp, limits.min_sharpness)
        if dataset.faces
        else ""
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Faces to learn from</title><style>{_STYLE}</style></head><body>
<h1>Faces to learn from</h1>
{"".join(f"<p>{escape(line)}</p>" for line in summary(dataset))}
<p>Where you disagree, change <code>"accepted"</code> of that face in <code>dataset.json</code>; another
<code>train prepare</code> keeps it so.</p>
{table}
<h2>Sizes and sharpness</h2><div class="charts">{charts}</div>
{_gallery("Accepted", accepted, dataset.folder, limits)}
{_gallery("Left out", left_out, dataset.folder, limits)}
</body></html>
"""


def _gallery(title: str, faces: Sequence[FaceRecord], folder: Path, limits: Limits) -> str:
    shown = _evenly(faces, _SHOWN)
    more = f"<p>{len(shown)} of {len(faces)}, evenly chosen.</p>" if len(shown) < len(faces) else ""
    figures = "".join(_figure(face, folder, limits) for face in shown)
    return f'<h2>{title} ({len(faces)})</h2>{more}<div class="faces">{figures}</div>'


def _figure(face: FaceRecord, folder: Path, limits: Limits) -> str:
    path = folder / face.file
    picture = ""
    if path.is_file():
        data = base64.b64encode(_jpeg(_thumbnail(path, _THUMBNAIL), 80)).decode()
        picture = f'<img alt="" src="data:image/jpeg;base64,{data}">'
    said = "; ".join(explain(reason, face.measures, limits, face.duplicate_of) for reason in face.reasons)
    hand = " by your decision" if face.by_user and face.accepted == face.usable else ""
    caption = f"{Path(face.file).stem}{hand}{': ' if said else ''}{said}"
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def _chart(title: str, values: Sequence[float], limit: float, width: int = 400, height: int = 110) -> str:
    """A histogram with a line at the limit, as inline SVG."""
    low, high = min(*values, limit), max(*values, limit)
    high = max(high, low + 1e-6)
    counts, _ = np.histogram(values, bins=24, range=(low, high))
    step, tallest = width / len(counts), max(int(counts.max()), 1)
    bars = "".join(
        f'<rect class="bar" x="{number * step + 1:.1f}" y="{height - size:.1f}" width="{step - 2:.1f}" '
        f'height="{size:.1f}"/>'
        for number, size in enumerate(height * counts / tallest)
    )
    x = width * (limit - low) / (high - low)
    return (
        f'<svg viewBox="-8 -20 {width + 16} {height + 40}" role="img">'
        f'<text x="0" y="-8">{escape(title)}</text>{bars}'
        f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>'
        f'<text x="0" y="{height + 14}">{low:.4g}</text>'
        f'<text x="{x:.1f}" y="{height + 14}" text-anchor="middle">limit {limit:.4g}</text>'
        f'<text x="{width}" y="{height + 14}" text-anchor="end">{high:.4g}</text></svg>'
    )


def _evenly(faces: Sequence[FaceRecord], most: int) -> list[FaceRecord]:
    if len(faces) <= most:
        return list(faces)
    return [faces[round(place)] for place in np.linspace(0, len(faces) - 1, most)]


def _thumbnail(path: Path, side: int) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB").resize((side, side), Image.Resampling.BOX, reducing_gap=None)
    except OSError:
        return Image.new("RGB", (side, side), "grey")  # An image damaged since: a report is no place to fail.


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
