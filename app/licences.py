"""The licences of what the program is made of, as the installed packages tell them. No Qt."""

from __future__ import annotations

import functools
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.models.catalogue import ModelInfo
from core.models.folders import APP_NAME, bundled_folder, resources_folder

LGPL_NOTICE = """\
Qt and PySide6 (with shiboken6), libheif and libde265 are used under the GNU Lesser General Public License, version
3 (LGPL-3.0), unmodified. They are files of their own beside the program, loaded when it runs: you may replace them
by others that fit, and take the program apart to see why your changes do not work. The texts of the LGPL, and of
the GPL that it refers to, come with the program (`licences PySide6`). Sources:

  Qt                  https://download.qt.io/official_releases/qt/
  PySide6, shiboken6  https://download.qt.io/official_releases/QtForPython/
  libheif             https://github.com/strukturag/libheif
  libde265            https://github.com/strukturag/libde265

OpenCV's package brings FFmpeg under the LGPL-2.1 (`licences opencv-python`), also as files of its own."""

EXTRAS = frozenset({"codeformer", "heic", "raw"})
"""Of our own: those that add something to the program."""

_LGPL = ("LGPL-3.0.txt", "GPL-3.0.txt")
_TEXTS = {
    **dict.fromkeys(("pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6", "pi-heif-decoder"), _LGPL),
    "spandrel": ("spandrel.txt",),
}
"""Texts that packages do not bring themselves, in resources/licences."""

_TERMS_OF_WHEELS = {
    "pi-heif-decoder": "BSD-3-Clause; in its wheels LGPL-3.0 (libheif, libde265)",
    "pillow-heif": "BSD-3-Clause; in its wheels LGPL-3.0 (libheif, libde265) and GPL-2.0 (x265)",
    "rawpy": "MIT; in its wheels LGPL-2.1 OR CDDL-1.0 (LibRaw)",
}
"""Where a package's metadata tell of its own code alone, and not of the libraries that its wheels bring."""

_NAMED_LIKE_A_TEXT = re.compile(r"(licen[cs]es?|copying|copyright|notice|third.party)([-_. ].*)?", re.IGNORECASE)
_CODE = (".py", ".pyc", ".pyi", ".so", ".h")


@dataclass(frozen=True)
class Text:
    """A file with the words of a licence; `name` is its path in the package."""

    name: PurePath
    path: Path

    def read(self) -> str:
        """The words."""
        return self.path.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class Component:
    """A package that the program needs, and its terms: SPDX expressions where the package gives them."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[Text, ...]


@functools.cache
def components() -> tuple[Component, ...]:
    """The program, Python, and every package that the program needs and that is here, by name."""
    python = Component(
        "Python", platform.python_version(), "PSF-2.0", "https://www.python.org", _own("PSF-2.0.txt")
    )
    every = [*map(_component, _closure()), python]
    return tuple(sorted(every, key=lambda each: canonicalize_name(each.name)))


def package_in_full(package: Component) -> str:
    """A package's terms, and all texts that come with it."""
    parts = [_title(f"{package.name} {package.version}", package.licence, package.home)]
    parts += [f"--- {text.name.as_posix()}\n\n{text.read().strip()}" for text in package.texts]
    return "\n\n".join(parts)


def model_in_full(model: ModelInfo) -> str:
    """A model's terms, and the page about one that comes with the program."""
    parts = [_title(model.title, model.licence, model.url or "It comes with the program.")]
    card = bundled_folder() / f"{model.name}.md"
    parts += [card.read_text(encoding="utf-8").strip()] if card.is_file() else []
    return "\n\n".join(parts)


def _title(name: str, licence: str, place: str) -> str:
    line = f"{name}: {licence}"
    return f"{line}\n{'=' * len(line)}\n{place}".strip()


def _closure() -> Iterator[Distribution]:
    """What the program requires, and what that requires, as far as it is installed; each once."""
    seen: set[tuple[str, str]] = set()
    found: set[str] = set()
    waiting = [(APP_NAME, extra) for extra in ("", *sorted(EXTRAS))]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # of an extra, or left out of a bundle
        if name not in found:
            found.add(name)
            yield package
        for requirement in map(Requirement, package.requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(requirement.name)
                waiting += [(needed, part) for part in ("", *requirement.extras)]


def _component(package: Distribution) -> Component:
    return Component(
        package.metadata["Name"], package.version, _licence(package), _home(package), tuple(_texts(package))
    )


def _licence(package: Distribution) -> str:
    """In one line: the expression, else the field where it is no whole text, else the classifiers."""
    if (terms := _TERMS_OF_WHEELS.get(_key(package))) is not None:
        return terms
    told = (_fields(package, "License-Expression") + _fields(package, "License") + [""])[0].strip()
    if told and "\n" not in told:
        return told.rpartition(" :: ")[2]
    classifiers = [each for each in _fields(package, "Classifier") if each.startswith("License :: ")]
    return " AND ".join(each.rpartition(" :: ")[2] for each in classifiers) or "not told by the package"


def _home(package: Distribution) -> str:
    labelled = [each.split(", ", 1) for each in _fields(package, "Project-URL")]
    links = {label.casefold(): link for label, link in labelled}
    wanted = [
        links[label] for label in ("homepage", "home", "repository", "source", "source code") if label in links
    ]
    return [*_fields(package, "Home-page"), *wanted, *links.values(), ""][0]


def _fields(package: Distribution, name: str) -> list[str]:
    return package.metadata.get_all(name) or []


def _key(package: Distribution) -> str:
    return canonicalize_name(package.metadata["Name"])


def _texts(package: Distribution) -> Iterator[Text]:
    for file in package.files or ():
        inside = "licenses" in file.parts[:-1] and file.parts[0].endswith(".dist-info")
        named = _NAMED_LIKE_A_TEXT.fullmatch(file.name) and file.suffix not in _CODE
        path = Path(str(file.locate()))
        if (inside or named) and path.is_file():
            yield Text(PurePath(file), path)
    yield from _own(*_TEXTS.get(_key(package), ()))


def _own(*names: str) -> tuple[Text, ...]:
    folder = resources_folder() / "licences"
    return tuple(Text(PurePath(name), folder / name) for name in names)
