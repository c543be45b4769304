"""How much of what a published face detector finds another one finds, and how near its landmarks are.

    python benchmarks/detection.py TEACHER FOLDER ... [--detector NAME|FILE] [--whole | --side PX]
        [--score S] [--pictures DIR]

TEACHER is the published weights file, each FOLDER holds photos, and their subfolders are not looked into. Faces
are those with a box of at least 24 px, each detector with its own score threshold. By default both look at each
photo once, at its own size (large ones at --side, 1280 px), which compares the networks; `--whole` compares them
as the program uses them, with the pyramid and the second look. `--pictures` writes each face that only one of
them finds to DIR.

Found: of the teacher's faces, those that a box of the other overlaps by half (intersection over union). Extra:
the other's faces that are none of these, as a part of the teacher's; strange are those among them that the teacher
does not see at half its threshold either. Landmark error: mean distance of the five landmarks of faces found, in
parts of the teacher's distance of the eyes; a second mean leaves out profiles, whose eyes are less than a tenth of
the box apart, so that this unit is next to nothing.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.detection import PUBLISHED_THRESHOLD, TILE, RetinaFaceDetector
from core.engines.engine import Engine, Target
from core.engines.opening import open_network
from core.files import find_photos
from core.models import find_model
from core.photo import read_photo
from core.retinaface import run_retinaface
from core.types import Face, Pixels

SMALLEST = 24.0
SIZES = ((24, 48), (48, 96), (96, math.inf), (24, math.inf))
HALF = 0.5


@dataclass(frozen=True)
class Seen:
    """One face of one of the two: its size in px, its name, and its landmark error where both found it."""

    name: str
    face: Face
    error: float | None


@dataclass(frozen=True)
class Comparison:
    """The teacher's faces, those of the other detector that are none, and of these the ones that it does not even
    doubt."""

    wanted: Sequence[Seen]
    extra: Sequence[Seen]
    strange: Sequence[Seen]


def overlap(a: Face, b: Face) -> float:
    """Intersection over union of the boxes."""
    low, high = np.maximum(a.box[:2], b.box[:2]), np.minimum(a.box[2:], b.box[2:])
    both = float(np.prod(np.maximum(high - low, 0)))
    areas = sum((f.box[2] - f.box[0]) * (f.box[3] - f.box[1]) for f in (a, b))
    return both / (areas - both)


def landmark_error(found: Face, truth: Face) -> float:
    """Mean distance of the landmarks in parts of the distance of the true eyes."""
    eyes = np.hypot(*(truth.landmarks[0] - truth.landmarks[1]))
    return float(np.hypot(*(found.landmarks - truth.landmarks).T).mean() / eyes)


def is_profile(face: Face) -> bool:
    """Whether the eyes are less than a tenth of the box apart."""
    return float(np.hypot(*(face.landmarks[0] - face.landmarks[1]))) < face.size / 10


def compare(name: str, own: Sequence[Face], teachers: Sequence[Face], doubtful: Sequence[Face]) -> Comparison:
    """The faces of one photo. Each face is used once, the pairs that overlap most first."""
    pairs = sorted(
        ((overlap(a, b), i, j) for i, a in enumerate(own) for j, b in enumerate(teachers)), reverse=True
    )
    partner: dict[int, int] = {}
    for shared, i, j in pairs:
        if shared >= HALF and j not in partner and i not in partner.values():
            partner[j] = i
    wanted = [
        Seen(name, face, landmark_error(own[partner[j]], face) if j in partner else None)
        for j, face in enumerate(teachers)
        if face.size >= SMALLEST
    ]
    extra = [
        Seen(name, face, None) for i, face in enumerate(own) if i not in partner.values() and face.size >= SMALLEST
    ]
    strange = [seen for seen in extra if not any(overlap(seen.face, b) > 0.3 for b in [*teachers, *doubtful])]
    return Comparison(wanted, extra, strange)


@dataclass(frozen=True)
class Looker:
    """A detector that looks at photos once, or as the program does (`whole`)."""

    engine: Engine
    score: float
    whole: bool

    def sees(self, picture: Pixels, score: float) -> list[Face]:
        """The faces with at least this score, small ones too: one just below 24 px may be another's just above."""
        if self.whole:
            return RetinaFaceDetector(self.engine, score).detect(picture, min_face=SMALLEST / 2)
        return run_retinaface(self.engine, np.ascontiguousarray(picture[..., ::-1], np.uint8), score)

    def faces(self, picture: Pixels) -> list[Face]:
        """The faces that it is sure of."""
        return self.sees(picture, self.score)

    def sure_and_doubtful(self, picture: Pixels) -> tuple[list[Face], list[Face]]:
        """The faces that it is sure of, and those that it sees at half its score."""
        doubtful = self.sees(picture, self.score / 2)
        if self.whole:
            return self.faces(picture), doubtful
        # Suppression begins with the surest: of a single look the sure ones are the same at any lower score.
        return [face for face in doubtful if face.score > self.score], doubtful


def opened(wanted: str, whole: bool, score: float | None) -> Looker:
    """The detector that a name or path means; `score` in place of what its file says."""
    network = open_network(find_model(wanted, "detector").path, "detector", Target("pytorch", "cpu"))
    return Looker(
        network.engine, score or float(network.facts.metadata.get("score_threshold", PUBLISHED_THRESHOLD)), whole
    )


def at_most(picture: Pixels, side: int) -> Pixels:
    """The picture, shrunk where its long side is longer."""
    factor = side / max(picture.shape[:2])
    if factor >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def table(name: str, comparisons: Sequence[Comparison]) -> None:
    """Print a line for each size of faces; extra ones are of their own size, in parts of the teacher's faces."""
    for low, high in SIZES:
        wanted = [seen for c in comparisons for seen in c.wanted if low <= seen.face.size < high]
        extra = sum(low <= seen.face.size < high for c in comparisons for seen in c.extra)
        strange = sum(low <= seen.face.size < high for c in comparisons for seen in c.strange)
        errors = [seen.error for seen in wanted if seen.error is not None]
        frontal = [seen.error for seen in wanted if seen.error is not None and not is_profile(seen.face)]
        size = f"{low} to {high} px" if high < math.inf else f"{low} px and more"
        line = f"{name[:12]:12} {size:15} {len(errors):5} of {len(wanted):5}"
        if errors:
            line += f" {len(errors) / len(wanted):7.1%} {extra / len(wanted):7.1%} {strange / len(wanted):7.1%}"
            line += f"   {np.mean(errors):6.1%} {np.mean(frontal or errors):7.1%} {np.median(errors):7.1%}"
        print(line, flush=True)


def draw(folder: Path, picture: Pixels, seen: Seen, what: str) -> None:
    """Write the face and its surroundings."""
    left, top, right, bottom = (int(value) for value in seen.face.box)
    margin = int(seen.face.size)
    part = picture[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin].copy()
    corner = (min(left, margin), min(top, margin))
    cv2.rectangle(part, corner, (corner[0] + right - left, corner[1] + bottom - top), (255, 0, 0), 1)
    folder.mkdir(parents=True, exist_ok=True)
    name = folder / f"{what}-{seen.name}-{left}-{top}-{seen.face.score:.2f}.png"
    cv2.imwrite(str(name), cv2.resize(part, (160, 160))[..., ::-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--detector", default="bundled-detector")
    parser.add_argument("--whole", action="store_true", help="with the pyramid and the second look")
    parser.add_argument(
        "--side", type=int, default=TILE, help=f"longest side in px of photos looked at once ({TILE})"
    )
    parser.add_argument("--score", type=float, help="score of the other's faces (what its file says)")
    parser.add_argument("--pictures", type=Path, metavar="DIR")
    options = parser.parse_args()
    teacher = opened(options.teacher, options.whole, None)
    student = opened(options.detector, options.whole, options.score)
    every: list[Comparison] = []
    print(
        f"{'faces':28} {'found':>20} {'extra':>7} {'strange':>7}   landmarks: mean, without profiles, median, "
        "of the eyes' distance"
    )
    for folder in options.folders:
        here: list[Comparison] = []
        for file in find_photos([folder]):
            picture = read_photo(file.path).rgb
            if not options.whole:
                picture = at_most(picture, options.side)
            sure, doubtful = teacher.sure_and_doubtful(picture)
            here.append(compare(file.path.name, student.faces(picture), sure, doubtful))
            if options.pictures:
                for seen in here[-1].extra:
                    draw(options.pictures, picture, seen, "extra")
                for seen in (seen for seen in here[-1].wanted if seen.error is None):
                    draw(options.pictures, picture, seen, "missed")
        every += here
        table(folder.name, here)
    table("all", every)


if __name__ == "__main__":
    main()
