"""Set up gfpgan-desktop and run it. Python 3.11 or newer is all it needs.

    python3 tasks.py run [ARGS...]           open the window, or pass ARGS to gfpgan-desktop
    python3 tasks.py test [PYTEST ARGS...]   all checks and tests; with arguments, pytest alone
    python3 tasks.py pictures                make the pictures of the documents anew
    python3 tasks.py screenshots             make the pictures of the window anew
    python3 tasks.py docs                    build the documents as a site, into build/site
    python3 tasks.py translate               bring the window's translations up to date with its texts
    python3 tasks.py bundle [REQUIREMENT...] build a program that needs no Python, into dist
    python3 tasks.py clean                   delete .venv and everything the tools left behind

The first `run` or `test` installs the program into the folder .venv, once; it takes a few minutes.
Outside this folder only pip's cache changes. On Windows, type `py` where this text says `python3`.
"""

import ctypes
import functools
import hashlib
import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "install.log"
STAMP = VENV / "installed.json"  # exists only while what it describes is completely installed
say = functools.partial(print, flush=True)


def quoted(*words: str) -> str:
    """Return the command line that a user would type for these words."""
    return subprocess.list2cmdline(words) if os.name == "nt" else " ".join(map(shlex.quote, words))


def too_old() -> str:
    """Return what to type where this Python is too old."""
    needed = "python{}.{}".format(*MINIMUM)
    text = f"gfpgan-desktop needs {needed} or newer; this is Python {platform.python_version()}.\n"
    for name in filter(shutil.which, [f"python3.{minor}" for minor in range(20, MINIMUM[1] - 1, -1)]):
        # Version managers put commands on PATH that only say that the version is not active: try it.
        if subprocess.call([name, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return f"{text}A newer one is installed. Type:  {quoted(name, *sys.argv)}"
    if shutil.which("apt-get"):
        text += f"Type:  sudo apt-get install -y {needed} {needed}-venv\n"
    else:
        text += "Get it from https://www.python.org/downloads/\n"
    return f"{text}Then type:  {quoted(needed, *sys.argv)}"


# Older versions come as far as this, if they can parse the whole file: no syntax newer than Python 3.6 here.
if sys.version_info[:2] < MINIMUM:
    sys.exit(too_old())

# What an environment is bound to: absolute paths in this folder, and one version of Python.
IDENTITY = {"folder": str(ROOT), "python": "{}.{}".format(*sys.version_info)}
# Half is for the packages, the rest for their downloads, which pip also caches. On Linux torch brings CUDA.
SPACE_GB = 15 if (sys.platform, platform.machine()) == ("linux", "x86_64") else 4

# What OpenCV and PySide6 expect from a Linux system, and what Qt's windows need besides under X11.
LIBRARIES = """libGL.so.1 libEGL.so.1 libX11.so.6 libxkbcommon.so.0 libdbus-1.so.3 libfontconfig.so.1
    libglib-2.0.so.0 libgthread-2.0.so.0"""
X11_LIBRARIES = """libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-xkb.so.1
    libxcb-randr.so.0 libxcb-render-util.so.0 libxcb-shape.so.0 libxcb-util.so.1 libxkbcommon-x11.so.0"""

DISK_FULL = re.compile("No space left on device|not enough space on the disk|Disk quota exceeded")
OFFLINE = re.compile(
    "NewConnectionError|NameResolutionError|Failed to resolve|name resolution|Name or service not known"
    "|getaddrinfo failed|ProxyError|Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout"
)


class Stop(Exception):
    """Ends the task with a message that tells the user what to do before typing the same line again."""


def call(*command: str) -> int:
    """Run a command to its end and return its exit status, as a shell counts it."""
    child = subprocess.Popen(command)
    try:
        status = child.wait()
    except KeyboardInterrupt:
        child.wait()  # the terminal told the child too, and it may have something to finish
        raise
    return status if status >= 0 else 128 - status


def explain(output: str) -> str:
    """Return why an installation failed, from the output of the command that failed."""
    if DISK_FULL.search(output):
        return f"The disk is full. The installation needs about {SPACE_GB} GB; free some space."
    if OFFLINE.search(output):
        return "The packages could not be downloaded. Is this computer connected to the internet?"
    last = [line for line in output.splitlines() if line.strip() and not line.startswith("WARNING")][-8:]
    return "\n    ".join(["The installation failed. Its last words:", *last])


def debian_package(library: str) -> str:
    """Return the Debian package of a shared library, by Debian's naming rule: libGL.so.1 is in libgl1."""
    if library.startswith(("libglib-2.0", "libgthread-2.0")):
        return "libglib2.0-0"
    name, _, version = library.lower().partition(".so")
    return name + ("-" if name[-1].isdigit() else "") + version.lstrip(".")


def is_missing(library: str) -> bool:
    """Tell whether the system lacks this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


def install_line(libraries: set[str]) -> str:
    """Return the line that installs these shared libraries on this system."""
    if shutil.which("apt-get"):
        return "sudo apt-get install -y " + " ".join(sorted(set(map(debian_package, libraries))))
    if shutil.which("dnf"):
        return "sudo dnf install -y " + " ".join(f"'{library}()(64bit)'" for library in sorted(libraries))
    return f"(what installs {' '.join(sorted(libraries))} on your system)"


def obtain(problem: str, line: str) -> None:
    """Raise `Stop` with the line that solves the problem; in CI, as root on Debian, run that line instead."""
    root_in_ci = os.environ.get("CI") == "true" and sys.platform != "win32" and os.geteuid() == 0
    if not (root_in_ci and line.startswith("sudo apt-get ")):
        raise Stop(f"{problem}\nType:  {line}")
    say(f"{problem} Running: {line[5:]}")
    for command in (["apt-get", "update", "-q"], line.split()[1:]):
        if call("env", "DEBIAN_FRONTEND=noninteractive", *command):
            raise Stop(f"'{quoted(*command)}' failed; its own words are above.")


def check_libraries() -> None:
    """Make sure that OpenCV and Qt find the system libraries they need; raise `Stop` naming those missing."""
    probe = (str(PYTHON), "-P", "-c", "import cv2; from PySide6 import QtGui, QtWidgets")
    done = subprocess.run(probe, stderr=subprocess.PIPE, errors="replace")
    if done.returncode:
        absent = set(re.findall(r"(lib\S+\.so[.\d]*): cannot open shared object", done.stderr))
        if not absent:
            raise Stop(f"OpenCV or Qt does not start; it says:\n{done.stderr[-600:]}")
        absent.update(filter(is_missing, LIBRARIES.split()))
        obtain(f"System libraries are missing: {', '.join(sorted(absent))}.", install_line(absent))
        if call(*probe):
            raise Stop("OpenCV or Qt still does not start; the reason is above.")
    absent = set(filter(is_missing, X11_LIBRARIES.split()))
    if absent and sys.platform == "linux" and "DISPLAY" in os.environ:
        say(f"Note: should the window not open, type:  {install_line(absent)}")


def read_stamp() -> dict[str, Any]:
    """Return what is installed in .venv; empty if that is nothing, incomplete, or bound to something else."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() and IDENTITY.items() <= stamp.items() else {}


def make_environment() -> None:
    """Make an empty .venv, in place of whatever is there."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        line = "sudo apt-get install -y python{}-venv".format(IDENTITY["python"])
        obtain("Python's venv module is missing or incomplete.", line)
    if VENV.exists():
        say("Removing the old .venv: it is incomplete, was moved, or belongs to another Python.")
        shutil.rmtree(VENV)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < SPACE_GB and not os.environ.get("SKIP_SPACE_CHECK"):
        raise Stop(
            f"The installation needs about {SPACE_GB} GB, and only {free:.1f} GB are free in {ROOT}.\n"
            "Free some space. (If your pip takes a PyTorch without CUDA, set SKIP_SPACE_CHECK=1 instead.)"
        )
    python = getattr(sys, "_base_executable", sys.executable)  # not the one of an environment we may be run from
    if call(python, "-m", "venv", str(VENV)):
        raise Stop(f"{python} could not make {VENV}; its own words are above.")


def pip_install(extras: list[str]) -> None:
    """Install the project with these extras, showing what pip is at; raise `Stop` if it fails."""
    temporary = VENV / "tmp"  # the system's own is often small and in memory, and the packages are gigabytes
    temporary.mkdir(exist_ok=True)
    # A "user" setting in pip's configuration is an error inside an environment.
    environment = dict(os.environ, TMPDIR=str(temporary), PIP_USER="0", PYTHONUNBUFFERED="1")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--editable"]
    command.append(f".[{','.join(extras)}]" if extras else ".")
    pip = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    )
    output = ""
    with pip, LOG.open("w", encoding="utf-8") as log:
        for line in pip.stdout or ():
            output += line
            log.write(line)
            if re.match(r" *(Collecting|Downloading|Building|Installing) ", line):
                say("  " + line.strip()[:100])
    shutil.rmtree(temporary, ignore_errors=True)
    if pip.returncode:
        raise Stop(f"{explain(output)}\nThe full log: {LOG}")


def ensure_installed(*extras: str) -> None:
    """Install what pyproject.toml and the extras ask for, unless it is installed already."""
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()

    def has_all(stamp: dict[str, Any]) -> bool:
        return stamp.get("project") == project and set(extras) <= set(stamp["extras"])

    stamp = read_stamp()
    if has_all(stamp) and stamp["checked"]:
        return
    say("Installing gfpgan-desktop into .venv. This happens once and takes a few minutes.")
    with (ROOT / "pyproject.toml").open("rb") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)  # a second installation waits here for the first
        stamp = read_stamp()
        if not stamp:
            make_environment()
        if not has_all(stamp):
            wanted = sorted({*extras, *stamp.get("extras", ())})
            STAMP.unlink(missing_ok=True)
            try:
                pip_install(wanted)
            except Stop:
                if stamp:
                    STAMP.write_text(json.dumps(stamp))  # when pip gives up, what worked before still works
                raise
            stamp = {**IDENTITY, "project": project, "extras": wanted, "checked": False}
            STAMP.write_text(json.dumps(stamp))
        check_libraries()
        STAMP.write_text(json.dumps({**stamp, "checked": True}))


def run(arguments: list[str]) -> int:
    """Run gfpgan-desktop with these arguments, in the caller's folder."""
    ensure_installed()
    os.environ["PYTHONSAFEPATH"] = "1"  # a folder named app or core where the user is must not be imported
    command = (str(PYTHON), "-m", "app", *arguments)
    if os.name != "nt":
        os.execv(command[0], command)  # signals and the exit status are then the program's own
    return call(*command)


def test(arguments: list[str]) -> int:
    """Run linters, type checks, import contracts and tests with coverage; or pytest alone, with arguments."""
    ensure_installed("dev")
    os.chdir(ROOT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    pytest = (str(PYTHON), "-m", "pytest")
    if arguments:
        return call(*pytest, *arguments)
    failed = []
    for check in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
        say(f"== {check}")
        tool, *options = check.split()
        if call(str(PYTHON.with_name(tool)), *options):
            failed.append(check)
    # pytest comes last, so that its closing line closes the output.
    say(f"== pytest (FAILED before it: {', '.join(failed)})" if failed else "== pytest")
    # Some at a time, of up to 3 GB each. One that crashes fails its test alone. Threads of torch's in more of them
    # than there are cores slow each other down tenfold.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    workers = min(4, os.cpu_count() or 1)
    return call(*pytest, "--cov", f"--numprocesses={workers}", "--dist=worksteal") or int(bool(failed))


def pictures(_: list[str]) -> int:
    """Make the pictures of the documents with the program itself."""
    ensure_installed()
    return call(str(PYTHON), str(ROOT / "docs" / "pictures.py"))


def screenshots(_: list[str]) -> int:
    """Make the pictures of the window, light and dark, at 1x and 2x, without a screen."""
    ensure_installed("dev")  # which has free photos of faces
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    script = ROOT / "docs" / "screenshots.py"
    return max(
        subprocess.call([str(PYTHON), str(script), mode], env={**environment, "QT_SCALE_FACTOR": factor})
        for mode in ("light", "dark")
        for factor in ("1", "2")
    )


def docs(_: list[str]) -> int:
    """Build the site of the documents, with the generator in an environment of its own."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = install_into("docs-venv", project["optional-dependencies"]["docs"])
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # an advertisement
    code = call(str(python), "-m", "mkdocs", "build", "--quiet", "--config-file", str(ROOT / "mkdocs.yml"))
    if not code:
        say(f"Open {ROOT / 'build' / 'site' / 'index.html'} in a browser.")
    return code


def translate(_: list[str]) -> int:
    """Take new texts of the window into resources/translations, and compile what is translated there."""
    ensure_installed()
    folder, texts = ROOT / "resources" / "translations", sorted(map(str, (ROOT / "app").rglob("*.py")))
    for language, options in (("de", ()), ("en", ("-pluralonly",))):
        path = str(folder / f"gfpgan-desktop_{language}.ts")
        update = [str(PYTHON.with_name("pyside6-lupdate")), *texts, "-locations", "none", "-no-obsolete", *options]
        if call(*update, "-ts", path) or call(str(PYTHON.with_name("pyside6-lrelease")), path):
            return 1
    return call(str(PYTHON), str(folder / "sentences.py"))


def bundle(requirements: list[str]) -> int:
    """Build the bundle in an environment of its own, with these requirements of pip: another PyTorch, mostly."""
    python = install_into("venv", [f"{ROOT}[bundle]", *requirements])
    return call(str(python), str(ROOT / "resources" / "bundle" / "build.py"))


def install_into(name: str, requirements: list[str]) -> Path:
    """Install into an environment of that name below build; return its Python. Raise `Stop` if it fails."""
    folder = ROOT / "build" / name
    python = folder / PYTHON.relative_to(VENV)
    if not python.exists() and call(sys.executable, "-m", "venv", str(folder)):
        raise Stop(f"{sys.executable} could not make {folder}; its own words are above.")
    if call(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements):
        raise Stop("The packages could not be installed; pip's own words are above.")
    return python


def clean(_: list[str]) -> int:
    """Delete .venv, caches and build results: only what this project's tools make again."""
    tops = (".venv", ".*_cache", ".hypothesis", "htmlcov", "build", "dist", "*.egg-info")
    for pattern in (*tops, "__pycache__", "[!.]*/**/__pycache__"):
        for path in list(ROOT.glob(pattern)):
            shutil.rmtree(path)
    (ROOT / ".coverage").unlink(missing_ok=True)
    return 0


def main() -> int:
    """Do the task named on the command line and return the exit status."""
    tasks = {
        "run": run,
        "test": test,
        "pictures": pictures,
        "screenshots": screenshots,
        "docs": docs,
        "translate": translate,
        "bundle": bundle,
        "clean": clean,
    }
    name, *arguments = sys.argv[1:] or [""]
    if name not in tasks:
        print(__doc__)
        return 0 if name in ("-h", "--help") else 2
    try:
        return tasks[name](arguments)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except (Stop, OSError) as error:
        text = str(error) if isinstance(error, Stop) else explain(str(error))
        print(f"\n{text}\nThen type:  {quoted(Path(sys.executable).name, *sys.argv)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
