"""How far restored faces are from their inputs, from the truth and from other people (docs/identity.md).

    python -m benchmarks.identity FOLDER [--network FILE] [--model NAME] [--faces 340]

The limits of the warnings come from here. FOLDER holds sharp, aligned 512 px faces (FFHQ position) of different
people. Each is degraded as the paper degrades (section 4.1, seed fixed), restored at full strength and measured;
then every third at rising strength: the ends of the paper's ranges, scaled. Prints the tables and writes
docs/images/likeness.svg.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.alignment import FFHQ_TEMPLATE
from core.assembly import assemble, load_identity_meter
from core.identity import LIMITS, IdentityMeter
from core.photo import read_photo
from core.pipeline import RestorationPipeline
from core.severity import SEVERE, prominence
from core.types import CROP_SIZE, Face, FaceCrop, Pixels
from trainer.degradation import degrade
from trainer.recipes import PAPER, Degradation

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "likeness.svg"
STRENGTHS = (0.1, 0.3, 0.6, 1.0, 1.5, 2.0)
MILD = 0.6
"""The largest strength at which a face is not called severely degraded."""
FALSE_ALARMS = 1.0
"""Percent of the faces at strengths up to `MILD` that may be warned of all the same."""
FALSE_MATCHES = 0.1
"""Percent of the pairs of different people below the limit of the angle."""
SHARES = (1, 5, 50, 95, 99)


@dataclass(frozen=True)
class Measured:
    """Embeddings of length 1, (N, D), of truths, inputs and restored faces, and the inputs' `prominence`, (N,)."""

    truths: np.ndarray
    inputs: np.ndarray
    restored: np.ndarray
    prominence: np.ndarray

    @property
    def from_input(self) -> np.ndarray:
        """Degrees between each restored face and its input: what the badge shows."""
        return own(self.restored, self.inputs)

    @property
    def from_truth(self) -> np.ndarray:
        """Degrees between each restored face and the truth."""
        return own(self.restored, self.truths)

    @property
    def from_others(self) -> np.ndarray:
        """Degrees between each restored face and the inputs of all other people."""
        angles = np.degrees(np.arccos(np.clip(self.restored @ self.inputs.T, -1, 1)))
        return np.asarray(angles[~np.eye(len(angles), dtype=bool)])


def own(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((first * second).sum(axis=1), -1, 1)))


def at_strength(strength: float) -> Degradation:
    """The ends of the paper's ranges, scaled: 1 is the worst that the paper has."""
    (_, sigma), (_, factor), (_, noise) = PAPER.sigma, PAPER.factor, PAPER.noise
    assert PAPER.jpeg is not None
    return replace(
        PAPER,
        sigma=(sigma * strength,) * 2,
        factor=(1 + (factor - 1) * strength,) * 2,
        noise=(noise * strength,) * 2,
        jpeg=(100 - (100 - PAPER.jpeg[0]) * strength,) * 2,
    )


def measure(
    pipeline: RestorationPipeline, meter: IdentityMeter, faces: list[Pixels], settings: Degradation
) -> Measured:
    rows = [_row(pipeline, meter, face, settings, seed) for seed, face in enumerate(faces)]
    return Measured(*(np.array(column) for column in zip(*rows, strict=True)))


def _row(
    pipeline: RestorationPipeline, meter: IdentityMeter, truth: Pixels, settings: Degradation, seed: int
) -> list[np.ndarray | float]:
    pixels = degrade(truth, settings, np.random.default_rng(seed))
    face = Face((0.0, 0.0, CROP_SIZE - 1.0, CROP_SIZE - 1.0), FFHQ_TEMPLATE, 1.0)
    restored = pipeline.restore_crops([FaceCrop(face, np.eye(2, 3), pixels)])[0].restored
    assert restored is not None
    embeddings = [meter.embedding(picture) for picture in (truth, pixels, restored)]
    return [*(embedding / np.linalg.norm(embedding) for embedding in embeddings), prominence(pixels)]


def table(head: str, rows: dict[str, np.ndarray], digits: int) -> Iterator[str]:
    yield f"| {head} | " + " | ".join(f"{share} %" if share != 50 else "median" for share in SHARES) + " |"
    yield "|---" * (len(SHARES) + 1) + "|"
    for name, values in rows.items():
        yield f"| {name} | " + " | ".join(f"{v:.{digits}f}" for v in np.percentile(values, SHARES)) + " |"


def report(paper: Measured, levels: dict[float, Measured]) -> Iterator[str]:
    """The tables of docs/identity.md, and what the rules give."""
    angles = {"restored and its input": paper.from_input, "restored and the truth": paper.from_truth}
    yield from table(
        "degrees, paper's degradation", angles | {"restored and other people's inputs": paper.from_others}, 1
    )
    correlation = np.corrcoef(paper.from_input, paper.from_truth)[0, 1]
    yield f"Correlation of the first two: {correlation:.2f}"
    limit = np.percentile(paper.from_others, FALSE_MATCHES)
    share = np.mean(paper.from_input >= limit)
    yield f"{FALSE_MATCHES} % of other people lie below {limit:.1f} degrees, {share:.1%} of restored faces above"
    rows = {f"input at strength {strength:g}": level.prominence for strength, level in levels.items()}
    yield from table("prominence", rows, 2)
    mild = np.concatenate([level.prominence for strength, level in levels.items() if strength <= MILD])
    severe = np.percentile(mild, FALSE_ALARMS)
    yield f"{FALSE_ALARMS} % of the faces up to strength {MILD:g} have a prominence below {severe:.3f}"
    yield f"| strength | from truth | from input | above {limit:.0f} degrees | below {severe:.2f} | either |"
    yield "|---" * 6 + "|"
    for strength, level in levels.items():
        far, guessed = level.from_input >= limit, level.prominence < severe
        medians = f"{np.median(level.from_truth):.0f} | {np.median(level.from_input):.0f}"
        shares = " | ".join(f"{np.mean(which):.0%}" for which in (far, guessed, far | guessed))
        yield f"| {strength:g} | {medians} | {shares} |"


def draw(paper: Measured, levels: dict[float, Measured]) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "likeness"
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    curves = {
        "restored and its input": (paper.from_input, "#0B7A70"),
        "restored and the truth": (paper.from_truth, "#4C78A8"),
        "restored and other people": (paper.from_others, "#B3261E"),
    }
    for name, (angles, color) in curves.items():
        bins = np.arange(0, 125, 4)
        left.hist(angles, bins, density=True, histtype="step", color=color, label=name, linewidth=1.5)
    left.axvline(LIMITS["mobilefacenet"], color="black", linestyle=":", label="the badge's limit")
    left.set_xlabel("angle in degrees")
    left.set_yticks([])
    left.legend(frameon=False, fontsize=8)
    strengths = list(levels)
    low, middle, high = np.percentile([level.prominence for level in levels.values()], (5, 50, 95), axis=1)
    right.fill_between(strengths, low, high, color="#0B7A70", alpha=0.2, label="5 to 95 % of the faces")
    right.plot(strengths, middle, color="#0B7A70", label="median")
    right.axhline(SEVERE, color="black", linestyle=":", label="severe below")
    right.set_xlabel("strength of the degradation (1: the paper's worst)")
    right.set_ylabel("prominence")
    right.legend(frameon=False, fontsize=8)
    figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--network", help="name or file of the embedding network; without, the best one")
    parser.add_argument("--model", default="bundled-restorer", help="the restorer")
    parser.add_argument("--faces", type=int, default=340)
    options = parser.parse_args()
    pipeline, (meter, file) = assemble(options.model).pipeline, load_identity_meter(options.network)
    paths = sorted(path for path in options.folder.iterdir() if path.is_file())[: options.faces]
    faces = [read_photo(path).rgb for path in paths]
    print(f"{len(faces)} faces, {options.model}, {file.title}", flush=True)
    paper = measure(pipeline, meter, faces, PAPER)
    levels = {strength: measure(pipeline, meter, faces[::3], at_strength(strength)) for strength in STRENGTHS}
    print("\n".join(report(paper, levels)))
    draw(paper, levels)


if __name__ == "__main__":
    main()
