"""The catalogue, and which model a user means."""

import re
from pathlib import Path

import pytest

from core import models
from core.errors import ModelError
from core.models import best_model, catalogue, find_model, folders, known_variants, models_folder, present_models
from core.models.catalogue import names_of

KINDS = {"restorer", "detector", "parser", "upscaler"}
TRAINING_KINDS = {"identity", "features", "prior", "discriminator", "landmarks"}
WEIGHTS = models.bundled_folder()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models folder, empty."""
    path = tmp_path / "user models"
    path.mkdir()
    monkeypatch.setenv(models.MODELS_FOLDER_VARIABLE, str(path))
    return path


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's resources, with stand-ins for the bundled files; returns the folder of those."""
    root = tmp_path / "resources"
    weights = root / "weights"
    weights.mkdir(parents=True)
    text = (WEIGHTS.parent / "models.json").read_text(encoding="utf-8")
    (root / "models.json").write_text(text, encoding="utf-8")
    for info in catalogue():
        if info.bundled:
            (weights / info.file).write_bytes(b"stand-in")
    monkeypatch.setattr(folders, "files", lambda _: root)
    return weights


def test_the_catalogue_is_consistent() -> None:
    infos = catalogue()
    called = [name for info in infos for name in names_of(info.file, info)]
    assert len(set(called)) == len(called), "no name means two models"
    for info in infos:
        assert info.kind in KINDS | TRAINING_KINDS
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", info.name)
        assert Path(info.file).suffix in (*folders.WEIGHTS_SUFFIXES, ".onnx")
        assert Path(info.file).name == info.file
        assert info.sha256 is None or re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{64}", info.sha256)
        assert info.variant in {None, "clean", "original", "bilinear"}
        assert info.variant is None or info.kind == "restorer"
        assert info.title
        assert info.licence
        assert info.purpose
        assert info.bundled or info.url
    ranks = [(info.kind, info.rank) for info in infos]
    assert len(set(ranks)) == len(ranks)
    hashes = [info.sha256 for info in infos if info.sha256]
    assert len(set(hashes)) == len(hashes)


def test_each_kind_that_is_needed_is_bundled() -> None:
    assert {info.kind for info in catalogue() if info.bundled} >= {"restorer", "detector"}


def test_the_bundled_files_are_there() -> None:
    missing = [info.file for info in catalogue() if info.bundled and not (WEIGHTS / info.file).is_file()]
    assert not missing


def test_known_variants_go_by_hash() -> None:
    variants = known_variants()
    assert set(variants.values()) <= {"clean", "original", "bilinear"}
    assert variants["e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad"] == "clean"


def test_the_models_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(models.MODELS_FOLDER_VARIABLE, str(tmp_path))
    assert models_folder() == tmp_path
    for unset in (
        lambda: monkeypatch.setenv(models.MODELS_FOLDER_VARIABLE, ""),
        lambda: monkeypatch.delenv(models.MODELS_FOLDER_VARIABLE),
    ):
        unset()
        assert models_folder().parts[-2:] == ("gfpgan-desktop", "models")


def names(found: list[models.ModelFile]) -> list[str]:
    return [model.info.name if model.info else model.path.name for model in found]


@pytest.mark.usefixtures("resources")
def test_the_models_folder_need_not_exist(folder: Path) -> None:
    folder.rmdir()
    assert names(present_models("restorer")) == ["bundled-restorer"]
    assert find_model(None, "restorer").path.name == "bundled-restorer.safetensors"
    folder.write_bytes(b"a file, no folder")
    assert names(present_models("restorer")) == ["bundled-restorer"]


@pytest.mark.usefixtures("resources")
def test_a_closed_models_folder_holds_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "GFPGANv1.4.pth").write_bytes(b"x")
    real_stat = Path.stat

    def refuse(path: Path, *args: object, **options: object) -> object:
        if folder in (path, *path.parents):
            raise PermissionError(13, "Permission denied", str(path))
        return real_stat(path, *args, **options)

    def refuse_listing(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "iterdir", refuse_listing)
    assert names(present_models("restorer")) == ["bundled-restorer"]
    with pytest.raises(ModelError, match="is not on this machine"):
        find_model("gfpgan-v1.4", "restorer")


@pytest.mark.usefixtures("resources")
def test_the_best_comes_first_and_strangers_last(folder: Path) -> None:
    for name in ("GFPGANv1.3.pth", "GFPGANv1.4.pth", "my run.ckpt", "A.PTH", "notes.txt"):
        (folder / name).write_bytes(b"x")
    (folder / "folder.pth").mkdir()
    assert names(present_models("restorer")) == [
        "gfpgan-v1.4",
        "gfpgan-v1.3",
        "bundled-restorer",
        "A.PTH",
        "my run.ckpt",
    ]
    best = best_model("restorer")
    assert best is not None
    assert best.title == "GFP-GAN v1.4, 512 px"
    assert "bundled-detector" in names(present_models())


@pytest.mark.usefixtures("resources")
def test_none_means_the_best_of_the_catalogue(folder: Path) -> None:
    (folder / "aaa.pth").write_bytes(b"x")
    assert find_model(None, "restorer").path.name == "bundled-restorer.safetensors"
    (folder / "GFPGANv1.pth").write_bytes(b"x")
    assert find_model(None, "restorer").path == folder / "GFPGANv1.pth"


def test_nothing_at_all_means_an_incomplete_installation(folder: Path, resources: Path) -> None:
    for path in resources.iterdir():
        path.unlink()
    (folder / "aaa.pth").write_bytes(b"x")
    with pytest.raises(ModelError, match="install it again"):
        find_model(None, "detector")
    assert best_model("parser") is None


@pytest.mark.usefixtures("resources")
@pytest.mark.parametrize(
    "wanted", ["gfpgan-v1.4", "GFPGAN-V1.4", "GFPGANv1.4.pth", "gfpganv1.4.PTH", "GFPGANv1.4"]
)
def test_a_model_has_several_names(folder: Path, wanted: str) -> None:
    (folder / "GFPGANv1.4.pth").write_bytes(b"x")
    model = find_model(wanted, "restorer")
    assert model.path == folder / "GFPGANv1.4.pth"
    assert model.info is not None
    assert model.info.name == "gfpgan-v1.4"


@pytest.mark.usefixtures("resources")
@pytest.mark.parametrize("wanted", ["my run.ckpt", "My Run"])
def test_an_own_model_goes_by_its_file(folder: Path, wanted: str) -> None:
    (folder / "my run.ckpt").write_bytes(b"x")
    model = find_model(wanted, "restorer")
    assert (model.path, model.info, model.title) == (folder / "my run.ckpt", None, "my run")


@pytest.mark.usefixtures("resources", "folder")
def test_a_path_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere.bin").write_bytes(b"x")
    assert find_model(str(tmp_path / "elsewhere.bin"), "restorer").path == tmp_path / "elsewhere.bin"
    monkeypatch.chdir(tmp_path)
    assert find_model("elsewhere.bin", "detector").path == Path("elsewhere.bin")


@pytest.mark.usefixtures("resources")
@pytest.mark.parametrize("wanted", ["gfpgan-v1.4", "GFPGANv1.4.pth", "GFPGANv1.4", "GFPGAN-v1.4"])
@pytest.mark.usefixtures("folder")
def test_a_known_model_that_is_absent_says_how_to_get_it(wanted: str) -> None:
    with pytest.raises(ModelError, match=r'is not on this machine.*"gfpgan-desktop models get gfpgan-v1.4"'):
        find_model(wanted, "restorer")


def test_an_absent_bundled_model_is_a_broken_installation(folder: Path, resources: Path) -> None:
    (resources / "bundled-restorer.safetensors").unlink()
    with pytest.raises(ModelError, match="install the program again") as error:
        find_model("bundled-restorer", "restorer")
    assert str(folder) not in str(error.value)


@pytest.mark.usefixtures("resources", "folder")
def test_a_model_of_another_kind_is_said_to_be_one() -> None:
    for wanted in ("parsenet", "bundled-detector"):
        with pytest.raises(ModelError, match=r"serves as (parser|detector), not as restorer"):
            find_model(wanted, "restorer")


@pytest.mark.usefixtures("resources")
@pytest.mark.parametrize("wanted", ["gpen", "", "x" * 5000, "no/such/file.pth", "."])
def test_an_unknown_name_lists_what_there_is(folder: Path, wanted: str) -> None:
    (folder / "my run.ckpt").write_bytes(b"x")
    with pytest.raises(ModelError) as error:
        find_model(wanted, "restorer")
    text = str(error.value)
    assert wanted in text
    assert "bundled-restorer, my run.ckpt" in text
    assert "\n" not in text


def test_an_empty_list_is_said(folder: Path, resources: Path) -> None:
    for path in resources.iterdir():
        path.unlink()
    assert not list(folder.iterdir())
    with pytest.raises(ModelError, match=r"there are: none\."):
        find_model("gpen", "restorer")
