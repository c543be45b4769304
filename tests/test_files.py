"""Finding photos, whatever they are called and wherever they lie, and reading their files."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import Cancelled, PhotoError
from core.files import InputFile, find_photos, read_file
from core.photo import read_photo
from core.progress import CancelToken

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def relatives(files: list[InputFile]) -> list[str]:
    return [file.relative.as_posix() for file in files]


def found(*inputs: Path, recursive: bool = False, leave_out: Path | None = None) -> list[str]:
    return relatives(list(find_photos(inputs, recursive, [] if leave_out is None else [leave_out])))


def test_photos_of_a_folder_come_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "scan10.jpg", "scan2.jpg", "Scan1.PNG", "scan02.jpg", "notes.txt", "b/deep.jpg", "a.tif")
    assert found(tmp_path) == ["a.tif", "Scan1.PNG", "scan02.jpg", "scan2.jpg", "scan10.jpg"]


def test_subfolders_are_entered_on_demand(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "10/a.jpg", "2/b.jpg", "2/c/d.webp")
    assert found(tmp_path) == ["1.jpg"]
    assert found(tmp_path, recursive=True) == ["1.jpg", "2/b.jpg", "2/c/d.webp", "10/a.jpg"]


def test_the_results_are_left_out(tmp_path: Path) -> None:
    results = tmp_path / "restored"
    touch(tmp_path, "a.jpg", "restored/a.jpg", "restored/more/b.jpg", "other/c.jpg")
    assert found(tmp_path, recursive=True, leave_out=results) == ["a.jpg", "other/c.jpg"]
    # Who names the folder, or a file in it, means it.
    assert found(results, leave_out=results) == ["a.jpg"]
    assert found(results / "more", leave_out=results) == ["b.jpg"]
    assert found(results / "a.jpg", leave_out=results) == ["a.jpg"]


def test_the_results_are_known_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "restored/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path, recursive=True, leave_out=Path("restored")) == ["a.jpg"]


def test_each_file_comes_once_in_the_order_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "b.jpg")
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path / "b.jpg", tmp_path, tmp_path / "a.jpg", Path("a.jpg")) == ["b.jpg", "a.jpg"]


def test_a_named_file_may_have_any_name(tmp_path: Path) -> None:
    touch(tmp_path, "scan.dat", ".hidden.jpg")
    assert found(tmp_path / "scan.dat", tmp_path / ".hidden.jpg") == ["scan.dat", ".hidden.jpg"]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "._a.jpg", ".trash/b.jpg", "c/.thumbnails/d.jpg", "c/e.jpg")
    assert found(tmp_path, recursive=True) == ["a.jpg", "c/e.jpg"]


@pytest.mark.parametrize(
    ("ending", "container", "options"),
    [
        ("mpo", "MPO", {"save_all": True, "append_images": [Image.new("RGB", (8, 8))]}),
        ("pnm", "PPM", {}),
        ("pbm", "PPM", {}),
        ("j2k", "JPEG2000", {"no_jp2": True}),
        ("j2c", "JPEG2000", {"no_jp2": True}),
        ("jpc", "JPEG2000", {"no_jp2": True}),
        ("jpx", "JPEG2000", {}),
        ("jpf", "JPEG2000", {}),
        ("hif", "HEIF", {}),
    ],
)
def test_photos_with_rarer_names_are_found_and_read(
    ending: str, container: str, options: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / f"photo.{ending.upper()}"
    picture = Image.new("1" if ending == "pbm" else "RGB", (32, 24))
    if container == "HEIF":
        pytest.importorskip("pillow_heif").from_pillow(picture).save(path)
    else:
        picture.save(path, container, **options)
    if ending in ("jpx", "jpf"):  # the same with the brand of JPEG 2000 part 2
        path.write_bytes(path.read_bytes().replace(b"\x14ftypjp2 \0\0\0\0", b"\x18ftypjpx \0\0\0\0jpx ", 1))
    assert found(tmp_path) == [path.name]
    assert read_photo(path).size == (32, 24)


def test_a_hidden_folder_may_be_named(tmp_path: Path) -> None:
    touch(tmp_path, ".album/a.jpg")
    assert found(tmp_path / ".album") == ["a.jpg"]


def test_folders_called_like_photos_are_no_photos(tmp_path: Path) -> None:
    touch(tmp_path, "album.jpg/a.png")
    assert found(tmp_path) == []
    assert found(tmp_path, recursive=True) == ["album.jpg/a.png"]


def test_a_path_that_does_not_exist_is_passed_on(tmp_path: Path) -> None:
    for name in ("missing.jpg", "x" * 300):
        assert found(tmp_path / name) == [name]


@posix
def test_any_encoding_of_a_name_is_found_and_read(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Großmutter é") for form in ("NFC", "NFD")]
    names += [
        "\N{OLDER WOMAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
        os.fsdecode(b"latin-\xe9"),
        "a\nb",
        " ",
        "-o",
    ]
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(name.encode(errors="surrogateescape"))
    files = list(find_photos([tmp_path]))
    assert {file.path.stem for file in files} == set(names)
    for file in files:
        assert read_file(file.path, 100) == file.path.stem.encode(errors="surrogateescape")


def test_a_search_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    cancel = CancelToken()
    assert len(list(find_photos([tmp_path], cancel=cancel))) == 1
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(find_photos([tmp_path], cancel=cancel))


@posix
def test_what_lies_too_deep_is_passed_on(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    depth, name = 0, "d" * 250
    # A path has an end, but folders can be made below it.
    here = os.open(tmp_path, os.O_RDONLY)
    while depth < 20:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here, depth = below, depth + 1
    os.close(os.open("deep.jpg", os.O_CREAT, dir_fd=here))
    os.close(here)
    files = list(find_photos([tmp_path], recursive=True))
    assert files[0].path == tmp_path / "a.jpg"
    assert len(files) == 2
    with pytest.raises(PhotoError, match="name too long"):
        read_photo(files[1].path)


@pytest.mark.slow
def test_thousands_of_files_are_listed_in_little_memory(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.jpg" for number in range(5000)))
    # In a process of its own: what other tests left running allocates as well.
    done = subprocess.run([sys.executable, "-c", _LISTING, tmp_path], capture_output=True, text=True, check=True)
    count, most = map(int, done.stdout.split())
    assert count == 5000
    assert most < 10_000_000


_LISTING = """
import sys, tracemalloc
from pathlib import Path
from core.files import find_photos
tracemalloc.start()
print(sum(1 for _ in find_photos([Path(sys.argv[1])])), tracemalloc.get_traced_memory()[1])
"""


@posix
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    # Broken links are passed on, so that reading them gives the reason.
    assert found(tmp_path, recursive=True) == ["a.jpg", "dangling.jpg", "self.jpg", "sub/b.jpg"]
    assert found(tmp_path / "self.jpg") == ["self.jpg"]
    with pytest.raises(PhotoError):
        read_photo(tmp_path / "self.jpg")


@posix
def test_a_link_and_its_file_are_one(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg")
    (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_a_folder_that_cannot_be_listed_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "closed/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert found(tmp_path, recursive=True) == ["a.jpg", "open/c.jpg", "closed"]
    assert found(tmp_path / "closed", tmp_path / "open") == ["closed", "c.jpg"]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=20), max_size=8))
def test_any_names_are_sorted(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("names", numbered=True)
    created = {f"n{name}.jpg" for name in [*names, "1²3"]}
    touch(folder, *created)
    assert set(found(folder)) == {path.name for path in folder.iterdir()}
    assert found(folder) == found(folder)


# Reading.


def test_a_file_larger_than_any_photo_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    with path.open("wb") as file:
        file.truncate(10**12)  # takes no space on the disk
    with pytest.raises(PhotoError, match=r"1000\.0 GB.*--max-megapixels"):
        read_photo(path)


@posix
def test_what_may_never_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(PhotoError, match="device or a pipe"):
            read_photo(path)


@posix
def test_a_file_without_permission_is_refused(as_plain_user: Path) -> None:
    touch(as_plain_user, "closed/a.jpg", "b.jpg")
    (as_plain_user / "b.jpg").chmod(0)
    with pytest.raises(PhotoError, match=r"permission denied.*check its permissions"):
        read_photo(as_plain_user / "b.jpg")
    (as_plain_user / "closed").chmod(0)
    assert found(as_plain_user, recursive=True) == ["b.jpg", "closed"]
    with pytest.raises(PhotoError, match="permission denied"):
        read_photo(as_plain_user / "closed/a.jpg")
    (as_plain_user / "closed").chmod(0o700)


def test_a_read_only_file_is_read(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "a.jpg").chmod(0o400)
    assert read_file(tmp_path / "a.jpg", 10) == b"x"
    assert (tmp_path / "a.jpg").stat().st_mode & 0o777 == 0o400
