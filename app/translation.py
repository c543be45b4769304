"""The window's language: texts from resources/translations, which `tasks.py translate` keeps up to date."""

from __future__ import annotations

import json
import logging
import re
from functools import cache, partial

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from core.models.folders import APP_NAME, resources_folder

log = logging.getLogger(__name__)

_language = "en"
"""Of the texts that are installed."""


def install(app: QCoreApplication, language: str = "system") -> None:
    """Have texts in a language ("de", "en", or "system" for what the desktop has); English where there is none.

    English has a file too, for its plurals.
    """
    wanted = QLocale.system() if language == "system" else QLocale(language)
    own = QTranslator(app)
    folder = str(resources_folder() / "translations")
    if not own.load(wanted, APP_NAME, "_", folder):
        own.load(QLocale("en"), APP_NAME, "_", folder)
    app.installTranslator(own)
    qt = QTranslator(app)
    if qt.load(wanted, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qt)
    QLocale.setDefault(wanted)
    global _language
    _language = own.language()[:2]
    log.info("language: %s", own.language() or "en")


def translated(sentence: str) -> str:
    """What the engine or the trainer says in English, in the window's language; any other text as it is.

    They know no window: a sentence of theirs is found by its template (resources/translations/sentences.py), in
    English where it speaks of what there is in a shell only, or where a part of it does.
    What is inserted may be one too, or a number, but for names, which are in quotes.
    """
    for pattern, template, translation in _sentences(_language) if sentence else ():
        if found := pattern.fullmatch(sentence):
            return _FIELD.sub(partial(_inserted, template, found.groups()), translation)
    return sentence


def _inserted(template: str, values: tuple[str, ...], field: re.Match[str]) -> str:
    value = values[int(field[1]) - 1]
    if f"'{field[0]}'" in template:
        return value
    if _NUMBER.fullmatch(value):
        signs = {ord(","): QLocale().groupSeparator(), ord("."): QLocale().decimalPoint()}
        return value.translate(signs)
    return translated(value)


_FIELD = re.compile(r"\{(\d)\}")
_NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d+)?( [kMG]B)?")


@cache
def _sentences(language: str) -> list[tuple[re.Pattern[str], str, str]]:
    """What the engine and the trainer say: pattern, template and translation; the most particular first."""
    # Read when one is first to be shown, not at the start of the program.
    file = resources_folder() / "translations" / f"sentences_{language}.json"
    if not file.exists():
        return []
    known = json.loads(file.read_text(encoding="utf-8"))
    patterns = []
    for template in sorted(known, key=lambda template: len(_FIELD.sub("", template)), reverse=True):
        fixed = map(re.escape, _FIELD.split(template)[::2])
        if known[template]:
            patterns.append((re.compile("(.*?)".join(fixed), re.DOTALL), template, known[template]))
    return patterns
