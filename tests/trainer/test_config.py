import subprocess
import sys
import tomllib

import pytest

from trainer.config import ConfigError, TrainConfig
from trainer.recipes import PAPER, RELEASED
from trainer.resolving import ABLATIONS, as_toml, check_resumable, from_toml, load_preset, preset_names, resolve
from trainer.schedule import rate_share


def test_the_six_presets_are_there():
    assert preset_names() == ["bundled", "paper", "personal", "prior", "quick", "standard"]


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_survives_being_written(name):
    config = resolve(load_preset(name), ["steps=77", "degradation.jpeg=none"])
    assert from_toml(as_toml(config)) == config
    assert (config.steps, config.degradation.jpeg) == (77, None)


def test_the_defaults_are_the_papers():
    config = resolve({})
    losses, optimizer = config.losses, config.optimizer
    assert (config.steps, config.batch) == (800_000, 12)
    assert (losses.l1, losses.perceptual, losses.pyramid, losses.adversarial) == (0.1, 1, 1, 0.1)
    assert (losses.component, losses.component_style, losses.identity) == (1, 200, 10)
    assert (losses.r1, losses.r1_every) == (10, 16)
    assert (optimizer.rate, optimizer.milestones, optimizer.betas) == (2e-3, (700_000, 750_000), (0, 0.99))
    assert optimizer.ema == 0.5 ** (32 / 10_000)


def test_the_paper_preset_degrades_as_the_paper_and_recolours_as_the_release():
    found = resolve(load_preset("paper")).degradation
    assert (found.sigma, found.factor, found.noise) == (PAPER.sigma, PAPER.factor, PAPER.noise)
    assert (found.jitter_probability, found.grey_probability) == (0.3, 0.01)


def test_a_change_of_one_range_keeps_the_recipe():
    config = resolve(
        {"degradation": {"recipe": "paper"}}, ["degradation.noise=[0, 5]", "degradation.gt_gray=true"]
    )
    assert (config.degradation.noise, config.degradation.sigma) == ((0, 5), PAPER.sigma)
    assert config.degradation.gt_gray
    assert not RELEASED.gt_gray


def test_text_needs_no_quotes():
    assert resolve({}, ["losses.identity_network=C:\\models\\face net.onnx"]).losses.identity_network.endswith(
        "net.onnx"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("stepz=3", "There is no setting stepz; did you mean steps?"),
        ("degradation.noize=1", "There is no setting degradation.noize; did you mean degradation.noise?"),
        ("steps=many", "steps is to be a whole number; correct this setting."),
        ("batch=0", "batch is to be a whole number, namely >= 1; correct this setting."),
        ("losses=3", "losses is a table; set one of"),
        ("degradation=3", "degradation is a table"),
        ("degradation.recipe=worse", "it can be released, paper, x4"),
        ("degradation.sigma=[3, 1]", "not a range"),
        ("optimizer.betas=[0.5]", "optimizer.betas: "),
        ("ablation=no-face", "ablation: "),
        ("steps", "write key=value"),
    ],
)
def test_what_is_wrong_is_said(change, message):
    with pytest.raises(ConfigError) as raised:
        resolve({}, [change])
    assert message in str(raised.value)


def test_an_unknown_preset_names_the_others():
    with pytest.raises(ConfigError, match="there are bundled, paper"):
        load_preset("best")


def test_a_file_that_is_no_toml_is_said():
    with pytest.raises(ConfigError, match="no TOML"):
        from_toml("steps = = 3")


@pytest.mark.parametrize("name", ABLATIONS)
def test_an_ablation_changes_what_it_says_and_nothing_else(name):
    plain = resolve(load_preset("standard"))
    before, after = (
        tomllib.loads(as_toml(plain)),
        tomllib.loads(as_toml(resolve(load_preset("standard"), [f"ablation={name}"]))),
    )
    changed = {
        f"{table}.{key}"
        for table in before
        if isinstance(before[table], dict)
        for key in before[table]
        if before[table][key] != after[table][key]
    }
    allowed = {f"{table}.{key}" for table, keys in ABLATIONS[name].items() for key in keys}
    assert changed <= allowed
    for table, keys in ABLATIONS[name].items():
        assert {key: after[table][key] for key in keys} == keys


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("name", [name for name in ABLATIONS if name != "none"])
def test_an_ablation_that_would_change_nothing_is_refused(preset, name):
    of_loss = "losses" in ABLATIONS[name]
    settings = load_preset(preset)
    if preset in ("standard", "paper") or (not of_loss and preset != "prior"):
        config = resolve(settings, [f"ablation={name}"])
        # What was resolved once stays as it is, and so does the run that goes on by it.
        assert from_toml(as_toml(config)) == config
        return
    with pytest.raises(ConfigError, match=r"take the preset standard or paper|trains a prior"):
        resolve(settings, [f"ablation={name}"])
    if preset != "prior":
        resolve(settings, [f"ablation={name}", "losses.component=1", "losses.pyramid=1"])


def test_a_run_cannot_change_its_network_when_it_goes_on():
    old = resolve({})
    check_resumable(old, resolve({}, ["steps=9", "losses.l1=1", "batch=2"]))
    changes = ("network.size=256", "seed=4", "trains=prior", "losses.component_matching=true", "data.size=256")
    for change in (*changes, "prior.augment=false"):
        with pytest.raises(ConfigError, match="cannot be changed"):
            check_resumable(old, resolve({}, [change]))


@pytest.mark.parametrize("term", ["adversarial", "component"])
def test_a_term_with_a_network_of_its_own_stays_on_or_off(term):
    off, low, high = (resolve({}, [f"losses.{term}={weight}"]) for weight in (0, 0.1, 0.2))
    check_resumable(low, high)
    for before, after in ((off, low), (low, off)):
        with pytest.raises(ConfigError, match=f"losses.{term} cannot be switched on or off"):
            check_resumable(before, after)
    # Without a discriminator for the whole face its size matters to nobody.
    without = [resolve({}, ["losses.adversarial=0", f"data.size={size}"]) for size in (0, 256)]
    check_resumable(*without)


def test_reading_a_configuration_does_not_load_torch():
    modules = ["config", "options", "events", "control", "run_folder", "console"]
    code = f"import sys, {', '.join(f'trainer.{name}' for name in modules)}"
    done = subprocess.run([sys.executable, "-c", f"{code}; sys.exit('torch' in sys.modules)"], check=False)
    assert done.returncode == 0


def test_the_rate_falls_at_milestones():
    config = resolve({}, ["optimizer.milestones=[10, 20]"]).optimizer
    assert [rate_share(config, step, 100) for step in (0, 9, 10, 19, 20, 99)] == [1, 1, 0.5, 0.5, 0.25, 0.25]


def test_the_rate_follows_a_cosine_after_its_warm_up():
    config = resolve({}, ["optimizer.schedule=cosine", "optimizer.final=0.1", "optimizer.warmup=3"]).optimizer
    assert rate_share(config, 0, 101) == pytest.approx(0.25)
    assert rate_share(config, 50, 101) == pytest.approx(0.55)
    assert rate_share(config, 100, 101) == pytest.approx(0.1)
    assert rate_share(TrainConfig().optimizer, 800_000, 800_000) == 0.25
