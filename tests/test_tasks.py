"""tasks.py: what it installs and when, and the words it finds when something is missing.

Nothing is installed here. Child processes run a copy of tasks.py with stand-ins for the venv and pip modules,
which come first on PYTHONPATH; the stand-in for pip does what the variable FAKE_PIP says.
"""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tasks
from tests.conftest import PATIENCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are made of symbolic links")

VENV = """
import os, sys
os.makedirs(sys.argv[1] + "/bin")
os.symlink(sys.executable, sys.argv[1] + "/bin/python")
"""
PIP = """
import os, sys, time
with open("pip-calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
mode = os.environ.get("FAKE_PIP", "good")
print("Collecting torch", flush=True)
print("WARNING: something minor")
if mode == "offline":
    print("NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known")
elif mode == "full":
    print("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
elif mode == "broken":
    print("ERROR: No matching distribution found for torch")
elif mode == "slow":
    time.sleep(60)
sys.exit(mode != "good")
"""
APP = """
import os, signal, sys, time
try:
    print("app", os.getcwd(), sys.argv[1:], flush=True)
    time.sleep(60 if sys.argv[1:] == ["wait"] else 0)
except KeyboardInterrupt:
    sys.exit(130)
if sys.argv[1:] == ["crash"]:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(7)
"""
PYTEST = """
import sys, time
try:
    print("pytest", sys.argv[1:], flush=True)
    time.sleep(60 if "slow" in sys.argv else 0)
except KeyboardInterrupt:
    time.sleep(0.5)
    print("2 passed, then interrupted")
    sys.exit(2)
print("3 passed")
"""
# A tool of the test command: tells its name, and fails if FAIL names it.
TOOL = """#!/bin/sh
echo "tool $(basename "$0") $*"
case "$FAIL" in *$(basename "$0")*) exit 1;; esac
"""


class Project:
    """A copy of tasks.py in a folder of its own, with stand-ins for everything it would install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fakes = folder.parent / "fakes"
        for path, text in {
            folder / "pyproject.toml": "[project]\nname = 'x'\n",
            folder / "app" / "__init__.py": "",
            folder / "app" / "__main__.py": APP,
            self.fakes / "venv.py": VENV,
            self.fakes / "pip.py": PIP,
            self.fakes / "cv2.py": "import os\nif 'CV2' in os.environ: raise ImportError(os.environ['CV2'])\n",
            self.fakes / "PySide6" / "__init__.py": "",
            self.fakes / "PySide6" / "QtGui.py": "",
            self.fakes / "PySide6" / "QtWidgets.py": "",
            self.fakes / "pytest.py": PYTEST,
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        shutil.copy(tasks.__file__, folder)

    def start(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key not in ("CI", "DISPLAY")}
        environment.update(PYTHONPATH=f"{self.fakes}:{self.folder}", SKIP_SPACE_CHECK="1", **variables)
        return subprocess.Popen(
            [sys.executable, str(self.folder / "tasks.py"), *arguments],
            cwd=cwd or self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def do(self, *arguments: str, cwd: Path | None = None, **variables: str) -> tuple[int, str]:
        child = self.start(*arguments, cwd=cwd, **variables)
        output, _ = child.communicate(timeout=PATIENCE)
        return child.returncode, output

    @property
    def pip_calls(self) -> list[str]:
        calls = self.folder / "pip-calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def add_tools(self) -> None:
        for name in ("ruff", "mypy", "lint-imports"):
            tool = self.folder / ".venv" / "bin" / name
            tool.write_text(TOOL)
            tool.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "a project")


def test_run_installs_once_and_passes_arguments_folder_and_exit_status(project: Project, tmp_path: Path) -> None:
    # A package of this name in the user's folder must not be taken for the program.
    (tmp_path / "elsewhere" / "app").mkdir(parents=True)
    (tmp_path / "elsewhere" / "app" / "__init__.py").touch()
    status, output = project.do("run", "restore", "a b.jpg", "--help", cwd=tmp_path / "elsewhere")
    assert status == 7
    assert "Installing gfpgan-desktop" in output
    assert "Collecting torch" in output
    assert "WARNING" not in output
    assert f"app {tmp_path / 'elsewhere'} ['restore', 'a b.jpg', '--help']" in output
    assert project.pip_calls == ["install --disable-pip-version-check --editable ."]
    assert "WARNING" in (project.folder / ".venv" / "install.log").read_text()

    status, output = project.do("run")
    assert (status, output) == (7, f"app {project.folder} []\n")
    assert len(project.pip_calls) == 1


def test_extras_add_up_and_a_changed_project_file_installs_again(project: Project) -> None:
    project.do("run")
    project.do("test", "-x")
    project.do("run")
    assert [call.split()[-1] for call in project.pip_calls] == [".", ".[dev]"]
    (project.folder / "pyproject.toml").write_text("[project]\nname = 'y'\n")
    project.do("run")
    assert [call.split()[-1] for call in project.pip_calls] == [".", ".[dev]", ".[dev]"]


def test_a_moved_folder_or_a_vanished_python_is_rebuilt(project: Project) -> None:
    project.do("run")
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    status, output = project.do("run")
    assert status == 7
    assert "Removing the old .venv" in output
    python = project.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert project.do("run")[0] == 7
    assert len(project.pip_calls) == 3


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("offline", "connected to the internet"),
        ("full", "The disk is full. The installation needs about"),
        ("broken", "Its last words:\n    Collecting torch\n    ERROR: No matching distribution found for torch\n"),
    ],
)
def test_a_failed_installation_is_explained_and_tried_again(project: Project, mode: str, words: str) -> None:
    status, output = project.do("run", "a b", FAKE_PIP=mode)
    assert status == 1
    assert words in output
    assert str(project.folder / ".venv" / "install.log") in output
    assert output.endswith(f"Then type:  {Path(sys.executable).name} '{project.folder}/tasks.py' run 'a b'\n")
    assert "Traceback" not in output
    assert not (project.folder / ".venv" / "installed.json").exists()
    assert project.do("run")[0] == 7


def test_what_worked_goes_on_working_when_an_addition_fails(project: Project) -> None:
    project.do("run")
    assert project.do("test", "-x", FAKE_PIP="offline")[0] == 1
    status, output = project.do("run")
    assert (status, output) == (7, f"app {project.folder} []\n")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_installation_starts_afresh(project: Project, number: int) -> None:
    project.do("run")
    child = project.start("test", "-x", FAKE_PIP="slow")
    assert child.stdout
    while "Collecting" not in child.stdout.readline():
        assert child.poll() is None
    os.killpg(child.pid, number)  # pip too, as a terminal does
    rest, _ = child.communicate(timeout=PATIENCE)
    if number == signal.SIGINT:
        assert child.returncode == 130
        assert rest.endswith("Stopped.\n")
        assert "tasks.py" not in rest
    status, output = project.do("run")
    assert status == 7
    assert "Removing the old .venv" in output


def test_two_at_once_install_once(project: Project) -> None:
    children = [project.start("run") for _ in range(3)]
    for child in children:
        output, _ = child.communicate(timeout=PATIENCE)
        assert child.returncode == 7, output
    assert len(project.pip_calls) == 1


def test_ctrl_c_reaches_the_program_and_its_status_comes_back(project: Project) -> None:
    project.do("run")
    child = project.start("run", "wait")
    assert child.stdout
    assert "app" in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    output, _ = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert "Traceback" not in output
    assert project.do("run", "crash")[0] == -signal.SIGKILL


def test_missing_system_libraries_are_named_with_the_line_that_installs_them(project: Project) -> None:
    apt = project.fakes / "apt-get"
    apt.write_text('#!/bin/sh\necho "apt-get $*" >> "$APT_LOG"\n')
    apt.chmod(0o755)
    log = project.fakes / "apt.log"
    variables = {
        "CV2": "libodd-2.so.7: cannot open shared object file: No such file or directory",
        "PATH": f"{project.fakes}:{os.environ['PATH']}",
        "APT_LOG": str(log),
    }
    status, output = project.do("run", **variables)
    assert status == 1
    assert "libodd-2.so.7" in output
    assert "Type:  sudo apt-get install -y " in output
    assert "libodd-2-7" in output
    assert "Then type:  " in output
    assert not log.exists()

    # What pip did is not done again.
    assert project.do("run")[0] == 7
    assert len(project.pip_calls) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may install packages")
def test_in_ci_root_installs_missing_system_libraries_itself(project: Project) -> None:
    apt = project.fakes / "apt-get"
    # Its stand-in for the installation: the module that failed to import no longer does.
    apt.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND apt-get $*"\necho > "{project.fakes}/cv2.py"\n')
    apt.chmod(0o755)
    text = "libGL.so.1: cannot open shared object file"
    path = f"{project.fakes}:{os.environ['PATH']}"
    status, output = project.do("run", CV2=text, PATH=path, CI="true")
    assert status == 7
    assert "noninteractive apt-get update -q\nnoninteractive apt-get install -y libgl1" in output


def test_other_import_errors_are_shown(project: Project) -> None:
    status, output = project.do("run", CV2="DLL load failed")
    assert status == 1
    assert "OpenCV or Qt does not start" in output
    assert "DLL load failed" in output


def test_test_runs_every_check_and_pytest_last(project: Project) -> None:
    project.do("test", "-x")
    project.add_tools()
    status, output = project.do("test")
    assert status == 0
    tools = [line for line in output.splitlines() if line.startswith(("tool", "pytest"))]
    assert tools == [
        "tool ruff check .",
        "tool ruff format --check .",
        "tool mypy ",
        "tool lint-imports ",
        f"pytest ['--cov', '--numprocesses={min(4, os.cpu_count() or 1)}', '--dist=worksteal']",
    ]
    assert output.endswith("\n3 passed\n")


def test_test_goes_on_after_a_failed_check_and_says_so_before_pytest(project: Project) -> None:
    project.do("test", "-x")
    project.add_tools()
    status, output = project.do("test", FAIL="ruff,mypy")
    assert status == 1
    assert "== pytest (FAILED before it: ruff check ., ruff format --check ., mypy)\n" in output
    assert output.endswith("\n3 passed\n")


def test_test_with_arguments_is_pytest_alone(project: Project) -> None:
    status, output = project.do("test", "-x", "tests/test_photo.py")
    assert status == 0
    assert output.endswith("\npytest ['-x', 'tests/test_photo.py']\n3 passed\n")


def test_ctrl_c_lets_pytest_finish_its_report(project: Project) -> None:
    project.do("test", "-x")
    child = project.start("test", "slow")
    assert child.stdout
    assert "pytest" in child.stdout.readline()
    os.killpg(child.pid, signal.SIGINT)
    output, _ = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert output == "2 passed, then interrupted\n\nStopped.\n"


def test_clean_deletes_what_can_be_made_again_and_nothing_else(project: Project) -> None:
    project.do("run")
    for name in (
        ".mypy_cache/x",
        "core/deep/__pycache__/x",
        "htmlcov/x",
        ".git/x",
        "photos/mine.jpg",
        ".coverage",
    ):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert project.do("clean") == (0, "")
    left = {str(path.relative_to(project.folder)) for path in project.folder.rglob("*") if path.is_file()}
    ours = {"tasks.py", "pyproject.toml", "app/__init__.py", "app/__main__.py", "pip-calls"}
    assert left == ours | {".git/x", "photos/mine.jpg"}


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["-h"], 0), ([], 2), (["dance"], 2)])
def test_help_names_every_task(project: Project, arguments: list[str], status: int) -> None:
    done, output = project.do(*arguments)
    assert done == status
    for task in ("run", "test", "clean"):
        assert f"python3 tasks.py {task}" in output


def test_every_python_3_can_read_the_file_far_enough_to_be_told_its_age() -> None:
    tree = ast.parse(Path(tasks.__file__).read_text(), feature_version=(3, 6))
    check = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    # Up to the check, nothing may be evaluated that Python 3.6 lacks.
    for node in tree.body[:check]:
        if isinstance(node, ast.FunctionDef):
            hints = [argument.annotation for argument in node.args.args] + [node.returns]
            assert all(isinstance(hint, ast.Name) for hint in hints if hint)


def test_too_old_names_a_newer_python_that_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["tasks.py", "run", "a b"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "https://www.python.org/downloads/\nThen type:  python3.11 tasks.py run 'a b'" in tasks.too_old()
    for name, code in (("python3.14", 1), ("python3.12", 0), ("apt-get", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    assert tasks.too_old().endswith("Type:  python3.12 tasks.py run 'a b'")
    (tmp_path / "python3.12").unlink()
    assert "Type:  sudo apt-get install -y python3.11 python3.11-venv\n" in tasks.too_old()


def test_a_missing_venv_module_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tasks, "VENV", tmp_path / ".venv")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    monkeypatch.delenv("CI", raising=False)
    package = "python{}.{}-venv".format(*sys.version_info)
    with pytest.raises(tasks.Stop, match=f"Type:  sudo apt-get install -y {package}$"):
        tasks.make_environment()


def test_too_little_space_is_told_before_anything_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tasks, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(tasks, "SPACE_GB", 10**9)
    monkeypatch.delenv("SKIP_SPACE_CHECK", raising=False)
    with pytest.raises(tasks.Stop, match=r"needs about 1000000000 GB, and only .* GB are free in "):
        tasks.make_environment()
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libEGL.so.1", "libegl1"),
        ("libX11.so.6", "libx11-6"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
    ],
)
def test_debian_package_of_a_library(library: str, package: str) -> None:
    assert tasks.debian_package(library) == package


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ("apt-get", "sudo apt-get install -y libgl1 libglib2.0-0"),
        ("dnf", "sudo dnf install -y 'libGL.so.1()(64bit)' 'libglib-2.0.so.0()(64bit)'"),
        ("", "(what installs libGL.so.1 libglib-2.0.so.0 on your system)"),
    ],
)
def test_install_line_of_each_system(monkeypatch: pytest.MonkeyPatch, tool: str, line: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == tool else None)
    assert tasks.install_line({"libglib-2.0.so.0", "libGL.so.1"}) == line


def test_is_missing() -> None:
    assert tasks.is_missing("libno-such-library.so.1")


@pytest.mark.parametrize("text", ["", "{", "{}", json.dumps({"folder": "/elsewhere", "python": "3.11"})])
def test_a_stamp_that_is_not_ours_counts_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    stamp = tmp_path / "installed.json"
    monkeypatch.setattr(tasks, "STAMP", stamp)
    monkeypatch.setattr(tasks, "PYTHON", Path(sys.executable))
    assert tasks.read_stamp() == {}
    stamp.write_text(text)
    assert tasks.read_stamp() == {}
    stamp.write_text(json.dumps(tasks.IDENTITY))
    assert tasks.read_stamp() == tasks.IDENTITY
