"""Deleting a model together with the converted copies that the engine keeps of it."""

from __future__ import annotations

from core.engines.opening import discard_converted
from core.models import ModelFile, present_models
from core.models.store import remove_model_file

_CONVERTED = ("restorer", "detector", "parser", "upscaler", "identity")
"""The kinds that engines are opened for: a file that was put into the folder by hand may be any of them."""


def remove_model(name: str, forget_it: bool = False) -> tuple[ModelFile, int]:
    """`core.models.store.remove_model_file`, and delete what was converted from the model too.

    The converted copy may know the faces of the user's own people. Raises ModelError.
    """
    model = next((model for model in present_models() if model.is_called(name)), None)
    if model is not None and not (model.info and model.info.bundled):
        for kind in _CONVERTED if model.kind is None else (model.kind,):
            discard_converted(model.path, kind)
    return remove_model_file(name, forget_it)
