"""Makes the pictures of the window in docs/screenshots, of the sample photos and with the bundled models."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SAMPLES = ROOT / "resources" / "samples"
FOLDER = ROOT / "docs" / "screenshots"


def main(mode: str) -> int:
    """Make them all, "light" or "dark", at the scale of QT_SCALE_FACTOR."""
    os.environ["GFPGAN_DESKTOP_MODELS"] = tempfile.mkdtemp()
    from app.bootstrap import make_application, prepare_environment

    prepare_environment()
    app = make_application()
    from PySide6.QtCore import QEventLoop, QPointF, QTimer
    from PySide6.QtWidgets import QWidget

    from app.main_window import MainWindow
    from app.notify import Level
    from app.translation import install
    from app.viewer.compare import CompareMode
    from app.viewer.tools import Tool
    from docs.training_screenshots import take_training

    def wait(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(is_so: Callable[[], bool]) -> None:
        for _ in range(3000):
            if is_so():
                return
            wait(50)
        raise SystemExit("the window did not come to it")

    factor = os.environ.get("QT_SCALE_FACTOR", "1")

    def take(name: str, widget: QWidget) -> None:
        wait(250)
        FOLDER.mkdir(exist_ok=True)
        widget.grab().save(str(FOLDER / f"{name}-{mode}{'' if factor == '1' else '@2x'}.png"))

    install(app, "en")
    window = MainWindow(Path(tempfile.mkdtemp()))
    window.settings.change(theme=mode)
    window.resize(1280, 800)
    window.show()
    window.begin([])
    take("empty", window)
    bench, view = window.bench, window.view
    window.incoming.open(sorted(SAMPLES.glob("*.jpg")))
    until(lambda: bool(bench.current and bench.current.decisions.faces))
    take("faces", window)
    bench.restore([entry.key for entry in bench.library.entries])
    until(lambda: bench.current is not None and bench.current.state.value == "done")
    until(lambda: view._scene.after is not None)
    window.panel.choose(1)
    take("restored", window)
    until(lambda: all(entry.state.value == "done" for entry in bench.library.entries))
    view.set_mode(CompareMode.SIDE_BY_SIDE)
    take("side-by-side", window)
    view.set_mode(CompareMode.LENS)
    view._scene.pointer = QPointF(600, 200)
    take("lens", window)
    view.set_mode(CompareMode.SLIDER)
    window._set_tool(Tool.ERASE)
    view._scene.action.move((330.0, 150.0))
    take("eraser", window)
    window._set_tool(Tool.PAN)
    window.does["straighten"].trigger()
    window.straighten.angle.setValue(-32)
    take("straighten", window)
    window._show_view()
    window.does["export"].trigger()
    take("export", window.outgoing.dialog)
    window.outgoing.dialog.reject()
    sentence = "The disk is full; free some space and export again."
    window.notifier.tell(sentence, Level.ERROR, "details", ("Export again", lambda: None))
    take("message", window)
    window.preferences.show()
    panel = window.preferences.panel
    for place, name in enumerate(("general", "restoration", "devices", "models", "training", "privacy")):
        if name == "training":
            continue
        panel.list.setCurrentRow(place)
        take(f"settings-{name}", panel)
    take_training(window, take, until)
    window.close()
    app.processEvents()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "light"))
