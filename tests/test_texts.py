"""Captions beside EXIF, XMP and IPTC go along."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from core.encoding import write_photo
from core.photo import read_photo
from core.photos.png import chunks_of
from core.photos.texts import Text, as_png_chunk, from_png_chunk

GREY = Image.fromarray(np.full((8, 8, 3), 90, np.uint8))


def test_png_texts_and_time_go_along(tmp_path: Path) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "Grandma 1931")
    told.add_text("Author", "K. Müller", zip=True)
    told.add_itxt("Description", "Anna und Otto in Rīga", "de", "Beschreibung")
    told.add_text("Raw profile type exif", "no caption")
    told.add_itxt("XML:com.adobe.xmp", "<x/>")
    told.add(b"tIME", b"\x07\xcf\1\2\3\4\5")
    GREY.save(tmp_path / "photo.png", pnginfo=told)
    photo = read_photo(tmp_path / "photo.png")
    assert write_photo(photo, photo.rgb, tmp_path / "written.png", "PNG") == []
    with Image.open(tmp_path / "written.png") as image:
        assert image.text.keys() == {"Title", "Author", "Description", "XML:com.adobe.xmp"}
        assert (image.text["Title"], image.text["Author"]) == ("Grandma 1931", "K. Müller")
        description = image.text["Description"]
        assert (description, description.lang, description.tkey) == ("Anna und Otto in Rīga", "de", "Beschreibung")
    assert (b"tIME", b"\x07\xcf\1\2\3\4\5") in list(chunks_of((tmp_path / "written.png").read_bytes()))
    notes = write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG")
    assert notes == ["JPEG holds no time stamp data: it was left out"]
    with Image.open(tmp_path / "written.jpg") as image:
        lines = image.info["comment"].decode().splitlines()
    assert lines == ["Title: Grandma 1931", "Author: K. Müller", "Description: Anna und Otto in Rīga"]
    notes = write_photo(photo, photo.rgb, tmp_path / "written.webp", "WEBP")
    assert notes == ["WEBP holds no text, time stamp data: it was left out"]


def test_what_stands_behind_the_picture_tells_nothing_of_its_colours(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    GREY.save(tmp_path / "photo.png")
    whole = (tmp_path / "photo.png").read_bytes()
    picture, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    gamma, title = chunk(b"gAMA", (100_000).to_bytes(4, "big")), chunk(b"tEXt", b"Title\0Grandma")
    assert [kind for kind, _ in chunks_of(whole[:picture] + gamma + whole[picture:])] == [b"gAMA"]
    assert [kind for kind, _ in chunks_of(whole[:end] + gamma + title + whole[end:])] == [b"tEXt"]
    assert list(chunks_of(whole + gamma + title)) == []


@pytest.mark.parametrize("comment", ["Hochzeit, Rīga".encode(), "Müller".encode("latin-1"), "été".encode()])
def test_comments_go_along(tmp_path: Path, comment: bytes) -> None:
    GREY.save(tmp_path / "photo.jpg", comment=comment)
    photo = read_photo(tmp_path / "photo.jpg")
    assert write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG") == []
    with Image.open(tmp_path / "written.jpg") as image:
        assert image.info["comment"] == comment
    assert write_photo(photo, photo.rgb, tmp_path / "written.png", "PNG") == []
    with Image.open(tmp_path / "written.png") as image:
        assert image.text["Comment"] in ("Hochzeit, Rīga", "Müller", "été")
    back = read_photo(tmp_path / "written.png")
    write_photo(back, back.rgb, tmp_path / "back.jpg", "JPEG")
    with Image.open(tmp_path / "back.jpg") as image:
        assert image.info["comment"].decode() in ("Hochzeit, Rīga", "Müller", "été")


def test_the_comment_of_a_gif_goes_along(tmp_path: Path) -> None:
    GREY.convert("P").save(tmp_path / "photo.gif", comment=b"A wedding")
    photo = read_photo(tmp_path / "photo.gif")
    assert photo.metadata["texts"] == (Text("Comment", "A wedding"),)


def test_texts_too_large_for_jpeg_are_left_out_and_said(tmp_path: Path) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "x" * 70_000)
    GREY.save(tmp_path / "photo.png", pnginfo=told)
    photo = read_photo(tmp_path / "photo.png")
    notes = write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG")
    assert notes == ["the text data is larger than JPEG can hold and was left out"]
    assert write_photo(photo, photo.rgb, tmp_path / "written.png", "PNG") == []
    assert (tmp_path / "written.png").stat().st_size < 2000


WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=2000)
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=79)


@given(text=st.builds(Text, LATIN, WORDS, st.sampled_from(["", "de", "en-GB"]), WORDS))
def test_every_caption_comes_back_from_its_chunk(text: Text) -> None:
    assert from_png_chunk(*as_png_chunk(text)) == text


@given(raw=st.binary(max_size=50))
def test_no_bytes_of_a_caption_stop_anything(raw: bytes) -> None:
    packed = zlib.compress(raw)
    for kind, content in ((b"tEXt", raw), (b"zTXt", b"\0" + packed), (b"iTXt", b"\1\0\0\0" + packed)):
        text = from_png_chunk(kind, b"Title\0" + content)
        assert text is not None
        as_png_chunk(text)
    assert from_png_chunk(b"zTXt", b"Title\0\0" + packed[:-3]) is not None
