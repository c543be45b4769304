"""Batches from a dataset's folder: real files, real processes, real signals."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
import torch

from core.alignment import FFHQ_TEMPLATE
from core.errors import UsageError
from tests.conftest import PATIENCE, smooth_photo
from trainer.components import ComponentBoxes, boxes_from_landmarks
from trainer.data import Loader, held_out_batches, one_ahead
from trainer.dataset import DatasetError, FaceRecord
from trainer.faces import Faces, Source
from trainer.quality import Measures
from trainer.recipes import RELEASED
from trainer.sampling import face_at, faces_from, positions, repeated, seed_at, split
from trainer.types import Batch

CPU = torch.device("cpu")
SIZE = 64


def record(number: int, photo: str | None = None, landmarks: np.ndarray = FFHQ_TEMPLATE) -> FaceRecord:
    return FaceRecord(
        file=f"faces/{number:05d}.png",
        photo=photo or f"photo {number}",
        source=f"{number:05d}.png",
        box=(0.0, 0.0, 512.0, 512.0),
        landmarks=tuple((float(x), float(y)) for x, y in landmarks),
        measures=Measures(512.0, 1.0, 0.0, 0.0, False, "0" * 64),
        accepted=True,
    )


def source_of(folder: Path, faces: int, **values: object) -> Source:
    """A dataset of soft pictures that differ."""
    (folder / "faces").mkdir(parents=True)
    for number in range(faces):
        cv2.imwrite(str(folder / "faces" / f"{number:05d}.png"), smooth_photo(512, 512, number))
    source = Source(folder, [record(number) for number in range(faces)], SIZE, RELEASED, seed=7)
    return replace(source, **values)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return source_of(tmp_path / "dataset", 5)


def refuse(message: str) -> None:
    raise AssertionError(message)


def batches(source: Source, number: int, batch: int = 2, first: int = 0, **how: object) -> list[Batch]:
    with Loader(source, batch, **{"device": CPU, "warn": refuse, **how}) as loader:
        return list(islice(loader.batches(first), number))


def together(made: list[Batch]) -> Batch:
    return Batch(
        *(torch.cat([getattr(of, name) for of in made]) for name in ("inputs", "truths", "boxes", "seeds"))
    )


def assert_same(a: list[Batch], b: list[Batch]) -> None:
    one, other = together(a), together(b)
    for name in ("inputs", "truths", "boxes", "seeds"):
        assert torch.equal(getattr(one, name), getattr(other, name)), name


def test_every_face_comes_once_an_epoch_in_a_new_order():
    epochs = [[face_at(10 * epoch + n, 10, seed=1) for n in range(10)] for epoch in range(20)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) == 20
    assert epochs[0] != [face_at(n, 10, seed=2) for n in range(10)]


def test_seeds_are_63_bit_and_differ():
    seeds = [seed_at(position, seed) for seed in range(3) for position in range(1000)]
    assert len(set(seeds)) == 3000
    assert min(seeds) >= 0
    assert 2**62 < max(seeds) < 2**63


def test_processes_share_the_positions_out():
    for number in (0, 1, 17):
        shares = [positions(number, 3, rank, 2) for rank in range(2)]
        assert [*shares[0], *shares[1]] == list(positions(number, 6))
    assert positions(1, 6)[0] == positions(0, 6)[-1] + 1


def test_batches_have_the_form_of_the_contract(source):
    for batch in batches(source, 4):
        assert batch.inputs.shape == batch.truths.shape == (2, 3, SIZE, SIZE)
        assert batch.boxes.shape == (2, 3, 4)
        assert batch.seeds.dtype == torch.int64
        for x in (batch.inputs, batch.truths, batch.boxes):
            assert x.dtype == torch.float32
            assert x.is_contiguous()
        assert batch.truths.min() < -0.3
        assert 0.3 < batch.truths.max() <= 1
        assert not torch.equal(batch.inputs, batch.truths)


def test_truths_are_the_pictures_in_rgb_and_flipped_half_the_time(source):
    stored = [cv2.imread(str(source.folder / face.file))[..., ::-1] for face in source.faces]
    small = [cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for picture in stored]
    plain = [torch.from_numpy(picture.copy()).permute(2, 0, 1) / 255 * 2 - 1 for picture in small]
    right = boxes_from_landmarks((FFHQ_TEMPLATE + 0.5) * SIZE / 512 - 0.5, SIZE)
    seen = Counter()
    made = together(batches(replace(source, degradation=None), 20))
    for position, (truth, boxes) in enumerate(zip(made.truths, made.boxes, strict=True)):
        face = plain[face_at(position, 5, source.seed)]
        is_flipped = torch.allclose(truth, face.flip(2), atol=1e-6)
        assert is_flipped or torch.allclose(truth, face, atol=1e-6)
        expected = right.flipped(SIZE) if is_flipped else right
        parts = [expected.left_eye, expected.right_eye, expected.mouth]
        assert torch.allclose(boxes, torch.tensor(parts), atol=1e-4)
        assert boxes[0, 0] < boxes[1, 0]
        seen[is_flipped] += 1
    assert min(seen.values()) > 10
    assert torch.equal(made.inputs, made.truths)


def test_full_size_pictures_are_not_resampled(source):
    (batch,) = batches(replace(source, size=512, degradation=None), 1, batch=5)
    stored = {cv2.imread(str(source.folder / face.file)).astype(int).sum() for face in source.faces}
    assert {round(float(((truth + 1) * 127.5).double().sum())) for truth in batch.truths} == stored


def test_published_boxes_take_precedence(source):
    box = (99.5, 199.5, 199.5, 299.5)
    landmarks = {2: ComponentBoxes(box, (299.5, 199.5, 399.5, 299.5), (199.5, 299.5, 299.5, 399.5))}
    faces = [source.faces[1], source.faces[2]]
    (batch,) = held_out_batches(replace(source, faces=faces, landmarks=landmarks), 2, 2)
    assert batch.boxes[1, 0].tolist() == [12, 24.5, 24.5, 37]
    assert not torch.allclose(batch.boxes[0], batch.boxes[1])


def test_resuming_goes_on_with_the_same_samples(source):
    assert_same(batches(source, 7)[4:], batches(source, 3, first=4))
    other = together(batches(replace(source, seed=8), 7))
    assert not torch.equal(together(batches(source, 7)).truths, other.truths)


def test_two_processes_see_what_one_sees_with_twice_the_batch(source):
    pairs = zip(*(batches(source, 3, rank=rank, count=2) for rank in range(2)), strict=True)
    assert_same([batch for pair in pairs for batch in pair], batches(source, 3, batch=4))


def test_degrading_on_the_device_keeps_everything_but_the_noise(source):
    quiet = replace(RELEASED, noise=(0.0, 0.0), jpeg=None, gt_gray=True, grey_probability=0.5)
    source = replace(source, degradation=quiet)
    host, device = together(batches(source, 6)), together(batches(source, 6, on_device=True))
    assert torch.equal(host.boxes, device.boxes)
    assert torch.equal(host.seeds, device.seeds)
    assert (host.truths - device.truths).abs().max() < 0.02
    assert (host.inputs - device.inputs).abs().mean() < 0.01
    assert device.inputs.is_contiguous()
    assert device.inputs.dtype == torch.float32


def test_without_degradation_the_device_changes_nothing(source):
    source = replace(source, degradation=None)
    assert_same(batches(source, 2), batches(source, 2, on_device=True))


def test_the_number_of_torch_threads_changes_no_sample(source):
    """A mean over many pixels is summed in as many parts as there are threads."""
    coloured = replace(RELEASED, jitter_probability=1.0)
    source, before = replace(source, size=256, degradation=coloured), torch.get_num_threads()
    made = []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            made.append(batches(source, 5))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert_same(made[0], made[1])
    assert_same(made[0], made[2])


def test_held_out_faces_are_the_same_every_time(source):
    first = held_out_batches(source, 2, 3)
    assert [len(batch) for batch in first] == [2, 1]
    assert_same(first, held_out_batches(replace(source, seed=99), 3, 3))
    assert len(together(held_out_batches(source, 4, 100))) == 5
    assert held_out_batches(replace(source, faces=[]), 4, 100) == []
    assert held_out_batches(source, 4, 0) == []


def test_few_held_out_faces_are_degraded_in_several_ways(source):
    once, thrice = (together(held_out_batches(source, 2, 3, ways=ways)) for ways in (1, 3))
    assert torch.equal(thrice.inputs[:3], once.inputs)
    assert torch.equal(thrice.truths, once.truths.repeat(3, 1, 1, 1))
    assert len({inputs.numpy().tobytes() for inputs in thrice.inputs}) == 9


def test_held_out_faces_are_neither_flipped_nor_coloured(source):
    grey = replace(RELEASED, grey_probability=1.0, gt_gray=True, shift_probability=1.0, jitter_probability=1.0)
    held_out = held_out_batches(replace(source, degradation=grey), 5, 5)
    assert_same(held_out, held_out_batches(replace(source, degradation=grey.without_color()), 5, 5))
    stored = cv2.imread(str(source.folder / source.faces[0].file))[..., ::-1]
    truth = (held_out[0].truths[0].permute(1, 2, 0).numpy() + 1) * 127.5
    assert np.abs(cv2.resize(stored, (SIZE, SIZE), interpolation=cv2.INTER_AREA) - truth).max() < 0.01


def test_held_out_faces_are_chosen_evenly(source):
    many = replace(source, faces=[source.faces[n // 20] for n in range(100)], degradation=None)
    chosen = together(held_out_batches(many, 5, 5)).truths
    assert torch.equal(chosen, together(held_out_batches(replace(source, degradation=None), 5, 5)).truths)


def photos_of(faces: list[FaceRecord]) -> set[str]:
    return {face.photo for face in faces}


def test_split_keeps_photos_together_and_the_order():
    faces = [record(n, photo=f"photo {n // 3}") for n in range(300)]
    learn, held_out = split(faces, 0.2)
    assert not photos_of(learn) & photos_of(held_out)
    assert sorted(learn + held_out, key=faces.index) == faces
    assert all(a.file < b.file for part in (learn, held_out) for a, b in pairwise(part))
    assert 0.1 < len(held_out) / 300 < 0.3
    assert split(faces[::-1], 0.2)[1] == held_out[::-1]
    assert split(faces, 0) == (faces, [])


def test_photos_added_later_leave_the_others_where_they_are():
    faces = [record(n) for n in range(200)]
    before, after = split(faces[:100], 0.2), split(faces, 0.2)
    assert photos_of(before[0]) < photos_of(after[0])
    assert photos_of(before[1]) < photos_of(after[1])


@pytest.mark.parametrize("held_out", [0.01, 0.05, 0.5, 0.99, 1, 3, 8, 50])
@pytest.mark.parametrize("photos", [1, 2, 3, 9])
def test_small_sets_keep_faces_on_both_sides(photos, held_out):
    for shift in range(5):
        faces = [record(n, photo=f"photo {shift + n % photos}") for n in range(photos)]
        learn, out = split(faces, held_out)
        assert learn
        assert bool(out) == (photos > 1)
        assert held_out < 1 or len(out) == min(held_out, photos - 1)


def test_a_number_of_faces_is_not_exceeded():
    faces = [record(n, photo=f"photo {n // 3}") for n in range(30)]
    assert len(split(faces, 8)[1]) == 6
    assert split([], 5) == ([], [])


def test_one_image_is_enough(tmp_path):
    source = source_of(tmp_path / "one", 1)
    made = together(batches(source, 3, batch=4))
    assert len(set(made.seeds.tolist())) == 12
    assert len({x.numpy().tobytes() for x in made.inputs}) == 12
    assert len({x.numpy().tobytes() for x in made.truths}) == 2  # flipped or not


def test_an_empty_dataset_is_refused(source):
    with pytest.raises(UsageError, match="no face to learn from"):
        Loader(replace(source, faces=[]), 2, device=CPU, warn=refuse)


def damage(source: Source) -> dict[str, str]:
    """Spoil faces 1 to 3, each in its way; returns what is said of them."""
    truncated, missing, small = (source.folder / source.faces[n].file for n in (1, 2, 3))
    truncated.write_bytes(truncated.read_bytes()[:20_000])
    missing.unlink()
    cv2.imwrite(str(small), smooth_photo(100, 80))
    return {truncated.name: "is damaged", missing.name: "no such file", small.name: "100 x 80 px, not 512 x 512"}


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_the_next_face_stands_in_for_a_bad_one_which_is_told_once(source, workers):
    told: list[str] = []
    said = damage(source)
    source = replace(source, degradation=None)
    made = together(batches(source, 15, workers=workers, warn=told.append))
    assert len(told) == 3
    for name, what in said.items():
        assert sum(name in sentence and what in sentence for sentence in told) == 1
    expected = [next(face for face in faces_from(n, 5, source.seed) if face in (0, 4)) for n in range(30)]
    pictures = [bytes(min(x.numpy().tobytes(), x.flip(2).contiguous().numpy().tobytes())) for x in made.truths]
    assert len(set(zip(expected, pictures, strict=True))) == len(set(pictures)) == 2


def test_the_faces_of_a_lost_half_are_shared_out(source):
    """Not all to the one that comes after the gap."""
    stand_ins = Counter(next(face for face in faces_from(n, 200, 1) if face < 100) for n in range(200))
    assert max(stand_ins.values()) < 20


def test_a_folder_that_lost_nearly_all_faces_ends_the_batches(source):
    many = replace(source, faces=[source.faces[0], *(record(n) for n in range(1000, 1999))], degradation=None)
    told: list[str] = []
    with pytest.raises(DatasetError, match="Most faces"):
        batches(many, 20, warn=told.append)


def test_published_boxes_of_another_face_are_refused(source):
    box = (10.0, 10.0, 60.0, 60.0)
    with pytest.raises(DatasetError, match=r"do not fit '00002\.png'"):
        batches(replace(source, landmarks={2: ComponentBoxes(box, box, box)}), 1)


def test_an_empty_file_is_damaged_too(source):
    for face in source.faces[1:]:
        (source.folder / face.file).write_bytes(b"")
    told: list[str] = []
    batches(source, 5, warn=told.append)
    assert len(told) == 4


def test_held_out_faces_that_cannot_be_read_are_told(source):
    damage(source)
    told: list[str] = []
    (batch,) = held_out_batches(replace(source, degradation=None), 5, 5, told.append)
    assert len(told) == 3
    assert torch.equal(batch.truths[1], batch.truths[4])


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("what", ["dataset", "dataset/faces"])
def test_a_folder_that_is_removed_ends_the_batches_with_a_sentence(source, tmp_path, workers, what):
    with Loader(source, 2, workers=workers, device=CPU, warn=lambda _: None) as loader:
        endless = loader.batches(0)
        next(endless)
        shutil.rmtree(tmp_path / what)
        with pytest.raises(DatasetError, match="are gone or cannot be read") as caught:
            list(islice(endless, 20))
        assert "\n" not in str(caught.value)


def test_the_next_item_is_made_while_one_is_in_use() -> None:
    made = threading.Semaphore(0)

    def numbers():
        for number in range(3):
            yield number
            made.release()
        raise DatasetError("gone")

    items = one_ahead(numbers())
    assert next(items) == 0
    # The generator has gone on from 0 by itself, and waits after making 1.
    assert made.acquire(timeout=PATIENCE)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(DatasetError, match="gone"):
        next(items)


def test_closing_ends_the_thread_and_what_it_reads() -> None:
    ended = []

    def numbers():
        try:
            yield from range(1000)
        finally:
            ended.append(threading.current_thread())

    items = one_ahead(numbers())
    assert next(items) == 0
    items.close()
    assert len(ended) == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("one-ahead")]


@pytest.mark.slow
def test_workers_make_the_same_batches(source):
    assert_same(batches(source, 6, workers=2), batches(source, 6))
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_workers_go_on_after_a_jump_back(source):
    with Loader(source, 2, workers=2, device=CPU, warn=refuse) as loader:
        first = list(islice(loader.batches(0), 5))
        workers = {process.pid for process in multiprocessing.active_children()}
        assert_same(first[2:], list(islice(loader.batches(2), 3)))
        assert {process.pid for process in multiprocessing.active_children()} == workers


@pytest.mark.slow
@pytest.mark.parametrize("deaths", [1, 3])
def test_killed_workers_are_replaced_until_the_third_death(source, deaths):
    told: list[str] = []
    with Loader(source, 2, workers=2, device=CPU, warn=told.append) as loader:
        endless, made = loader.batches(0), []
        for _ in range(deaths):
            made += islice(endless, 2)
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
            made += islice(endless, 5)  # more than lie ready
        assert bool(multiprocessing.active_children()) == (deaths < 3)
    assert_same(made, batches(source, 7 * deaths))
    assert len(told) == deaths
    assert ("without them" in told[-1]) == (deaths == 3)


@pytest.mark.slow
def test_workers_outlive_ctrl_c_but_not_their_parent(source):
    """Ctrl-C reaches the whole group; a parent that is killed can end nobody."""
    script = (
        "import sys, pathlib, torch, time\n"
        "from tests.trainer.test_data import Loader, Source, record, RELEASED\n"
        "source = Source(pathlib.Path(sys.argv[1]), [record(n) for n in range(5)], 64, RELEASED, 7)\n"
        "with Loader(source, 2, workers=2, device=torch.device('cpu'), warn=print) as loader:\n"
        "    endless = loader.batches(0)\n"
        "    next(endless)\n"
        "    try:\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        [next(endless) for _ in range(9)]\n"
        "    print('went on', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(source.folder)]
    root, pipe = Path(__file__).parent.parent.parent, subprocess.PIPE
    run = subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    workers = psutil.Process(run.pid).children(recursive=True)
    assert len(workers) >= 2
    os.killpg(run.pid, signal.SIGINT)
    assert run.stdout.readline() == "went on\n"
    run.kill()
    _, errors = run.communicate(timeout=PATIENCE)  # ends when nobody holds the pipes
    # A worker that is just handing something over when its parent is killed may say that the connection is gone.
    assert "KeyboardInterrupt" not in errors
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive


def test_augmentation_changes_truths_but_not_those_to_judge_by(source: Source) -> None:
    """The input is made from the changed truth, so that no change has to be undone."""
    strong = replace(source, augment=1.0)
    plain, changed = (together(batches(of, 4)) for of in (source, strong))
    assert not torch.equal(plain.truths, changed.truths)
    assert (changed.inputs - changed.truths).abs().mean() < (changed.inputs - plain.truths).abs().mean()
    assert not torch.equal(plain.boxes, changed.boxes)
    assert_same(batches(strong, 4), [changed])
    assert_same(held_out_batches(strong, 2, 4), held_out_batches(source, 2, 4))


def with_landmarks_of_their_own(source: Source) -> Source:
    faces = [record(n, landmarks=FFHQ_TEMPLATE + n) for n in range(len(source.faces))]
    return replace(source, faces=faces)


def test_mixing_changes_some_truths_and_none_of_those_to_judge_by(source: Source) -> None:
    source = with_landmarks_of_their_own(source)
    some, all_of_them = replace(source, mix=0.5), replace(source, mix=1.0)
    plain, half, whole = (together(batches(of, 8)) for of in (source, some, all_of_them))
    changed = [(mixed.truths != plain.truths).flatten(1).any(1) for mixed in (half, whole)]
    assert 0 < changed[0].sum() < 16
    assert changed[1].all()
    assert (whole.inputs - whole.truths).abs().mean() < (whole.inputs - plain.truths).abs().mean()
    assert torch.equal(whole.boxes, plain.boxes)
    assert_same(batches(all_of_them, 8), [whole])
    assert_same(held_out_batches(all_of_them, 2, 4), held_out_batches(source, 2, 4))


def test_a_face_gets_parts_of_up_to_two_others(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    lent: list[int] = []
    monkeypatch.setattr("trainer.faces.mixed", lambda face, points, *_: lent.append(1) or face)
    source = with_landmarks_of_their_own(source)
    faces = Faces(replace(source, mix=0.5))
    for position in range(400):
        faces.at([position])
        lent.append(0)
    # Each comes with probability 0.5, if the one before came: none, one, two.
    counts = Counter("".join(map(str, lent)).split("0")[:-1])
    assert counts.keys() == {"", "1", "11"}
    assert counts[""] == pytest.approx(200, abs=40)
    assert counts["1"] == pytest.approx(100, abs=35)
    assert counts["11"] == pytest.approx(100, abs=35)


def test_a_face_without_one_that_looks_its_way_stays_as_it_is(source: Source) -> None:
    faces = [record(n, landmarks=FFHQ_TEMPLATE + 30 * n) for n in range(5)]
    source = replace(source, faces=faces)
    assert_same(batches(replace(source, mix=1.0), 4), batches(source, 4))


def test_a_face_to_mix_with_that_cannot_be_read_is_told_and_left_out(source: Source) -> None:
    source = with_landmarks_of_their_own(source)
    source = replace(source, faces=source.faces[:2], mix=1.0)
    (source.folder / source.faces[1].file).write_bytes(b"no picture")
    told: list[str] = []
    made = batches(source, 4, warn=told.append)
    assert len(told) == 1
    assert "00001.png" in told[0]
    assert_same(made, batches(replace(source, mix=0.0), 4, warn=told.append))


def test_some_photos_come_several_times_an_epoch() -> None:
    faces = [replace(record(number), source=name) for number, name in enumerate(("a-1", "b-1", "a-2"))]
    assert [face.source for face in repeated(faces, {"a-": 3})] == ["a-1"] * 3 + ["b-1"] + ["a-2"] * 3
    assert repeated(faces, {}) == faces
