"""What only answers a question loads no engine."""

import os
import subprocess
import sys

import pytest

from tests.conftest import PATIENCE, SAMPLES

HEAVY = {"torch", "torchvision", "facexlib", "openvino", "cv2", "numpy", "PIL", "PySide6"}
PROGRAM = f"""
import sys
from app.__main__ import main
try:
    sys.exit(main())
finally:
    print(sorted({HEAVY} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--help", 0),
        ("--version", 0),
        ("restore --help", 0),
        ("faces --help", 0),
        ("train run --help", 0),
        ("evaluate --help", 0),
        ("nonsense", 2),
        ("restore photo.jpg", 2),
        ("restore photo.jpg -o out --strength 2", 2),
    ],
)
def test_help_version_and_wrong_usage_import_nothing_heavy(arguments: str, code: int) -> None:
    command = [sys.executable, "-c", PROGRAM, *arguments.split()]
    done = subprocess.run(command, cwd=SAMPLES.parent.parent, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


WINDOWED = """
import sys
sys.stdin = sys.stdout = sys.stderr = None
sys.argv[1:] = ["--train-worker", "--config", "nothing.toml"]
from app.__main__ import main
sys.exit(main())
"""


def test_the_training_child_of_a_windowed_program_speaks_through_its_pipes() -> None:
    command = [sys.executable, "-c", WINDOWED]
    done = subprocess.run(
        command, cwd=SAMPLES.parent.parent, capture_output=True, text=True, timeout=PATIENCE, input=""
    )
    assert done.returncode == 1, done.stderr
    error, ended = done.stdout.splitlines()
    assert "'nothing.toml' cannot be read" in error
    assert '"event": "done"' in ended


WINDOW = """
import sys, tempfile
from pathlib import Path
from app.bootstrap import make_application, prepare_environment
prepare_environment()
app = make_application()
from app.main_window import MainWindow
window = MainWindow(Path(tempfile.mkdtemp()))
window.show()
window.begin([])
window.preferences.show()
app.processEvents()
print(sorted({"torch", "openvino", "pyqtgraph", "scipy", "torchvision"} & set(sys.modules)))
window.close()
"""


def test_the_window_loads_networks_and_plots_when_they_are_needed() -> None:
    command, environment = [sys.executable, "-c", WINDOW], {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    root = SAMPLES.parent.parent
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.splitlines() == ["[]"], done.stderr
