"""The parts of the benchmark of restoring that measure nothing: statistics, floors, scenes, the page."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import identity
from benchmarks.identity import Measured, at_strength, draw, report
from benchmarks.restoring.floors import Rates, count_operations
from benchmarks.restoring.report import (
    Check,
    Results,
    Row,
    Samples,
    at_least,
    at_most,
    fit_line,
    psnr,
    read_results,
    write_results,
)
from benchmarks.restoring.scenes import grid, landmarks_at
from benchmarks.restoring.tables import draw_cost, number, page
from core.alignment import FFHQ_TEMPLATE, fit_similarity
from core.networks.gfpgan import GFPGAN
from core.types import Alignment
from tests.conftest import PATIENCE


def a_row(met: bool = True) -> Row:
    return Row(
        "composite",
        "composite one face",
        [Check("at most 1.3 times", "1.1 times", met)],
        Samples([2.0, 1.0, 4.0], "ms"),
        Samples([10.0], "ms"),
        floor=0.5,
        floor_is="its bytes",
        facts=["A fact."],
        points={"ours": [(1.0, 2.0)]},
        made={"commit": "abc"},
    )


def test_samples_tell_their_median_and_spread():
    assert Samples([3.0, 1.0, 2.0, 10.0]).median == 2.5
    assert Samples([3.0, 1.0, 2.0]).spread == (1.0, 3.0)


def test_the_ratio_is_how_many_times_longer_the_peer_takes():
    assert a_row().ratio == 5.0


@pytest.mark.parametrize(
    ("check", "met"),
    [
        (at_least(2, 2.0, "{} times"), True),
        (at_least(2, 1.99, "{} times"), False),
        (at_most(0.3, 0.3, "{} s"), True),
        (at_most(0.3, 0.31, "{} s"), False),
    ],
)
def test_a_target_is_met_at_its_very_value(check, met):
    assert check.met is met


def test_results_come_back_from_their_file(tmp_path: Path):
    path = tmp_path / "deep" / "results.json"
    results = Results({"processor": "x"}, {"composite": a_row()})
    assert read_results(path) is None
    write_results(results, path)
    assert read_results(path) == results


def test_a_floor_is_the_operations_over_the_rate():
    rates = Rates({"fp32": 100.0, "bf16": 200.0}, 1.0)
    assert rates.seconds(400, "fp32") == 4.0
    assert rates.seconds(400) == 2.0


def test_operations_are_counted_without_making_them():
    network = GFPGAN("clean", 64, 16, 1, 0.06, 2)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    assert count_operations(network, 64) == counter.get_total_flops() > 0


GIVEN = """
import numpy as np
from benchmarks.restoring.instruments import Instruments
from core.alignment import FFHQ_TEMPLATE
from core.assembly import load_detector
instruments, photo = Instruments(), np.zeros((600, 700, 3), np.uint8)
instruments.give(photo, [FFHQ_TEMPLATE / 4 + 200])
(face,) = load_detector("bundled-detector")[0].detect(photo)
print(*face.landmarks.mean(axis=0).round(), instruments.pixels >= photo[..., 0].size, sorted(instruments.seconds))
"""


@pytest.mark.slow
def test_faces_are_given_to_the_detector_and_its_network_is_timed():
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", GIVEN], cwd=root, capture_output=True, text=True, timeout=PATIENCE
    )
    x, y = (FFHQ_TEMPLATE / 4 + 200).mean(axis=0).round()
    expected = f"{x} {y} True ['detector, close-ups', 'detector, whole photo']"
    assert done.stdout.strip() == expected, done.stderr[-2000:]


def test_a_straight_line_is_found_and_known_as_one():
    line = fit_line([(1, 3.0), (2, 5.0), (4, 9.0)])
    assert (line.slope, line.start, line.r_squared) == pytest.approx((2.0, 1.0, 1.0))
    assert fit_line([(1, 3.0), (2, 9.0), (4, 3.0)]).r_squared < 0.5
    with pytest.raises(ValueError, match="two points"):
        fit_line([(1, 3.0), (1, 4.0)])


def test_psnr_of_a_known_error():
    assert psnr(np.full(4, 0.1), np.zeros(4), 1.0) == pytest.approx(20.0)
    assert psnr(np.zeros(4), np.zeros(4), 1.0) == np.inf


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234.5, "1234"), (99.94, "99.9"), (1.234, "1.23"), (0.01234, "0.0123")]
)
def test_figures_have_three_digits(value, text):
    assert number(value) == text


def test_landmarks_lie_where_they_were_asked_for():
    matrix = fit_similarity(np.array(landmarks_at(100, 80, 256, 10)), Alignment.LEAST_SQUARES)
    assert matrix @ [100, 80, 1] == pytest.approx([255.5, 255.5])
    assert np.hypot(*matrix[:, 0]) == pytest.approx(2.0)


def test_a_grid_has_all_its_faces_inside_the_photo():
    faces = np.array(grid(1600, 1200, 10, 300))
    assert faces.shape == (10, 5, 2)
    assert (faces > 0).all()
    assert (faces < [1600, 1200]).all()
    assert len(np.unique(faces[:, 2].round(), axis=0)) == 10


def test_the_page_shows_target_figures_and_floor():
    text = page(Results({"processor": "a chip"}, {"composite": a_row(), "other": a_row(met=False)}))
    assert "a chip" in text
    assert (
        "| composite one face | at most 1.3 times | 2.00 ms (1.00 to 4.00) | 10.0 ms | 5.0 | 0.500 ms | met |"
        in text
    )
    assert "**missed**" in text
    assert "At most 1.3 times: 1.1 times (missed)." in text


def test_the_cost_of_faces_is_drawn(tmp_path: Path):
    names = ("ours", "inside networks", "GFPGAN")
    points = {name: [(1.0, 2.0), (2.0, 3.0), (4.0, 5.5)] for name in names}
    draw_cost(Row("cost-of-faces", "", [], Samples([1.0]), points=points), tmp_path / "images" / "plot.svg")
    assert "<svg" in (tmp_path / "images" / "plot.svg").read_text()


@pytest.mark.slow
def test_every_benchmark_finds_what_it_measures() -> None:
    root = Path(__file__).parent.parent
    # The peer has an environment of its own.
    files = [path for path in (root / "benchmarks").rglob("*.py") if path.stem != "peer"]
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in files]
    program = f"import importlib\nfor name in {names}:\n    importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr[-2000:]


# Likeness.


def measured(nearness: float, prominence: float) -> Measured:
    """Sixty people whose restored faces lie between truth and input."""
    random = np.random.default_rng(0)
    truths, drift = random.standard_normal((2, 60, 64))
    inputs, restored = truths + nearness * drift, truths + nearness / 2 * drift
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (truths, inputs, restored)]
    return Measured(*unit, random.normal(prominence, 0.1, 60))


def test_the_strength_of_a_degradation_has_the_papers_worst_at_1() -> None:
    assert [(d.sigma[1], d.factor[1], d.noise[1], d.jpeg) for d in map(at_strength, (1.0, 2.0))] == [
        (10.0, 8.0, 15.0, (60.0, 60.0)),
        (20.0, 15.0, 30.0, (20.0, 20.0)),
    ]


def test_limits_follow_from_the_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, levels = measured(0.6, -1.0), {0.6: measured(0.5, -0.9), 1.0: measured(1.0, -1.4)}
    lines = list(report(paper, levels))
    limit = np.percentile(paper.from_others, 0.1)
    assert paper.from_input.max() < limit < 90
    assert any(f"below {limit:.1f} degrees, 0.0% of restored faces above" in line for line in lines)
    severe = np.percentile(levels[0.6].prominence, 1)
    assert any(f"have a prominence below {severe:.3f}" in line for line in lines)
    assert lines[-1].startswith("| 1 |")
    assert lines[-1].endswith(f"{np.mean(levels[1.0].prominence < severe):.0%} |")
    monkeypatch.setattr(identity, "PICTURE", tmp_path / "likeness.svg")
    draw(paper, levels)
    assert "<svg" in (tmp_path / "likeness.svg").read_text()
