"""From photo to photo."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.advice import face_warnings
from core.alignment import FFHQ_TEMPLATE
from core.assembly import assemble
from core.errors import Cancelled, ModelError
from core.pipeline import RestorationPipeline
from core.progress import CancelToken, Progress
from core.types import (
    BlendOptions,
    ColorMode,
    Face,
    FaceChoice,
    Photo,
    RestoreOptions,
    RestoreRequest,
)
from tests.conftest import face_at, smooth_photo


class Finder:
    """Finds the faces it was told."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)

    def detect(self, image, min_face=None, cancel=None) -> list[Face]:
        return sorted(self.faces, key=lambda face: -face.size)


class Painter:
    """Restores a crop to one colour; the faces numbered in `fails` have no picture."""

    def __init__(self, color=(255, 0, 0), fails=()) -> None:
        self.color, self.fails, self.batches = color, fails, []
        self.count = 0

    def restore(self, crops):
        self.batches.append(len(crops))
        done = []
        for crop in crops:
            failed = self.count in self.fails
            self.count += 1
            picture = np.broadcast_to(np.array(self.color, crop.pixels.dtype), crop.pixels.shape)
            done.append(replace(crop, failure="it failed") if failed else replace(crop, restored=picture))
        return done


def photo_of(pixels: np.ndarray) -> Photo:
    return Photo(pixels, pixels)


FACES = (face_at(150, 150, 120), face_at(420, 160, 200), face_at(300, 330, 90))
PHOTO = photo_of(smooth_photo(600, 450))
PLAIN = BlendOptions(color=ColorMode.MODEL, keep_detail=False)


def run(options: RestoreOptions = RestoreOptions(blend=PLAIN), painter: Painter | None = None, **kwargs):  # noqa: B008
    pipeline = RestorationPipeline(Finder(*FACES), painter or Painter())
    return pipeline.run(RestoreRequest(PHOTO, options, stamp=7), **kwargs)


def test_every_face_is_restored_and_the_result_tells_all() -> None:
    stages: list[Progress] = []
    result = run(progress=stages.append)
    assert result.restored_count == 3
    assert [crop.face.size for crop in result.crops] == sorted((f.size for f in FACES), reverse=True)
    assert result.stamp == 7
    assert set(result.seconds) == {"detect", "align", "restore", "enlarge", "compose"}
    for face in FACES:
        x, y = np.array(face.box).reshape(2, 2).mean(axis=0).astype(int)
        assert result.image[y, x, 0] > 250
    assert [p.done for p in stages if p.stage == "restore"] == [0, 3]
    assert stages[0].stage == "detect"
    assert stages[-1].stage == "compose"


@pytest.mark.parametrize(("choice", "index"), [(FaceChoice.LARGEST, 1), (FaceChoice.CENTER, 2)])
def test_one_face_can_be_chosen(choice: FaceChoice, index: int) -> None:
    result = run(RestoreOptions(blend=PLAIN, faces=choice))
    assert [crop.face for crop in result.crops] == [FACES[index]]


@pytest.mark.parametrize(("batch", "expected"), [(1, [1, 1, 1]), (2, [2, 1]), (8, [3])])
def test_batches(batch: int, expected: list[int]) -> None:
    painter = Painter()
    run(RestoreOptions(batch=batch), painter)
    assert painter.batches == expected


def test_a_failed_face_is_reported_and_left_as_it_was() -> None:
    result = run(painter=Painter(fails=[0]))
    assert result.restored_count == 2
    assert any(warning == "face 1: it failed" for warning in result.warnings)
    x, y = np.array(FACES[1].box).reshape(2, 2).mean(axis=0).astype(int)
    np.testing.assert_array_equal(result.image[y - 30 : y + 30, x], PHOTO.rgb[y - 30 : y + 30, x])


def test_a_face_whose_landmarks_are_one_point_is_reported() -> None:
    broken = Face((10, 10, 50, 50), np.full((5, 2), 30.0), 0.99)
    pipeline = RestorationPipeline(Finder(broken, FACES[0]), Painter())
    result = pipeline.run(RestoreRequest(PHOTO))
    assert result.restored_count == 1
    assert any("could not be aligned" in warning for warning in result.warnings)


def test_cancel_stops_between_faces() -> None:
    token = CancelToken()
    painter = Painter()

    def cancel_after_first(progress: Progress) -> None:
        if progress.stage == "restore" and progress.done == 1:
            token.cancel()

    with pytest.raises(Cancelled):
        run(RestoreOptions(batch=1), painter, progress=cancel_after_first, cancel=token)
    assert painter.count == 2


def test_no_face_is_said() -> None:
    result = RestorationPipeline(Finder(), Painter()).run(RestoreRequest(PHOTO))
    assert result.warnings == ("no face was found",)
    np.testing.assert_array_equal(result.image, PHOTO.rgb)


@pytest.mark.parametrize("upscale", [1, 2, 4])
def test_recompositing_needs_no_network(upscale: int) -> None:
    painter = Painter()
    result = run(RestoreOptions(blend=PLAIN, upscale=upscale), painter)
    seen = painter.count
    np.testing.assert_array_equal(result.recomposite(), result.image)
    np.testing.assert_array_equal(result.recomposite(BlendOptions(0.0)), result.base)
    one_off = result.recomposite(per_face={0: BlendOptions(0.0)})
    x, y = ((np.array(FACES[1].box).reshape(2, 2).mean(axis=0)) * upscale).astype(int)
    np.testing.assert_array_equal(one_off[y, x], result.base[y, x])
    x, y = ((np.array(FACES[0].box).reshape(2, 2).mean(axis=0)) * upscale).astype(int)
    np.testing.assert_array_equal(one_off[y, x], result.image[y, x])
    half = result.recomposite(replace(PLAIN, strength=0.5))
    assert half[y, x, 0] == pytest.approx((int(result.base[y, x, 0]) + 255) / 2, abs=2)
    assert painter.count == seen


@pytest.mark.parametrize("size", [(512, 512), (300, 300), (700, 1000)])
def test_an_aligned_photo_is_one_face_and_changes_everywhere(size: tuple[int, int]) -> None:
    photo = photo_of(smooth_photo(*size))
    pipeline = RestorationPipeline(Finder(), Painter((1, 2, 3)))
    result = pipeline.run(RestoreRequest(photo, RestoreOptions(aligned=True, blend=PLAIN)))
    (crop,) = result.crops
    assert (result.image == (1, 2, 3)).all()
    if size == (512, 512):
        np.testing.assert_array_equal(crop.pixels, photo.rgb)
        np.testing.assert_allclose(crop.face.landmarks, FFHQ_TEMPLATE)


def test_sixteen_bits_stay_sixteen_and_untouched_outside_the_faces() -> None:
    photo = photo_of(np.random.default_rng(0).integers(0, 65536, (450, 600, 3), np.uint16))
    result = RestorationPipeline(Finder(FACES[0]), Painter((65535, 0, 0))).run(RestoreRequest(photo))
    assert result.image.dtype == np.uint16
    np.testing.assert_array_equal(result.image[300:], photo.rgb[300:])
    np.testing.assert_array_equal(result.image[:, 300:], photo.rgb[:, 300:])


def test_grey_photos_stay_grey_unless_the_model_may_colour_them() -> None:
    grey = photo_of(np.repeat(smooth_photo(600, 450)[..., :1], 3, axis=2))
    pipeline = RestorationPipeline(Finder(*FACES), Painter((200, 120, 100)))
    kept = pipeline.run(RestoreRequest(grey)).image
    assert (kept == kept[..., :1]).all()
    assert (kept != grey.rgb).any()
    coloured = pipeline.run(RestoreRequest(grey, RestoreOptions(blend=BlendOptions(color=ColorMode.MODEL)))).image
    assert (coloured != coloured[..., :1]).any()


@pytest.mark.parametrize("wrong", [{"upscale": 3}, {"batch": 0}])
def test_options_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RestoreOptions(**wrong)
    with pytest.raises(ValueError, match="strength"):
        BlendOptions(1.5)


def test_advice_names_tiny_faces_and_profiles() -> None:
    tiny = face_at(50, 50, 30)
    assert "invented" in " ".join(face_warnings(tiny))
    profile = face_at(200, 200, 300)
    profile.landmarks[2] = profile.landmarks[1] + [10, 40]
    assert "side" in " ".join(face_warnings(profile))
    assert face_warnings(face_at(200, 200, 300)) == []


@pytest.mark.slow
def test_the_bundled_models_restore_a_real_photo_the_same_way_twice(wallet_photo: Photo) -> None:
    assembly = assemble()
    assert "bundled" in assembly.models["restorer"]
    assert any("models get gfpgan-v1.4" in note for note in assembly.notes)
    one, other = (assembly.pipeline.run(RestoreRequest(wallet_photo)) for _ in range(2))
    np.testing.assert_array_equal(one.image, other.image)
    assert one.restored_count == 1
    (crop,) = one.crops
    assert crop.network_size == 512
    # The face gains what blur and grain took: contrast at the features, quiet on the skin.
    assert np.abs(crop.restored.astype(int) - crop.pixels).mean() > 3
    assert crop.restored.std() > 20


def test_a_model_of_another_kind_is_refused() -> None:
    from core.models import find_model

    detector = find_model("bundled-detector", "detector").path
    with pytest.raises(ModelError, match=r"bundled-detector\.safetensors"):
        assemble(model=str(detector))


@pytest.mark.slow
def test_a_parser_in_the_models_folder_makes_the_masks(own_models_folder: Path, wallet_photo: Photo) -> None:
    import torch
    from facexlib.parsing.parsenet import ParseNet

    own_models_folder.mkdir()
    torch.manual_seed(0)
    # Untrained: what it sees is nonsense, but it goes all the way from the file to the mask.
    torch.save(
        ParseNet(in_size=512, out_size=512, base_ch=32, res_depth=1).state_dict(),
        own_models_folder / "parsing_parsenet.pth",
    )
    assembly = assemble()
    assert assembly.models["parser"] == "ParseNet"
    result = assembly.pipeline.run(RestoreRequest(wallet_photo))
    (crop,) = result.crops
    assert crop.labels.shape == (256, 256)
    assert crop.labels.max() < 19
    assert "parse" in result.seconds
