"""The real window without a screen, as a process that restores a folder or exports what is restored.

    python -m benchmarks.soaking.window DATA PHOTOS [--export FOLDER] [--small-caches]

Where the session in DATA has photos it goes on with them, as a user who takes the offer. It says "ready" once it
is at work, "done" after each photo or export, and ends when all is done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.bootstrap import make_application, prepare_environment

CACHE = 15_000_000
"""Bytes of each cache with --small-caches: they are full after some ten photos, and what grows then is a leak."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--export", type=Path, metavar="FOLDER")
    parser.add_argument("--small-caches", action="store_true", help=f"of {CACHE / 1e6:g} MB each")
    options = parser.parse_args()
    prepare_environment()
    app = make_application()
    from PySide6.QtCore import QTimer

    from app.document.library import PhotoState
    from app.export.plan import ExportOptions
    from app.main_window import MainWindow
    from core.outputs import OnExists

    window = MainWindow(options.data)
    if options.small_caches:
        for cache in (window.bench.photos, window.bench.shelf._crops, window.bench.shelf._backgrounds):
            cache._memory = CACHE
    library, exporter = window.bench.library, window.outgoing.exporter
    done: set[int] = set()
    at_work = False

    def end() -> None:
        window.close()
        app.quit()

    def look_at(key: int) -> None:
        state = library.entry(key).state
        if state is PhotoState.FAILED:
            print(library.entry(key).reason, file=sys.stderr)
            app.exit(1)
        if state is PhotoState.DONE and key not in done:
            done.add(key)
            say("done")
            # A session is opened photo by photo, and the first ones may be done.
            if at_work and len(done) == len(library.entries):
                end()

    def restore() -> None:
        nonlocal at_work
        at_work = True
        say("ready")
        done.clear()
        for entry in library.entries:
            look_at(entry.key)
        window.does["restore_all"].trigger()

    def export() -> None:
        say("ready")
        exporter.progressed.connect(lambda done, _: say("done") if done else None)
        exporter.finished.connect(end)
        keys = library.keys_in(PhotoState.DONE)
        exporter.export(
            keys, ExportOptions(options.export, on_exists=OnExists.SKIP, crops=True, before_after=True)
        )

    def begin() -> None:
        if window.messages.action.isVisible():
            window.messages.action.click()
            go_on()
        else:
            library.added.connect(go_on)
            window.incoming.open([options.photos])

    window.show()
    window.begin([])
    go_on = export if options.export else restore
    if not options.export:
        library.state_changed.connect(look_at)
    QTimer.singleShot(0, begin)  # within the event loop, which may have to end at once
    return app.exec()


def say(word: str) -> None:
    """Tell whoever started this."""
    print(word, flush=True)


if __name__ == "__main__":
    sys.exit(main())
