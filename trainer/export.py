"""A finished network becomes a model that the program uses by name."""

from __future__ import annotations

import itertools
import re
import unicodedata
from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.errors import ModelError, PhotoError
from core.files import write_atomically
from core.models import APP_NAME, models_folder, names_in_use
from core.networks.convert import bilinear_to_clean
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.card import Card

MODEL, CARD = "model.safetensors", "model.md"
LONGEST_NAME = 48
"""Characters, which in a file's name can be four bytes each of 255."""


def export(network: GFPGAN | StyleGAN2Generator, folder: Path, card: Card, *, was_clean: bool = False) -> Path:
    """Write `model.safetensors` and `model.md` into `folder`; returns the path of the first.

    `network` is the average of a run, on any device, and is not changed. With `was_clean` it is a bilinear network
    that was made from a clean one, and becomes clean again. Raises ModelError or PhotoError when something cannot
    be written.
    """
    options = dict(network.hyperparameters)
    # Float64, in which the conversion calculates, is not to be had on every device.
    state = {key: value.detach().cpu() for key, value in network.state_dict().items()}
    if was_clean:
        state, options["variant"] = bilinear_to_clean(state, float(options["lr_mlp"])), "clean"
    path = folder / MODEL
    metadata = {**options, "architecture": type(network).__name__.lower(), **card.metadata()}
    save_network(state, path, metadata)
    millions = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    if isinstance(network, GFPGAN):
        what, use, limits = "Face restorer (GFP-GAN", _RESTORER_USE.format(name=card.name), _RESTORER_LIMITS
    else:
        what, use, limits = "Generator of faces (StyleGAN2", _PRIOR_USE, _PRIOR_LIMITS
    line = f"{what}, {options['variant']}), {options['size']} px, {millions:.1f} million parameters"
    write_atomically(folder / CARD, card.text(line, use, limits).encode())
    return path


_RESTORER_USE = f"""\
    {APP_NAME} restore PHOTOS -o RESULTS --model {{name}}

Where it is not installed, `--model` takes the path of `{MODEL}`, which lies beside this page; or copy that
file into the models folder (`{APP_NAME} info` shows where it is) as `{{name}}.safetensors`."""

_RESTORER_LIMITS = """\
- It makes up what a photo does not show: a restored face is a likeness, and no evidence of who somebody was.
- It does best on faces like those it learned from: of similar age, origin, light and pose.
- Glasses, moustaches, jewellery, and hands or hair before the face may thin out or change."""

_PRIOR_USE = f"""\
    {APP_NAME} train run --preset paper --data DATASET --set network.prior={MODEL}

with the other `network` settings as in the run's `config.toml`."""

_PRIOR_LIMITS = """\
- It restores nothing by itself: it is what a new restorer begins to know of faces.
- It knows faces like those it learned from."""


def name_for(name: str, run_id: str) -> str:
    """The name that a restorer of this run can have: `name` without what a file name cannot hold, and with a
    number behind it if another model is called so."""
    wanted, used = _as_name(name), names_in_use()
    names = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
    return next(n for n in names if n.casefold() not in used or _run_of(_place(n)) == run_id)


def install(model: Path, name: str) -> str:
    """Copy an exported restorer into the models folder; returns its `name_for`, which `restore --model` takes.

    The model of the same run is replaced, another one never. ModelError, one sentence to show as it is: no
    restorer, or it cannot be copied.
    """
    metadata = _metadata(model)
    if metadata.get("architecture") != "gfpgan":
        raise ModelError(f"'{model}' is no face restorer; only restorers are installed.")
    name = name_for(name, metadata.get("run_id", ""))
    try:
        write_atomically(_place(name), model.read_bytes())
    except (OSError, PhotoError) as error:
        raise ModelError(
            f"'{model}' could not be copied to '{_place(name)}'; check that folder and the free space, or give "
            "the path of the file itself to --model."
        ) from error
    return name


def _place(name: str) -> Path:
    return models_folder() / f"{name}.safetensors"


def _run_of(path: Path) -> str | None:
    """The run that made a model; None for another model, or none."""
    try:
        return _metadata(path).get("run_id") or None
    except ModelError:
        return None


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="np") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise ModelError(f"'{path}' is missing or damaged; export the model again.") from error


def _as_name(name: str) -> str:
    letters = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name.removesuffix(".safetensors")))
    return letters[:LONGEST_NAME].strip("-_") or "model"
