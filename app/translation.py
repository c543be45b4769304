"""The window's language: texts from resources/translations, which `tasks.py translate` keeps up to date."""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from core.models.folders import APP_NAME, resources_folder

log = logging.getLogger(__name__)


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
    log.info("language: %s", own.language() or "en")
