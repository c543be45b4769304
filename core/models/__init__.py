"""Which models there are, which of them are on this machine, and how they get there.

What the rest of the program asks for is named here; the files beside this one are small and say what they do.
"""

from core.models.catalogue import ModelInfo, catalogue, known_variants
from core.models.folders import APP_NAME, MODELS_FOLDER_VARIABLE, bundled_folder, models_folder
from core.models.store import (
    ModelFile,
    best_model,
    find_file,
    find_model,
    names_in_use,
    present_models,
)

__all__ = [
    "APP_NAME",
    "MODELS_FOLDER_VARIABLE",
    "ModelFile",
    "ModelInfo",
    "best_model",
    "bundled_folder",
    "catalogue",
    "find_file",
    "find_model",
    "known_variants",
    "models_folder",
    "names_in_use",
    "present_models",
]
