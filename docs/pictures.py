"""Make the pictures of the documents with the program itself: `python3 tasks.py pictures`."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import detector_faults
import diagram
import numpy as np
import restored_faces
from PIL import Image, ImageDraw, ImageFont

from core.assembly import assemble
from core.photo import read_photo
from core.pipeline import RestorationPipeline
from core.types import BlendOptions, Pixels, RestoreOptions, RestoreRequest

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "resources" / "samples"
HEIGHT, GAP, BACKGROUND = 420, 12, (255, 255, 255)


def main() -> None:
    """Write docs/images: before-after.png, restored-faces.jpg, detector-faults.jpg, data-flow.svg, and the icon,
    which the site shows too."""
    pipeline = assemble("bundled-restorer", "bundled-detector").pipeline
    plain = RestoreOptions()
    grainy = replace(plain, blend=BlendOptions(match_grain=True))
    pairs = [
        before_and_after(pipeline, "wallet-photo.jpg", (62, 0, 172, 172), plain),
        before_and_after(pipeline, "studio-portrait.jpg", (72, 38, 230, 230), grainy),
    ]
    gap = np.full((HEIGHT, 2 * GAP, 3), BACKGROUND, np.uint8)
    picture = np.hstack([pairs[0], gap, pairs[1]])
    target = ROOT / "docs" / "images" / "before-after.png"
    target.parent.mkdir(exist_ok=True)
    Image.fromarray(picture).save(target, optimize=True)
    print(target)
    print(restored_faces.draw(target.with_name("restored-faces.jpg")))
    print(detector_faults.draw(target.with_name("detector-faults.jpg")))
    print(diagram.draw(pipeline, read_photo(SAMPLES / "album-page.jpg")))
    shutil.copyfile(ROOT / "resources" / "icons" / "gfpgan-desktop.svg", target.with_name("icon.svg"))


def before_and_after(
    pipeline: RestorationPipeline, name: str, area: tuple[int, int, int, int], options: RestoreOptions
) -> Pixels:
    """A square area (left, top, width, height) of a sample, as it is and restored, enlarged side by side."""
    photo = read_photo(SAMPLES / name)
    result = pipeline.run(RestoreRequest(photo, replace(options, upscale=2)))
    left, top, width, height = (2 * value for value in area)
    panels = [
        labelled(image[top : top + height, left : left + width], text)
        for image, text in ((result.base, "before"), (result.image, "after"))
    ]
    return np.hstack([panels[0], np.full((HEIGHT, GAP // 3, 3), BACKGROUND, np.uint8), panels[1]])


def labelled(image: Pixels, text: str) -> Pixels:
    """The picture at the height of the row with a word in its corner."""
    side = cv2.resize(image, (HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
    canvas = Image.fromarray(side)
    draw = ImageDraw.Draw(canvas, "RGBA")
    font = ImageFont.load_default(20)
    width = draw.textlength(text, font)
    draw.rounded_rectangle((10, HEIGHT - 42, 30 + width, HEIGHT - 10), 8, fill=(0, 0, 0, 150))
    draw.text((20, HEIGHT - 26), text, font=font, fill=(255, 255, 255), anchor="lm")
    return np.asarray(canvas)


if __name__ == "__main__":
    main()
