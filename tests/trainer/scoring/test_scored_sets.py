"""Degraded sets, baselines and restored sets on disk: what they hold, and that they can be made again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import Cancelled, UsageError
from core.types import FaceCrop
from tests.conftest import smooth_photo
from trainer.recipes import RECIPES
from trainer.scoring.pictures import evenly, pictures_in, read_crop, write_crop
from trainer.scoring.sets import DEGRADATIONS, Record, classical, make_inputs, mixed, read_record, restore_all


def step() -> None:
    pass


@pytest.fixture
def truths(tmp_path: Path) -> Path:
    folder = tmp_path / "truths"
    for number in range(3):
        write_crop(folder / f"face {number}.png", smooth_photo(512, 512, number))
    return folder


def test_a_record_without_draws_is_of_all_where_nothing_was_done(truths: Path) -> None:
    """As earlier versions wrote it."""
    assert Record("none", 0, None, {}).only(pictures_in(truths)) == pictures_in(truths)
    assert Record("paper", 0, DEGRADATIONS["paper"], {}).only(pictures_in(truths)) == {}


def test_a_set_is_made_again_from_its_seed_and_a_share_of_it_too(truths: Path, tmp_path: Path) -> None:
    faces = pictures_in(truths)
    record = make_inputs(faces, "paper", 7, tmp_path / "a", None, step)
    make_inputs({"face 2": faces["face 2"]}, "paper", 7, tmp_path / "b", None, step)
    make_inputs(faces, "paper", 8, tmp_path / "c", None, step)
    same, other = ((tmp_path / folder / "face 2.png").read_bytes() for folder in "bc")
    assert (tmp_path / "a" / "face 2.png").read_bytes() == same != other
    assert read_record(tmp_path / "a") == record
    assert read_record(truths) is None
    assert (record.degradation, record.seed, record.settings) == ("paper", 7, DEGRADATIONS["paper"])
    found = record.parameters()["face 2"]
    assert found.keys() == {"sigma", "factor", "noise", "jpeg"}
    assert 0.2 <= found["sigma"] <= 10
    assert 60 <= found["jpeg"] <= 100


def test_the_papers_test_set_has_no_changes_of_colour() -> None:
    paper = DEGRADATIONS["paper"]
    assert paper == RECIPES["paper"].without_color() == replace(RECIPES["paper"], **_without_color())
    assert DEGRADATIONS["released"] == RECIPES["released"]


def _without_color() -> dict[str, float]:
    return dict.fromkeys(("shift_probability", "grey_probability", "jitter_probability"), 0.0)


def test_4x_and_its_bicubic_baseline_are_the_same_picture(truths: Path, tmp_path: Path) -> None:
    record = make_inputs(pictures_in(truths), "4x", 0, tmp_path / "in", tmp_path / "bicubic", step)
    truth = Image.open(truths / "face 1.png")
    expected = truth.resize((128, 128), Image.Resampling.BICUBIC).resize((512, 512), Image.Resampling.BICUBIC)
    for folder in ("in", "bicubic"):
        difference = read_crop(tmp_path / folder / "face 1.png").astype(int) - np.asarray(expected)
        assert np.abs(difference).mean() < 0.5  # rounded to 8 bits once more
    assert record.parameters()["face 1"]["factor"] == 4


def test_the_bicubic_baseline_is_of_the_same_small_picture(truths: Path, tmp_path: Path) -> None:
    make_inputs(pictures_in(truths), "paper", 0, tmp_path / "in", tmp_path / "bicubic", step)
    for name in pictures_in(truths):
        bilinear, bicubic = (read_crop(tmp_path / at / f"{name}.png").astype(int) for at in ("in", "bicubic"))
        # Noise of the same places: another draw would differ by more.
        assert 0 < np.abs(bilinear - bicubic).mean() < 3


def test_nothing_is_nothing(truths: Path, tmp_path: Path) -> None:
    record = make_inputs(pictures_in(truths), "none", 0, tmp_path / "in", None, step)
    np.testing.assert_array_equal(read_crop(tmp_path / "in" / "face 0.png"), read_crop(truths / "face 0.png"))
    assert record.parameters() == {}
    assert record.draws == dict.fromkeys(pictures_in(truths))


def test_pictures_of_an_earlier_evaluation_are_none_of_this_one(truths: Path, tmp_path: Path) -> None:
    faces, folder = pictures_in(truths), tmp_path / "in"
    make_inputs(faces, "paper", 0, folder, None, step)
    record = make_inputs({"face 2": faces["face 2"]}, "none", 1, folder, None, step)
    assert len(pictures_in(folder)) == 3
    assert list(record.only(pictures_in(folder))) == ["face 2"]


def test_stopped_halfway_nobody_knows_how_pictures_were_made(truths: Path, tmp_path: Path) -> None:
    faces, folder = pictures_in(truths), tmp_path / "in"
    make_inputs(faces, "paper", 0, folder, None, step)

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make_inputs(faces, "paper", 1, folder, None, stop)
    assert read_record(folder) is None


def test_two_pictures_of_one_name_are_told(truths: Path) -> None:
    Image.open(truths / "face 1.png").save(truths / "face 1.jpg")
    with pytest.raises(UsageError, match=r"'face 1\.jpg' and 'face 1\.png' .* the same face by their name"):
        pictures_in(truths)


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "degradation.json").write_text('{"seed": "many"}')
    with pytest.raises(UsageError, match="damaged"):
        read_record(tmp_path)


def test_restored_faces_by_strength_and_a_face_that_fails(truths: Path, tmp_path: Path) -> None:
    class Negative:
        def restore(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
            (crop,) = crops
            failed = replace(crop, failure="it is left as it was")
            restored = replace(crop, restored=255 - crop.pixels, advised_strength=0.5)
            return [failed if crop.pixels.mean() == 0 else restored]

    write_crop(truths / "black.png", np.zeros((512, 512, 3), np.uint8))
    folders = [tmp_path / "half", tmp_path / "full", tmp_path / "advised"]
    # What an earlier evaluation made of it is not this one's.
    write_crop(tmp_path / "full" / "black.png", np.zeros((512, 512, 3), np.uint8))
    failures = restore_all(Negative(), pictures_in(truths), [0.5, 1.0, None], folders, step)
    assert failures == ["black: it is left as it was"]
    before = read_crop(truths / "face 0.png")
    np.testing.assert_array_equal(read_crop(tmp_path / "full" / "face 0.png"), 255 - before)
    assert np.abs(read_crop(tmp_path / "half" / "face 0.png").astype(int) - 127.5).max() <= 1
    assert not (tmp_path / "full" / "black.png").exists()
    assert (tmp_path / "advised" / "face 0.png").read_bytes() == (tmp_path / "half" / "face 0.png").read_bytes()


def test_strengths_at_their_ends() -> None:
    before, after = smooth_photo(512, 512, 1), smooth_photo(512, 512, 2)
    np.testing.assert_array_equal(mixed(before, after, 0), before)
    np.testing.assert_array_equal(mixed(before, after, 1), after)


def test_classical_processing_takes_noise_away() -> None:
    truth = smooth_photo(512, 512)
    noisy = np.clip(truth + np.random.default_rng(0).normal(0, 8, truth.shape), 0, 255).astype(np.uint8)
    error, was = (np.abs(picture.astype(int) - truth).mean() for picture in (classical(noisy), noisy))
    assert error < 0.6 * was


def test_faces_of_other_sizes_and_depths(tmp_path: Path) -> None:
    write_crop(tmp_path / "small.png", smooth_photo(256, 256))
    write_crop(tmp_path / "deep.png", smooth_photo(512, 512, dtype=np.uint16))
    write_crop(tmp_path / "wide.png", smooth_photo(512, 256))
    assert read_crop(tmp_path / "small.png").shape == (512, 512, 3)
    deep = read_crop(tmp_path / "deep.png")
    assert deep.dtype == np.uint8
    assert np.abs(deep.astype(int) - smooth_photo(512, 512)).max() <= 1
    with pytest.raises(UsageError, match="not square"):
        read_crop(tmp_path / "wide.png")


def test_a_share_is_spread_over_the_folder() -> None:
    folder = {str(number): Path() for number in range(10)}
    assert list(evenly(folder, 4)) == ["0", "3", "6", "9"]
    assert evenly(folder, 20) == evenly(folder, None) == folder
    assert len(evenly(folder, 1)) == 1


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="no picture"):
            pictures_in(folder)
