"""Presets, files and `--set key=value` become one `TrainConfig`, and it becomes a file. No torch here.

A configuration is TOML with the tables of `trainer.config`. A preset names only what differs from the defaults;
`config.toml` in a run's folder holds everything.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec
import tomli_w

from trainer.config import ConfigError, Table, TrainConfig
from trainer.recipes import RECIPES, Degradation

ABLATIONS: dict[str, dict[str, Any]] = {
    "none": {},
    # Table 4, a) to d)
    "no-spatial-modulation": {"network": {"base": "", "spatial_modulation": False}},
    "plain-sft": {"network": {"base": "", "sft_half": False}},
    "no-prior": {"network": {"base": "", "prior": "", "freeze_prior": False}},
    "no-pyramid": {"losses": {"pyramid": 0.0}},
    # Figure 6
    "no-component": {"losses": {"component": 0.0}},
    "component-discriminators": {"losses": {"component_style": 0.0, "component_matching": False}},
    "feature-matching": {"losses": {"component_matching": True}},
    "feature-style": {"losses": {"component_matching": False}},
}
"""What each switch sets, after everything else. Those that change the network begin a new one."""

_OF_TERM = {
    "no-pyramid": "pyramid",
    **dict.fromkeys(
        ("no-component", "component-discriminators", "feature-matching", "feature-style"), "component"
    ),
}
"""The loss term that a switch changes; without that term it changes nothing."""


def preset_names() -> list[str]:
    """The presets that come with the program."""
    names = [file.name for file in (files("resources") / "presets").iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_preset(name: str) -> dict[str, Any]:
    """The settings of a preset. Raises ConfigError for a name that there is not."""
    if name not in preset_names():
        raise ConfigError(f"There is no preset '{name}'; there are {', '.join(preset_names())}.")
    return tomllib.loads((files("resources") / "presets" / f"{name}.toml").read_text(encoding="utf-8"))


def resolve(settings: Mapping[str, Any], changes: Iterable[str] = ()) -> TrainConfig:
    """Settings and then `changes`, each `key=value` as `--set` has it, over the defaults.

    A key is dotted (`losses.l1`), a value is TOML, or else text. Raises ConfigError with what is wrong.
    """
    merged = dict(settings)
    for change in changes:
        key, separator, text = change.partition("=")
        if not separator:
            raise ConfigError(f"'{change}' is no setting; write key=value, such as steps=2000.")
        merged = _merged(merged, _nested(key.strip(), _value(text.strip())))
    ablation = str(merged.get("ablation", "none"))
    if ablation != settings.get("ablation", "none"):
        _refuse_idle(ablation, merged)
    merged = _merged(merged, ABLATIONS.get(ablation, {}))
    if "degradation" in merged:
        merged["degradation"] = _degradation(merged["degradation"])
    _refuse_unknown(TrainConfig, merged)
    try:
        return msgspec.convert(merged, TrainConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{_located(error)}; correct this setting.") from None


def _refuse_idle(ablation: str, settings: Mapping[str, Any]) -> None:
    """Raises ConfigError for an ablation that would change nothing of these settings."""
    if settings.get("trains") == "prior" and ablation in ABLATIONS:
        raise ConfigError(f"The ablation {ablation} is one of a restorer, and this trains a prior; leave it out.")
    term, losses = _OF_TERM.get(ablation), settings.get("losses", {})
    if term is not None and isinstance(losses, Mapping) and losses.get(term, 1.0) == 0:
        raise ConfigError(
            f"The ablation {ablation} would change nothing, for losses.{term} is 0 here; take the preset standard "
            "or paper, which have that term."
        )


def as_toml(config: TrainConfig) -> str:
    """Everything in `config`; `resolve` of it gives the same configuration."""
    content = msgspec.to_builtins(config)
    content["degradation"] = {k: "none" if v is None else v for k, v in content["degradation"].items()}
    return tomli_w.dumps(content)


def from_toml(text: str, changes: Iterable[str] = ()) -> TrainConfig:
    """What `as_toml` wrote, with `changes`. Raises ConfigError."""
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The configuration is no TOML ({error}); correct it.") from error
    return resolve(settings, changes)


_FIXED = (
    *("trains", "ablation", "seed", "run_id", "network", "discriminators"),
    *("losses.component_matching", "prior.augment"),
)
_ON_OR_OFF = ("losses.adversarial", "losses.component")
"""Terms with networks of their own, which learn from the first step on."""


def check_resumable(old: TrainConfig, new: TrainConfig) -> None:
    """Raises ConfigError where `new` changes what a run that has begun cannot change."""
    # A discriminator is as large as the faces that it sees.
    sized = ("data.size",) if new.losses.adversarial else ()
    for name in (*_FIXED, *sized):
        if attrgetter(name)(old) != attrgetter(name)(new):
            raise ConfigError(
                f"{name} cannot be changed once a run has begun; begin another one without --resume."
            )
    for name in _ON_OR_OFF:
        if bool(attrgetter(name)(old)) != bool(attrgetter(name)(new)):
            raise ConfigError(
                f"{name} cannot be switched on or off once a run has begun; begin another one without --resume."
            )


def _degradation(settings: Any) -> dict[str, Any]:
    """Overrides over the named recipe; ConfigError for a recipe that there is not."""
    if not isinstance(settings, Mapping):
        raise ConfigError("degradation is a table: set degradation.recipe, or one of its ranges.")
    overrides = {k: None if v == "none" else v for k, v in settings.items() if k != "recipe"}
    recipe = settings.get("recipe", "released")
    if recipe not in RECIPES:
        raise ConfigError(f"degradation.recipe is '{recipe}'; it can be {', '.join(RECIPES)}.")
    return dataclasses.asdict(RECIPES[recipe]) | overrides


def _refuse_unknown(table: Any, settings: Mapping[str, Any], prefix: str = "") -> None:
    hints = _hints(table)
    for key, value in settings.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"there are {', '.join(hints)}."
            raise ConfigError(f"There is no setting {prefix}{key}; {hint}")
        if isinstance(hints[key], type) and issubclass(hints[key], Table | Degradation):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{prefix}{key} is a table; set one of {', '.join(_hints(hints[key]))}.")
            _refuse_unknown(hints[key], value, f"{prefix}{key}.")


@functools.cache
def _hints(table: Any) -> dict[str, Any]:
    """Evaluating annotations takes milliseconds, and settings are checked as they are typed."""
    return get_type_hints(table)


def _located(error: msgspec.ValidationError) -> str:
    """msgspec's "Expected `int` >= 1 - at `$.batch`" as "batch is to be a whole number, namely >= 1"."""
    message, _, place = str(error).partition(" - at `$")
    name = place.strip("`.") or "configuration"
    if found := _EXPECTED.match(message):
        kind, limit = _KINDS[found[1]], found[2]
        return f"{name} is to be {kind}, namely {limit}" if limit else f"{name} is to be {kind}"
    return f"{name}: {message[:1].lower()}{message[1:]}".replace("`", "")


_EXPECTED = re.compile(r"Expected `(int|float|bool|str)`(?: ([<>]=? \S+))?")
_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, tables key by key; what is above counts."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        both_tables = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(old, value) if both_tables else value  # type: ignore[arg-type]
    return result
