"""A finished network becomes a model that the program uses by name."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime
from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.errors import ModelError, PhotoError
from core.files import reason, write_atomically
from core.models import APP_NAME, models_folder, names_in_use
from core.models.records import Record, forget, read_records, remember
from core.networks.convert import bilinear_to_clean
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.card import Card
from trainer.run_folder import CARD, MODEL, as_name


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
    wanted, used = as_name(name), names_in_use()
    names = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
    return next(n for n in names if n.casefold() not in used or _run_of(_place(n)) == run_id)


def install(model: Path, name: str) -> str:
    """Copy an exported restorer into the models folder; returns its `name_for`, which `restore --model` takes.

    The model of the same run is replaced, another one never, and it is remembered what it is. ModelError, one
    sentence to show as it is: no restorer, or it cannot be copied.
    """
    metadata = _metadata(model)
    if metadata.get("architecture") != "gfpgan":
        raise ModelError(f"'{model}' is no face restorer; only restorers are installed.")
    name = name_for(name, metadata.get("run_id", ""))
    try:
        data = model.read_bytes()
        write_atomically(_place(name), data)
    except (OSError, PhotoError) as error:
        raise ModelError(
            f"'{model}' could not be copied to '{_place(name)}'; check that folder and the free space, or give "
            "the path of the file itself to --model."
        ) from error
    what = f"a model of yours, {metadata.get('size', '512')} px, trained from {metadata.get('base') or 'nothing'}"
    digest, today = hashlib.sha256(data).hexdigest(), datetime.now(UTC).date().isoformat()
    remember(_place(name).name, Record(digest, len(data), str(model), today, "restorer", what))
    return name


def rename(name: str, wanted: str) -> str:
    """Call a restorer in the models folder otherwise; returns its `name_for`. Raises ModelError."""
    new = name_for(wanted, _metadata(_place(name)).get("run_id", ""))
    record = read_records().get(_place(name).name)
    try:
        _place(name).rename(_place(new))
    except OSError as error:
        raise ModelError(f"'{_place(name)}' cannot be renamed ({reason(error)}); close what uses it.") from error
    if record is not None and new != name:
        remember(_place(new).name, record)
        forget(_place(name).name)
    return new


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
