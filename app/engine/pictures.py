"""The picture on the screen, made and redrawn off the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.document.decisions import Decisions
from app.engine.composing import Ingredients, blends_of, gather
from app.engine.photo_cache import PhotoCache
from app.engine.shelf import Shelf
from app.engine.sketch import Sketch
from app.threads import WorkThread
from core.canvas import Canvas
from core.errors import CoreError
from core.strokes import Stroke, coverage
from core.types import Pixels

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Shown:
    """A photo as it is on the screen: `before`, and `canvas` where anything of it is restored."""

    key: int
    before: Pixels
    ingredients: Ingredients
    canvas: Canvas | None

    @property
    def after(self) -> Pixels | None:
        """The restored picture, drawn anew in place."""
        return None if self.canvas is None else self.canvas.image


class Pictures(QObject):
    """Makes the picture of one photo at a time; what was asked for last is what comes."""

    shown = Signal(object)  # Shown
    redrawn = Signal(int, list)  # key, regions of its canvas
    failed = Signal(int, str)
    _ended = Signal(object, object)  # the work, its outcome or exception

    def __init__(self, photos: PhotoCache, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos, self._shelf = photos, shelf
        self._thread = WorkThread(self)
        self._running: _Work | None = None
        self._next: _Work | None = None
        self._current: Shown | None = None
        self._sketch: Sketch | None = None
        self._ended.connect(self._on_ended)

    def show(self, key: int, path: Path, decisions: Decisions) -> None:
        """Make the picture of a photo; `shown` or `failed` tells of it, unless another is asked for before."""
        self._sketch = None
        photos, shelf = self._photos, self._shelf
        self._ask(_Work(key, lambda: compose(key, path, decisions, photos, shelf)))

    def change(self, key: int, path: Path, decisions: Decisions) -> None:
        """Redraw what other decisions change; `redrawn` tells which regions, or `shown` where all is new."""
        shown = self._current
        if shown is None or shown.key != key or shown.canvas is None:
            self.show(key, path, decisions)
            return
        self._sketch = None
        self._ask(_Work(key, lambda: self._changed(key, path, decisions)))

    def sketch(self, key: int, stroke: Stroke) -> None:
        """Show a stroke as far as it is drawn, beyond what is decided; `change` then shows what is. What the
        program has no time for is shown with the next step of it."""
        shown = self._current
        waits = self._next is not None and not self._next.is_sketch
        if waits or shown is None or shown.key != key or shown.canvas is None:
            return
        if self._sketch is None or self._sketch.canvas is not shown.canvas:
            self._sketch = Sketch(shown.canvas)
        sketch = self._sketch
        self._ask(_Work(key, lambda: list(sketch.grow(stroke)), is_sketch=True))

    def close(self) -> None:
        """Wait for what runs; nothing more is told."""
        self._next = None
        self._thread.close()

    def _changed(self, key: int, path: Path, decisions: Decisions) -> object:
        """For the other thread: by what is on the screen then, for another picture may have come meanwhile."""
        shown = self._current
        if shown is None or shown.key != key or shown.canvas is None:
            return compose(key, path, decisions, self._photos, self._shelf)
        return redraw(shown, path, decisions, self._photos, self._shelf)

    def _ask(self, work: _Work) -> None:
        if self._running is not None:
            self._next = work
            return
        self._running = work
        self._thread.run(lambda: self._ended.emit(work, _outcome(work)))

    @Slot(object, object)
    def _on_ended(self, work: _Work, outcome: object) -> None:
        self._running = None
        waiting, self._next = self._next, None
        if isinstance(outcome, Shown):
            self._current = outcome
        # A photo that nobody looks at any more is not told of; a slider's way to its last place is.
        if waiting is None or waiting.key == work.key:
            match outcome:
                case Shown():
                    self.shown.emit(outcome)
                case list():
                    self.redrawn.emit(work.key, outcome)
                case str():
                    self.failed.emit(work.key, outcome)
        if waiting is not None and self._running is None:
            self._ask(waiting)


def compose(key: int, path: Path, decisions: Decisions, photos: PhotoCache, shelf: Shelf) -> Shown:
    """The picture of a photo. Raises PhotoError."""
    ingredients = gather(photos.get(path, decisions.geometry), path, decisions, shelf)
    before = ingredients.photo.rgb
    if not ingredients.faces and ingredients.restored.background is None:
        return Shown(key, before, ingredients, None)
    canvas = ingredients.restored.composed().canvas()
    canvas.recomposite(decisions.blend, ingredients.blends)
    return Shown(key, before, ingredients, canvas)


def redraw(
    shown: Shown, path: Path, decisions: Decisions, photos: PhotoCache, shelf: Shelf
) -> Shown | list[object]:
    """Bring a picture to other decisions: the regions of its canvas that were drawn, or a picture of its own."""
    now = gather(shown.ingredients.photo, path, decisions, shelf)
    if decisions.geometry != shown.ingredients.decisions.geometry or now.recipe != shown.ingredients.recipe:
        return compose(shown.key, path, decisions, photos, shelf)
    assert shown.canvas is not None
    regions: list[object] = list(shown.canvas.recomposite(decisions.blend, blends_of(decisions, tuple(now.faces))))
    regions += shown.canvas.limit(coverage(decisions.strokes, now.photo.size))
    return regions


@dataclass(frozen=True, eq=False)
class _Work:
    key: int
    do: Callable[[], object]
    is_sketch: bool = False


def _outcome(work: _Work) -> object:
    """What it makes, or why it makes nothing."""
    try:
        return work.do()
    except CoreError as error:
        return str(error)
    except MemoryError:
        return "This photo needs more memory than there is; close other programs."
    except Exception as error:
        log.warning("picture", exc_info=error)
        return f"The photo met an error that should not happen ({type(error).__name__}: {error})."
