"""Settings that name a model which was removed since."""

from __future__ import annotations

from app.settings.settings import SettingsStore
from core.background import AUTO, LANCZOS
from core.models.store import present_models


def forget_absent_models(store: SettingsStore) -> None:
    """Let new photos begin with the best model, and the best quick background, where the settings name one that is
    not on this machine: every new photo would fail."""
    value = store.value
    model = value.model if value.model in _names("restorer") else None
    background = value.background if value.background in {AUTO, LANCZOS} | _names("upscaler") else AUTO
    store.change(model=model, background=background)


def _names(kind: str) -> set[str]:
    return {model.name for model in present_models(kind) if model.kind}
