"""How smooth the window is: painting while the divider is dragged, and the event loop while photos are restored.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.gui [painting | stalls]

Painting: a photo of 24 megapixels and its result, 1920 x 1080, the divider dragged across while the event loop
runs: from the first paint on (another thread makes the tiles meanwhile), and again with all tiles made; then a
brush that changes the result under each paint. The floor is one picture of that size that Qt draws, as it is and
scaled.
Event loop: a timer of 2 ms tells how long the GUI thread was kept from it while ten faces are restored by the
bundled models and 400 thumbnails scroll by; the one-time import of the engine is told apart.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from app.bootstrap import make_application, prepare_environment

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.viewer.photo_view import PhotoView
    from core.types import Pixels

TARGET_PAINT, TARGET_STALL = 16.0, 50.0  # ms


ROUNDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("only", nargs="?", choices=["painting", "stalls"])
    only = parser.parse_args().only
    prepare_environment()
    app = make_application()
    from app.theme import apply_theme

    apply_theme(app, "dark")
    if only != "stalls":
        _floor()
        _painting()
    if only != "painting":
        _stalls()


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _told(times: list[float]) -> str:
    return f"median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms"


def _floor() -> None:
    """What Qt needs for a picture of the view's size, and no less can be painted."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    screen, whole = QImage(1920, 1080, QImage.Format.Format_RGB32), QRectF(0, 0, 1920, 1080)

    def draw(picture: QImage, smooth: bool) -> None:
        painter = QPainter(screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(whole, picture, QRectF(picture.rect()))
        painter.end()

    for name, size, smooth in (("as it is", (1920, 1080), False), ("scaled from 1.5 times", (2880, 1620), True)):
        picture = QImage(*size, QImage.Format.Format_RGB32)
        picture.fill(0x808080)
        print(f"floor, {name}: {_told([_timed(partial(draw, picture, smooth)) for _ in range(ROUNDS)])}")


def _painting() -> None:
    photo = np.random.default_rng(1).integers(0, 255, (4000, 6000, 3), np.uint8)
    deep = photo.astype(np.uint16) << 8
    # Made when it is its turn: the last one has 1.2 GB.
    cases: list[tuple[str, np.ndarray, Callable[[], np.ndarray]]] = [
        ("8 bits", photo, lambda: photo[::-1].copy()),
        ("16 bits", deep, lambda: deep[::-1].copy()),
        ("2 x as large", photo, lambda: np.tile(photo, (2, 2, 1))),
        ("4 x as large", photo, lambda: np.tile(photo, (4, 4, 1))),
        ("4 x as large, 16 bits", deep, lambda: np.tile(deep, (4, 4, 1))),
    ]
    for name, before, make in cases:
        after = cast("Pixels", make())
        for scale in ("fit", "100 %"):
            _painting_of(f"{name}, {scale}", cast("Pixels", before), after, scale)


def _painting_of(name: str, before: Pixels, after: Pixels, scale: str) -> None:
    from PySide6.QtGui import QImage

    from app.viewer.compare import Divider
    from app.viewer.photo_view import PhotoView

    view = PhotoView()
    view.resize(1920, 1080)
    opening = _timed(lambda: view.set_pictures(before, after))
    if scale != "fit":
        view.zoom_to(1.0)
    image = QImage(1920, 1080, QImage.Format.Format_RGB32)
    rounds = []
    for _ in range(2):
        times = []
        for share in np.linspace(0.02, 0.98, ROUNDS):
            view.set_divider(Divider(float(share)))
            times.append(_timed(lambda: view.render(image)))
            _let_events_run(0.004)
        rounds.append(times)
        _let_events_run(3.0)
    cold, warm = rounds
    brush = _brushing(view, after, image)
    print(
        f"painting, {name}: first {cold[0]:.1f} ms, while tiles are made worst {max(cold):.1f} ms, "
        f"then {_told(warm)}; brush {_told(brush)}; opening {opening:.1f} ms; target {TARGET_PAINT:g} ms"
    )
    view.deleteLater()


def _brushing(view: PhotoView, after: Pixels, image: QImage) -> list[float]:
    """Paints after each of the steps of a brush of 60 px of the photo has changed the result."""
    from core.types import Region

    times = []
    upscale = after.shape[1] // 6000
    for step in range(ROUNDS):
        left, top = 3000 + 10 * step, 1900
        region = Region(*(edge * upscale for edge in (left, top, left + 200, top + 200)))
        after[region.slices()] += 1

        times.append(_timed(partial(view.refresh, [region])) + _timed(lambda: view.render(image)))
        _let_events_run(0.004)
    return times


def _let_events_run(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _stalls() -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    from app.main_window import MainWindow
    from tests.conftest import SAMPLES

    folder = Path(tempfile.mkdtemp())
    face = cv2.imread(str(SAMPLES / "wallet-photo.jpg"))
    cv2.imwrite(str(folder / "ten.jpg"), np.tile(face, (2, 5, 1)))
    for number in range(400):
        cv2.imwrite(str(folder / f"small {number:03}.jpg"), cv2.resize(face, (300, 300)))
    window = MainWindow(folder / "data")
    window.resize(1280, 800)
    window.show()
    window.begin([])
    stalls: list[tuple[float, str]] = []
    last, doing = time.perf_counter(), "start"

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        stalls.append(((now - last) * 1000 - 2, doing))
        last = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(2)

    def until(is_so: Callable[[], bool], most: float = 180.0) -> None:
        loop, deadline = QEventLoop(), time.monotonic() + most
        check = QTimer()
        check.timeout.connect(lambda: loop.quit() if is_so() or time.monotonic() > deadline else None)
        check.start(10)
        loop.exec()

    doing = "first faces, with the import of the engine"
    window.incoming.open([folder / "ten.jpg"])
    until(lambda: bool(window.bench.current and window.bench.current.decisions.faces))
    doing = "restoring ten faces, scrolling 400 thumbnails"
    window.incoming.open([folder])
    window.bench.restore([window.bench.library.entries[0].key])
    bar = window.strip.view.horizontalScrollBar()
    scroll = QTimer()
    scroll.timeout.connect(lambda: bar.setValue((bar.value() + 60) % max(bar.maximum(), 1)))
    scroll.start(16)
    until(lambda: all(entry.thumbnail is not None for entry in window.bench.library.entries))
    until(lambda: window.bench.library.entries[0].state.value == "done")
    for what in dict.fromkeys(doing for _, doing in stalls):
        mine = [stall for stall, doing in stalls if doing == what]
        late = sum(stall > TARGET_STALL for stall in mine)
        print(f"event loop, {what}: worst stall {max(mine):.0f} ms, {late} above {TARGET_STALL:g} ms")
    window.close()


if __name__ == "__main__":
    main()
