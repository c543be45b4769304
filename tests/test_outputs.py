"""Every result has a path of its own, and no input is ever in danger."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import PhotoError
from core.files import InputFile
from core.outputs import OnExists, Outputs, without_results


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


@pytest.mark.parametrize("policy", list(OnExists))
def test_a_free_name_is_taken_as_it_is(policy: OnExists, tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, policy)
    assert outputs.claim(Path("a.jpg")) == tmp_path / "a.jpg"
    assert outputs.claim(Path("sub/a.jpg")) == tmp_path / "sub" / "a.jpg"
    assert not (tmp_path / "sub").exists()


@pytest.mark.parametrize("policy", list(OnExists))
def test_two_results_of_one_run_never_share_a_name(policy: OnExists, tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, policy)
    claimed = [outputs.claim(Path(name)) for name in ("a.jpg", "a.jpg", "A.JPG", "a.jpg", "b.tar.gz", "b.tar.gz")]
    names = [path.name for path in claimed if path is not None]
    assert names == ["a.jpg", "a-1.jpg", "A-2.JPG", "a-3.jpg", "b.tar.gz", "b.tar-1.gz"]


def test_what_an_earlier_run_left_is_kept_overwritten_or_skipped(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "a-1.jpg")
    assert Outputs(tmp_path, OnExists.UNIQUE).claim(Path("a.jpg")) == tmp_path / "a-2.jpg"
    overwriting, skipping = Outputs(tmp_path, OnExists.OVERWRITE), Outputs(tmp_path, OnExists.SKIP)
    # The second of two equal names is the same one in every run.
    for expected in ("a.jpg", "a-1.jpg", "a-2.jpg"):
        assert overwriting.claim(Path("a.jpg")) == tmp_path / expected
    assert skipping.claim(Path("a.jpg")) is None
    assert skipping.claim(Path("a.jpg")) is None
    assert skipping.claim(Path("a.jpg")) == tmp_path / "a-2.jpg"


def test_an_input_is_never_given_out(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    touch(photo)
    for policy in (OnExists.OVERWRITE, OnExists.SKIP):  # an input is nobody's result
        with pytest.raises(PhotoError, match="never overwritten"):
            Outputs(tmp_path, policy, [photo]).claim(Path("photo.jpg"))
    assert Outputs(tmp_path, OnExists.UNIQUE, [photo]).claim(Path("photo.jpg")) == tmp_path / "photo-1.jpg"


def test_a_reserved_path_is_that_of_its_source_whoever_comes_first(tmp_path: Path) -> None:
    first, second = Path("in/a.jpg"), Path("in/a.png")
    for policy in (OnExists.OVERWRITE, OnExists.SKIP):
        outputs = Outputs(tmp_path, policy)
        for source in (first, second):
            outputs.reserve(Path("a.png"), source)
        assert outputs.place(Path("a.png"), second) == tmp_path / "a-1.png"
        assert outputs.place(Path("a.png"), first) == tmp_path / "a.png"
        # It turned out to be another kind of file.
        outputs.reserve(Path("b.png"), Path("in/b.png"))
        assert outputs.place(Path("b.jpg"), Path("in/b.png")) == tmp_path / "b.jpg"


def test_names_that_must_be_free_are_not_given_out_ahead(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, OnExists.UNIQUE)
    outputs.reserve(Path("a.png"), Path("in/a.png"))
    touch(tmp_path / "a.png")
    assert outputs.place(Path("a.png"), Path("in/a.png")) == tmp_path / "a-1.png"


def test_results_of_other_photos_are_told_by_their_names_and_places(tmp_path: Path) -> None:
    def left(names: list[str], suffix: str, out: str = "") -> list[str]:
        files = [InputFile(tmp_path / name, Path(name)) for name in names]
        return [str(file.relative) for file in without_results(files, tmp_path / out, suffix)]

    names = ["a.jpg", "a_r.jpg", "a_r_r.png", "a_r-2.jpg", "b_r.jpg", "sub/a_r.jpg", "sub/c.jpg", "sub/c_r.jpg"]
    assert left(names, "_r") == ["a.jpg", "b_r.jpg", "sub/a_r.jpg", "sub/c.jpg"]
    assert left(names, "") == names
    assert left(names, "_x") == names
    assert left(names, "_r", "sub") == [name for name in names if name != "sub/a_r.jpg"]
    assert left(["a.jpg", "a-1.jpg", "a-1-1.jpg"], "-1") == ["a.jpg"]
    assert left(["-1.jpg", "-2.jpg"], "_r") == ["-1.jpg", "-2.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_seen_through(tmp_path: Path) -> None:
    photo, folder = tmp_path / "in" / "photo.jpg", tmp_path / "out"
    touch(photo)
    folder.symlink_to(photo.parent)
    with pytest.raises(PhotoError, match="never overwritten"):
        Outputs(folder, OnExists.OVERWRITE, [photo]).claim(Path("photo.jpg"))
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere")
    assert Outputs(tmp_path, OnExists.UNIQUE).claim(Path("dangling.jpg")) == tmp_path / "dangling-1.jpg"
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    assert Outputs(tmp_path, OnExists.UNIQUE, [tmp_path / "loop.jpg"]).claim(Path("x.jpg")) == tmp_path / "x.jpg"


def test_a_name_too_long_for_the_disk_is_refused_before_any_work(tmp_path: Path) -> None:
    for policy in OnExists:
        with pytest.raises(PhotoError, match="shorten the file's name"):
            Outputs(tmp_path, policy).claim(Path("x" * 300 + ".jpg"))


def test_accents_encoded_either_way_are_one_name(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, OnExists.OVERWRITE)
    for form, expected in (("NFC", "é.jpg"), ("NFD", "e\u0301-1.jpg")):
        assert outputs.claim(Path(unicodedata.normalize(form, "é.jpg"))) == tmp_path / expected


def test_a_folder_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    outputs = Outputs(folder, OnExists.UNIQUE)
    assert outputs.claim(Path("a.jpg")) == folder / "a.jpg"
    folder.rmdir()
    with pytest.raises(PhotoError, match="is gone; connect its disk"):
        outputs.claim(Path("b.jpg"))
    assert not folder.exists()


NAMES = st.lists(
    st.sampled_from(["a.jpg", "A.jpg", "a.JPG", "a-1.jpg", "é.jpg", "e\u0301.jpg", "É.jpg", "b/a.jpg", "B/a.jpg"])
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=st.sampled_from(OnExists), existing=NAMES, wanted=NAMES, as_inputs=st.booleans())
def test_no_two_results_and_no_input_meet_on_any_disk(
    tmp_path_factory: pytest.TempPathFactory,
    policy: OnExists,
    existing: list[str],
    wanted: list[str],
    as_inputs: bool,
) -> None:
    folder = tmp_path_factory.mktemp("out")
    touch(*(folder / name for name in existing))
    inputs = [folder / name for name in existing] if as_inputs else []
    outputs = Outputs(folder, policy, inputs)
    given_out = []
    for name in wanted:
        try:
            given_out.append(outputs.claim(Path(name)))
        except PhotoError:
            assert policy is not OnExists.UNIQUE
            assert as_inputs
    names = [unicodedata.normalize("NFC", str(path)).casefold() for path in given_out if path is not None]
    assert len(set(names)) == len(names)
    if policy is OnExists.UNIQUE:
        assert len(names) == len(wanted)
    if policy is not OnExists.OVERWRITE or as_inputs:
        assert not {folder / name for name in existing} & set(given_out)
