"""How smooth the window is: painting while the divider is dragged, and the event loop while photos are restored.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.gui

Painting: a photo of 24 megapixels, 1920 x 1080, the divider dragged across; first with no tile made, then again.
Event loop: a timer of 2 ms tells how long the GUI thread was kept from it while ten faces are restored by the
bundled models and 400 thumbnails scroll by; the one-time import of the engine is told apart.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.bootstrap import make_application, prepare_environment

TARGET_PAINT, TARGET_STALL = 16.0, 50.0  # ms


def main() -> None:
    prepare_environment()
    app = make_application()
    from app.theme import apply_theme

    apply_theme(app, "dark")
    _painting()
    _stalls()


def _painting() -> None:
    from PySide6.QtGui import QImage

    from app.viewer.compare import Divider
    from app.viewer.photo_view import PhotoView

    pixels = np.random.default_rng(1).integers(0, 255, (4000, 6000, 3), np.uint8)
    for scale in ("fit", "100 %"):
        view = PhotoView()
        view.resize(1920, 1080)
        view.set_pictures(pixels, pixels[::-1].copy())
        if scale != "fit":
            view.zoom_to(1.0)
        image = QImage(1920, 1080, QImage.Format.Format_RGB32)
        rounds = []
        for _ in range(2):
            times = []
            for share in np.linspace(0.02, 0.98, 60):
                view.set_divider(Divider(float(share)))
                start = time.perf_counter()
                view.render(image)
                times.append((time.perf_counter() - start) * 1000)
            rounds.append(times)
        cold, warm = rounds
        print(
            f"painting, {scale}: median {statistics.median(warm):.1f} ms, worst {max(warm):.1f} ms "
            f"(first time worst {max(cold):.1f} ms); target {TARGET_PAINT:g} ms"
        )
        view.deleteLater()


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
