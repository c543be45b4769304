"""What is measured of folders, and what the report makes of it."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import Tensor, nn

from core.alignment import FFHQ_TEMPLATE
from core.errors import UsageError
from core.types import Face
from tests.conftest import smooth_photo
from trainer.scoring.meters import Metric, Networks, build_meters
from trainer.scoring.page import html
from trainer.scoring.pictures import Picture, write_crop
from trainer.scoring.scores import Method, Report, Scores, bootstrap, by_strength, measure, read_report
from trainer.scoring.tables import as_text, changes_table, main_table, markdown, other_tables, published

NONE = Networks(perceptual=["none"], identity=["none"], inception=["none"])


class Finder:
    """Finds a face a step aside for every level of the first pixel; none where it is 255."""

    def detect(self, image: np.ndarray, *_: object) -> list[Face]:
        aside = int(image[0, 0, 0])
        far = Face((0, 0, 9, 9), FFHQ_TEMPLATE + 200.0, 0.9)
        return [] if aside == 255 else [far, Face((0, 0, 9, 9), FFHQ_TEMPLATE + np.array([aside, 0]), 0.9)]


class Corners(nn.Module):
    """Features of FID: two pixels."""

    def forward(self, image: Tensor) -> Tensor:
        return image[:, :2, 0, 0]


def crop(seed: int, corner: int = 0) -> np.ndarray:
    pixels = smooth_photo(512, 512, seed)
    pixels[0, 0] = corner
    return pixels


@pytest.fixture
def folders(tmp_path: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Three truths and two results."""
    for number in range(3):
        write_crop(tmp_path / "truth" / f"{number}.png", crop(number))
    write_crop(tmp_path / "result" / "0.png", crop(0, 13))
    write_crop(tmp_path / "result" / "1.png", crop(5, 255))
    truths, results = (sorted((tmp_path / name).iterdir()) for name in ("truth", "result"))
    return {path.stem: path for path in truths}, {path.stem: path for path in results}


def step() -> None:
    pass


def test_numbers_of_each_face_and_of_the_set(folders: tuple[dict[str, Path], dict[str, Path]]) -> None:
    truths, results = folders
    meters = build_meters(NONE, Finder(), "a stand-in", compares=True)
    assert [meter.metric.key for meter in meters.each] == ["niqe", "psnr", "ssim", "landmarks"]
    assert [sentence.split(" is left out: ")[0] for sentence in meters.left_out] == [
        "LPIPS",
        "The feature distance",
        "LPIPS without heads",
        "FID",
        "Deg.",
    ]
    meters.inception = Corners()
    (found,) = measure([Method("ours", results)], list(truths), truths, meters, step)
    expected = peak_signal_noise_ratio(crop(1), crop(5, 255))
    assert found.values["psnr"][1] == pytest.approx(expected, abs=1e-3)
    assert found.values["psnr"][0] > 60
    # A missing picture has no numbers, and a face that is not found no landmarks.
    assert [value is None for value in found.values["psnr"]] == [False, False, True]
    assert [value is None for value in found.values["landmarks"]] == [False, True, True]
    eyes = np.linalg.norm(FFHQ_TEMPLATE[1] - FFHQ_TEMPLATE[0])
    assert found.values["landmarks"][0] == pytest.approx(100 * 13 / eyes)
    assert found.of_set.keys() == {"fid"}
    assert found.estimate("fid").mean > 0
    assert found.estimate("fid").low is None
    assert found.estimate("psnr").count == 2
    assert found.estimate("deg") is None


def test_without_truths_the_rest_remains(folders: tuple[dict[str, Path], dict[str, Path]]) -> None:
    _, results = folders
    meters = build_meters(NONE, Finder(), "a stand-in", compares=False)
    (found,) = measure([Method("ours", results)], list(results), None, meters, step)
    assert found.values.keys() == {"niqe"}
    assert "--reference would give" in meters.left_out[-1]


def test_intervals_hold_the_mean_of_the_distribution() -> None:
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        found = bootstrap(generator.normal(3, 1, 40).tolist())
        hits += found.low <= 3 <= found.high
    # The normal theory's interval is 2 * 1.96 / sqrt(40) wide.
    assert found.high - found.low == pytest.approx(0.62, abs=0.15)
    assert 88 <= hits <= 100
    assert bootstrap([1.0, 2.0, 4.0]) == bootstrap([1.0, 2.0, 4.0])
    assert bootstrap([5.0]).low is None


def scores(
    name: str, values: list[float | None], model: str | None = None, strength: float | None = None
) -> Scores:
    keyed = {"deg_other": values, "psnr": [None if v is None else 60 - v for v in values]}
    pictures = {f"f{place}": f"/nowhere/{name}" for place, value in enumerate(values) if value is not None}
    return Scores(name, keyed, {}, pictures, model, strength)


@pytest.fixture
def report() -> Report:
    faces = [f"f{number}" for number in range(20)]
    inputs = [float(number) + 20 for number in range(20)]
    return Report(
        about={"degradation": "paper", "seed": "0"},
        faces=faces,
        metrics=[Metric("deg_other", "Deg. (MobileFaceNet)"), Metric("psnr", "PSNR", True)],
        methods=[
            scores("Input", inputs),
            scores("M, strength 0.5", [v * 0.9 for v in inputs], "M", 0.5),
            scores("M", [v * 0.75 for v in inputs], "M", 1.0),
        ],
        left_out=["FID is left out: <no file>"],
        references={face: f"/nowhere/{face}.png" for face in faces},
        draws={face: {"sigma": float(place), "factor": 4.0} for place, face in enumerate(faces)},
    )


def test_a_report_comes_back_from_its_file(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(report.to_json())
    assert read_report(path) == report
    assert '"mean": 29.5' in path.read_text()
    path.write_text("{}")
    with pytest.raises(UsageError, match="no report of an evaluation"):
        read_report(path)


def test_curves_are_by_groups_of_faces(report: Report) -> None:
    curve = by_strength(report.methods[0], "deg_other", report.faces, report.draws, "sigma")
    assert [x for x, _ in curve] == [1.5, 5.5, 9.5, 13.5, 17.5]
    assert [estimate.mean for _, estimate in curve] == [21.5, 25.5, 29.5, 33.5, 37.5]
    assert by_strength(report.methods[0], "deg_other", report.faces, {}, "sigma") == []


def test_the_papers_rows_are_all_there(report: Report) -> None:
    tables, source = published()
    assert {name: len(table.rows) for name, table in tables.items()} == {
        "table 1": 10,
        "table 2": 5,
        "table 3": 9,
        "table 4": 5,
    }
    assert "other data" in source
    table = main_table(report)
    ours, theirs = ([row for row in table.rows if row.published is which] for which in (False, True))
    assert [row.name for row in ours] == ["Input", "M, strength 0.5", "M"]
    assert theirs[-2].name == "GFP-GAN"
    assert theirs[-2].cells["lpips"] == "0.3646"
    # Angles of another network than the paper's stand in a column of their own.
    assert "deg" not in ours[0].cells
    assert "deg_other" not in theirs[0].cells
    assert [len(other.rows) for other in other_tables(report)] == [5, 9, 5]
    assert other_tables(report)[0].title == "Table 2 of the paper (CelebA-Test, 4x super-resolution)"


def test_changes_against_the_input(report: Report) -> None:
    rows = {row.name: row.cells for row in changes_table(report).rows}
    assert rows["M"] == {"deg_other": "-25.0", "psnr": "+7.38"}
    # The paper's own: -25 % LPIPS, -28 % Deg., -0.3 dB.
    assert rows["GFP-GAN"]["lpips"] == "-25.1"
    assert rows["GFP-GAN"]["deg"] == "-27.8"
    assert rows["GFP-GAN"]["psnr"] == "-0.27"


def test_changes_are_of_the_same_faces(report: Report) -> None:
    """The inputs themselves, without the worst ones, gain nothing over them."""
    inputs = report.methods[0]
    few = scores("few", [value if value < 30 else None for value in inputs.values["deg_other"]])
    rows = {row.name: row.cells for row in changes_table(replace(report, methods=[inputs, few])).rows}
    assert rows["few"] == {"deg_other": "+0.0", "psnr": "+0.00"}


def test_lines_of_many_methods_look_different(report: Report) -> None:
    many = [scores(f"method {number}", [1.0] * 20) for number in range(18)]
    page = html(replace(report, methods=many))
    assert len(set(re.findall(r'<polyline class="([^"]+)"', page))) == 18
    assert all(f".{name}" in page for name in ("line5", "dashed", "dotted"))


def test_which_table_of_the_paper_stands_beside(report: Report) -> None:
    assert "table 1" in main_table(report).title
    assert "table 2" in main_table(replace(report, about={"degradation": "4x"})).title
    assert "table 4" in main_table(replace(report, ablation=True)).title
    alone = main_table(replace(report, references={}))
    assert not any(row.published for row in alone.rows)


def test_text_and_markdown(report: Report) -> None:
    text = as_text(main_table(report)).splitlines()
    assert text[0].split() == ["Deg.", "(MobileFaceNet)", "↓", "PSNR", "↑"]
    assert text[3].split() == ["M", "22.12", "37.88"]
    assert len(text) == 4
    page = markdown(report)
    assert page.startswith("20 faces; degradation: paper; seed: 0.")
    assert "| M |" in page
    assert "| GFP-GAN (paper) | 0.3646 |" in page
    assert "- FID is left out" in page
    named = replace(report, methods=[scores("a|b", [1.0] * 20)])
    assert "| a\\|b |" in markdown(named)


def test_a_mean_of_fewer_faces_says_so(report: Report) -> None:
    report.methods[0].values["psnr"][3:] = [None] * 17
    assert main_table(report).rows[0].cells["psnr"].startswith("39.00 [3 faces] (")


def test_the_page_needs_no_network_and_escapes(report: Report, tmp_path: Path) -> None:
    for number, face in enumerate(report.faces):
        for folder in ("truth", "in", "out"):
            write_crop(tmp_path / folder / f"{face}.png", crop(number))
        report.references[face] = str(tmp_path / "truth" / f"{face}.png")
        report.methods[0].pictures[face] = str(tmp_path / "in" / f"{face}.png")
        report.methods[2].pictures[face] = str(tmp_path / "out" / f"{face}.png")
    page = html(report)
    assert "http" not in page
    assert "<no file>" not in page
    assert page.count("<figure>") == 12
    assert page.count("data:image/jpeg;base64,") == 36
    # The face with the largest angle gains most.
    assert page.index("f19, M; best: Deg. (MobileFaceNet) 39.00 to 29.25") < page.index("f0, M; worst")
    # Two distributions, two curves over blur (the other parameter is the same for all), two over the strength.
    assert page.count("<svg") == 6
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).casefold()


def test_a_page_without_pictures_and_faces_without_numbers(report: Report) -> None:
    report.methods[0].values["psnr"][:] = [None] * 20
    assert "<img" not in html(report)
    nothing = Report({}, ["a"], report.metrics, [scores("ours", [None])], [])
    assert "<svg" not in html(nothing)
    assert main_table(nothing).rows[0].cells == {}


def test_what_networks_see_is_kept() -> None:
    picture = Picture(crop(0))
    assert picture.tensor is picture.tensor
    assert picture.tensor.shape == (1, 3, 512, 512)
    torch.testing.assert_close(picture.tensor, torch.from_numpy(crop(0)).permute(2, 0, 1)[None] / 127.5 - 1)
