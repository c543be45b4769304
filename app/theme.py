"""Colours, spacing and icons: one look, dark or light, as the system has it or as the user wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from core.models.folders import resources_folder

GRID = 8
"""Logical pixels between things; half of it in tight pairs."""

CONTROL = 32
"""Height of buttons and fields in logical pixels."""

RADIUS = 6
"""Of corners, in logical pixels."""


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. `canvas` lies behind photos, `panel` behind controls, `raised` is a control's own.

    Greys are neutral, so that the colours of a photo are judged rightly. Every text colour has a contrast of at
    least 4.5 to what it is written on (WCAG 2.1, AA).
    """

    dark: bool
    window: str
    panel: str
    raised: str
    border: str
    text: str
    secondary: str
    accent: str
    on_accent: str
    canvas: str
    good: str
    warning: str
    danger: str


DARK = Theme(
    dark=True,
    window="#1E1F21",
    panel="#26282B",
    raised="#2F3236",
    border="#3A3D42",
    text="#E8E9EA",
    secondary="#A6A9AE",
    accent="#4CC2B4",
    on_accent="#06201D",
    canvas="#151617",
    good="#7BC77E",
    warning="#E8B04B",
    danger="#F08A80",
)
LIGHT = Theme(
    dark=False,
    window="#F4F5F6",
    panel="#FFFFFF",
    raised="#ECEEF0",
    border="#D5D8DC",
    text="#1C1E21",
    secondary="#565B62",
    accent="#0B7A70",
    on_accent="#FFFFFF",
    canvas="#D8D9DB",
    good="#2C6E2F",
    warning="#7D5200",
    danger="#B3261E",
)


class _Themes(QObject):
    """The theme in use; follows the system while nothing else is wanted."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode = "system"
        self.current = LIGHT
        self._app: QApplication | None = None

    def apply(self, app: QApplication, mode: str) -> None:
        self.mode = mode
        if self._app is not app:
            self._app = app
            app.setStyle("Fusion")
            app.styleHints().colorSchemeChanged.connect(self.follow)
        self.follow()

    @Slot()
    def follow(self) -> None:
        wanted = {"dark": DARK, "light": LIGHT}.get(self.mode) or _system_theme()
        if self._app is not None and (wanted is not self.current or not self._app.styleSheet()):
            self.current = wanted
            self._app.setPalette(palette_of(wanted))
            self._app.setStyleSheet(style_sheet(wanted))
            self.changed.emit()


_themes: _Themes | None = None


def themes() -> _Themes:
    """What tells of changes: its signal `changed`."""
    global _themes
    if _themes is None:
        _themes = _Themes()
    return _themes


def apply_theme(app: QApplication, mode: str = "system") -> None:
    """Give the program its look: "light", "dark", or "system" for what the desktop has, also when that changes."""
    themes().apply(app, mode)


def current() -> Theme:
    """The theme in use."""
    return themes().current


def icon(name: str, accent: bool = False) -> QIcon:
    """An icon of the Material Design set by its name, in the theme's colours; made anew when these change."""
    import qtawesome  # here, for it takes a quarter of a second

    theme = current()
    color = theme.on_accent if accent else theme.text
    faint = _mixed(theme.secondary, theme.panel, 0.5)
    return QIcon(qtawesome.icon(f"mdi6.{name}", color=color, color_disabled=faint))


def _system_theme() -> Theme:
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's own palette, for what the style sheet does not reach."""
    palette, role = QPalette(), QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.secondary,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.Mid: theme.border,
        role.Midlight: theme.border,
        role.Dark: theme.border,
        role.Light: theme.raised,
        role.BrightText: theme.danger,
    }
    for which, color in colors.items():
        palette.setColor(which, QColor(color))
    faint = QColor(_mixed(theme.secondary, theme.panel, 0.6))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, faint)
    return palette


def style_sheet(theme: Theme) -> str:
    """What the palette cannot say: borders, corners, spacing."""
    values: dict[str, Any] = {
        **{name: getattr(theme, name) for name in theme.__dataclass_fields__},
        "hover": _mixed(theme.text, theme.raised, 0.08),
        "pressed": _mixed(theme.text, theme.raised, 0.16),
        "accent_hover": _mixed("#FFFFFF" if theme.dark else "#000000", theme.accent, 0.12),
        "faint": _mixed(theme.secondary, theme.panel, 0.6),
        "radius": RADIUS,
        "grid": GRID,
        "control": CONTROL - 2,
        "icons": (resources_folder() / "icons").as_posix(),
        "name": "dark" if theme.dark else "light",
    }
    return _SHEET % values


def _mixed(over: str, under: str, share: float) -> str:
    first, second = QColor(over), QColor(under)
    channels = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    return QColor(*(round(a * share + b * (1 - share)) for a, b in channels)).name()


_SHEET = """
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: %(raised)s; color: %(text)s; border: 1px solid %(border)s; padding: 4px; }
QLabel#heading { font-weight: 600; }
QLabel#title { font-size: 15pt; font-weight: 600; }
QLabel#secondary { color: %(secondary)s; }
QLabel#badge { color: %(secondary)s; border: 1px solid %(border)s; border-radius: %(radius)dpx; padding: 1px 6px; }
QLabel#badge[level="good"] { color: %(good)s; }
QLabel#badge[level="warning"] { color: %(warning)s; border-color: %(warning)s; }
QPushButton, QToolButton[text="true"] {
    background: %(raised)s; color: %(text)s; border: 1px solid %(border)s; border-radius: %(radius)dpx;
    padding: 0 12px; min-height: %(control)dpx; }
QPushButton:hover { background: %(hover)s; }
QPushButton:pressed, QPushButton:checked { background: %(pressed)s; }
QPushButton:focus { border-color: %(accent)s; }
QPushButton:disabled { color: %(faint)s; }
QPushButton[primary="true"] { background: %(accent)s; color: %(on_accent)s; border-color: %(accent)s;
    font-weight: 600; }
QPushButton[primary="true"]:hover { background: %(accent_hover)s; }
QPushButton[primary="true"]:focus { border: 2px solid %(text)s; }
QPushButton[primary="true"]:disabled { background: %(raised)s; color: %(faint)s; border-color: %(border)s; }
QPushButton#step { background: transparent; border-color: transparent; color: %(secondary)s; }
QPushButton#step:hover { color: %(text)s; }
QPushButton#step:checked { background: %(raised)s; color: %(text)s; border-color: %(border)s; }
QPushButton#step:focus { border-color: %(accent)s; }
QPushButton#card { text-align: left; background: %(panel)s; }
QPushButton#card:hover { background: %(hover)s; }
QPushButton#card:checked { background: %(raised)s; border: 2px solid %(accent)s; }
QToolButton { background: transparent; color: %(text)s; border: 1px solid transparent;
    border-radius: %(radius)dpx; padding: 4px; min-height: %(control)dpx; min-width: %(control)dpx; }
QToolButton:hover { background: %(hover)s; }
QToolButton:pressed { background: %(pressed)s; }
QToolButton:checked { background: %(pressed)s; border-color: %(accent)s; }
QToolButton:focus { border-color: %(accent)s; }
QToolButton:disabled { color: %(faint)s; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: %(raised)s; color: %(text)s; border: 1px solid %(border)s; border-radius: %(radius)dpx;
    padding: 0 8px; min-height: %(control)dpx; selection-background-color: %(accent)s;
    selection-color: %(on_accent)s; }
QPlainTextEdit, QTextEdit { padding: 8px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border-color: %(accent)s; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("%(icons)s/chevron-down-%(name)s.svg"); width: 12px; height: 12px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; background: transparent; width: 20px; }
QSpinBox::up-arrow { image: url("%(icons)s/chevron-up-%(name)s.svg"); width: 12px; height: 12px; }
QSpinBox::down-arrow { image: url("%(icons)s/chevron-down-%(name)s.svg"); width: 12px; height: 12px; }
QRadioButton { spacing: 8px; min-height: 24px; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid %(secondary)s; border-radius: 8px;
    background: %(raised)s; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid %(accent)s;
    background: %(on_accent)s; }
QRadioButton::indicator:focus { border-color: %(accent)s; }
QSpinBox, QDoubleSpinBox { padding: 0 20px 0 8px; }
QCheckBox::indicator, QGroupBox::indicator { width: 16px; height: 16px; border: 1px solid %(secondary)s;
    border-radius: 4px; background: %(raised)s; }
QCheckBox::indicator:checked { background: %(accent)s; border-color: %(accent)s;
    image: url("%(icons)s/check-%(name)s.svg"); }
QCheckBox::indicator:focus { border: 2px solid %(accent)s; }
QCheckBox::indicator:disabled { border-color: %(faint)s; }
QListWidget { background: transparent; border: none; outline: none; }
QListWidget::item { padding: 8px; border-radius: %(radius)dpx; color: %(text)s; }
QListWidget::item:hover { background: %(hover)s; }
QListWidget::item:selected { background: %(pressed)s; color: %(text)s; }
QComboBox QAbstractItemView { background: %(panel)s; border: 1px solid %(border)s; }
QCheckBox { spacing: 8px; min-height: 24px; }
QSlider:horizontal { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; background: %(border)s; border-radius: 2px; }
QSlider::sub-page:horizontal { background: %(accent)s; border-radius: 2px; }
QSlider::handle:horizontal { width: 16px; height: 16px; margin: -6px 0; border-radius: 8px;
    background: %(text)s; }
QSlider::handle:horizontal:focus { background: %(accent)s; }
QSlider::sub-page:horizontal:disabled { background: %(border)s; }
QSlider::handle:horizontal:disabled { background: %(faint)s; }
QProgressBar { background: %(border)s; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: %(accent)s; border-radius: 3px; }
QMenuBar { background: %(window)s; } QMenuBar::item { padding: 6px 10px; background: transparent; }
QMenuBar::item:selected { background: %(hover)s; border-radius: 4px; }
QMenu { background: %(panel)s; border: 1px solid %(border)s; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: %(accent)s; color: %(on_accent)s; }
QMenu::item:disabled { color: %(faint)s; }
QMenu::separator { height: 1px; background: %(border)s; margin: 4px 8px; }
QToolBar { background: %(window)s; border: none; padding: 4px 8px; spacing: 4px; }
QToolButton#qt_toolbar_ext_button { padding: 0; min-width: 20px; max-width: 20px; }
QToolBar::separator { width: 1px; background: %(border)s; margin: 6px 6px; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { width: 10px; background: transparent; }
QScrollBar:horizontal { height: 10px; background: transparent; }
QScrollBar::handle { background: %(border)s; border-radius: 4px; min-height: 32px; min-width: 32px; margin: 1px; }
QScrollBar::handle:hover { background: %(secondary)s; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; width: 0; height: 0; }
QSplitter::handle { background: transparent; }
QFrame#side { background: %(panel)s; border-left: 1px solid %(border)s; }
QFrame#below { background: %(panel)s; border-top: 1px solid %(border)s; }
"""
