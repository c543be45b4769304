"""The rows of the table on whole photos; each takes a `Bench` and measures both sides by turns."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.measuring import alternate
from benchmarks.restoring.bench import Bench
from benchmarks.restoring.floors import detector_operations, parser_operations, restorer_operations
from benchmarks.restoring.report import Check, Row, Samples, at_least, at_most, fit_line
from benchmarks.restoring.scenes import Scene, made_scenes, scenes_of_photos

OURS = "auto"
"""The configuration that a user gets."""

PARSER_SIZE = 256
"""At which the label map is made in the floor; the mask is blurred so much that more shows nothing."""


def whole_photo(bench: Bench) -> Row:
    """Ten faces, upscale 2, file to file."""
    scene = bench.scene(1600, 1200, 10, 300)
    replies, peer = _side_by_side(bench, scene, upscale=2, peer_repeats=2)
    ours = Samples([reply["seconds"] for reply in replies])
    times = Samples(peer).median / ours.median
    return Row(
        "whole-photo",
        f"{len(scene.faces)} faces, 1.9 megapixels, upscale 2, file to file",
        [at_least(10, times, "{} times as fast")],
        ours,
        Samples(peer),
        floor=_floor(bench, len(scene.faces), replies[0]["pixels"]),
        floor_is=FLOOR_OF_PHOTOS,
        facts=[_profile(replies)],
    )


def many_photos(bench: Bench) -> Row:
    """Twenty photos in one call of the command line."""
    count = 3 if bench.quick else 20
    scenes = scenes_of_photos(bench.photos, count) if bench.photos else made_scenes(bench.folder, count)
    faces = sum(len(scene.faces) for scene in scenes)
    ours, peer = bench.ours(OURS), bench.peer()

    def our_turn() -> dict[str, float]:
        output = str(bench.folder / "many-ours")
        return ours.ask("restore_all", scenes=[scene.as_json() for scene in scenes], upscale=2, output=output)

    def their_turn() -> float:
        return sum(
            peer.ask("restore", **s.as_json(), upscale=2, output=str(bench.folder / "many-peer" / s.photo.name))
            for s in scenes
        )

    our_turn()
    [[peer_seconds]] = alternate([their_turn], 1)
    [replies] = alternate([our_turn], min(3, bench.repeats))
    seconds = Samples([reply["seconds"] for reply in replies])
    share = _share(replies)
    kind = "real" if bench.photos else "synthetic"
    return Row(
        "many-photos",
        f"{len(scenes)} {kind} photos of 1 to 4 faces ({faces} in all), upscale 2, in one call",
        [
            at_least(8, peer_seconds / seconds.median, "{} times as fast"),
            Check("at least 90 % of the time inside the networks", f"{share:.0%} inside", share >= 0.9),
        ],
        seconds,
        Samples([peer_seconds]),
        floor=_floor(bench, faces, replies[0]["pixels"]),
        floor_is=FLOOR_OF_PHOTOS,
        facts=[_profile(replies)],
    )


def memory(bench: Bench) -> Row:
    """The most that a process holds for a large photo."""
    scene = bench.scene(6000, 4000, 10, 800)
    peaks: dict[str, float] = {}
    for name, new in (("ours", lambda: bench.new_ours(OURS)), ("peer", bench.new_peer)):
        with new() as child:
            child.ask("restore", **scene.as_json(), upscale=2, output=bench.output(name))
            peaks[name] = child.ask("peak") / 1e9
    width, height = 12000, 8000
    return Row(
        "memory",
        "peak memory: 24 megapixels, 10 faces, upscale 2",
        [at_most(0.5, peaks["ours"] / peaks["peer"], "{} of GFPGAN's", digits=2)],
        Samples([peaks["ours"]], "GB"),
        Samples([peaks["peer"]], "GB"),
        floor=(width * height * 3 + width * height * 3 // 4) / 1e9,
        floor_is="the photo and the result, 3 bytes a pixel",
    )


def cost_of_faces(bench: Bench) -> Row:
    """The same photo with ever more faces."""
    scene = bench.scene(2400, 1600, 40, 280)
    counts = [1, 2] if bench.quick else [1, 2, 4, 8, 16, 28, 40]
    ours, peer = bench.ours(OURS), bench.peer()

    def ask(child: Any, count: int) -> Any:
        some = scene.with_faces(count).as_json()
        return child.ask("restore", **some, upscale=1, output=bench.output("cost"))

    ask(ours, 2)
    replies = [ask(ours, count) for count in counts]
    points = {
        "ours": [(count, reply["seconds"]) for count, reply in zip(counts, replies, strict=True)],
        "inside networks": [
            (count, sum(reply["networks"].values())) for count, reply in zip(counts, replies, strict=True)
        ],
        "GFPGAN": [(count, ask(peer, count)) for count in counts[:3]],
    }
    line, networks, theirs = (fit_line(points[name]) for name in ("ours", "inside networks", "GFPGAN"))
    return Row(
        "cost-of-faces",
        "seconds a face: slope over 1 to 40 faces in one photo of 3.8 megapixels",
        [
            Check("a straight line", f"R² {line.r_squared:.4f}", line.r_squared >= 0.995),
            at_most(1.1, line.slope / networks.slope, "{} times the networks' time", digits=2),
        ],
        Samples([line.slope]),
        Samples([theirs.slope]),
        peer_is="over 1 to 4 faces",
        floor=bench.rates.seconds(restorer_operations() + parser_operations(PARSER_SIZE)),
        floor_is="operations of restorer and parser at 256 px for one face, over the rate of convolutions",
        facts=[f"Without any face the photo takes {line.start:.1f} s, GFPGAN {theirs.start:.1f} s."],
        points=points,
    )


FLOOR_OF_PHOTOS = (
    "operations of the networks (restorer; parser at 256 px; detector on all that it was shown) over the rate of "
    "convolutions"
)


def _side_by_side(bench: Bench, scene: Scene, upscale: int, peer_repeats: int) -> tuple[list[Any], list[float]]:
    """Our replies and the peer's seconds, by turns; ours goes on alone when the peer has had its turns."""
    ours, peer = bench.ours(OURS), bench.peer()
    options = {**scene.as_json(), "upscale": upscale}
    our_turn = lambda: ours.ask("restore", **options, output=bench.output("ours"))  # noqa: E731
    their_turn = lambda: peer.ask("restore", **options, output=bench.output("peer"))  # noqa: E731
    our_turn()
    replies, seconds = alternate([our_turn, their_turn], min(peer_repeats, bench.repeats))
    [rest] = alternate([our_turn], max(0, bench.repeats - peer_repeats))
    return replies + rest, seconds


def _floor(bench: Bench, faces: int, pixels: float) -> float:
    each = restorer_operations() + parser_operations(PARSER_SIZE)
    return bench.rates.seconds(faces * each + pixels * detector_operations())


def _share(replies: list[dict[str, Any]]) -> float:
    inside = sum(sum(reply["networks"].values()) for reply in replies)
    return float(inside / sum(reply["seconds"] for reply in replies))


def _profile(replies: list[dict[str, Any]]) -> str:
    parts = {name: median(reply["networks"][name] for reply in replies) for name in replies[0]["networks"]}
    rest = median(reply["seconds"] - sum(reply["networks"].values()) for reply in replies)
    largest_first = sorted(parts.items(), key=lambda part: -part[1])
    named = "; ".join(f"{name} {seconds:.2f} s" for name, seconds in largest_first)
    return f"Where the time goes: {named}; outside of the networks {rest:.2f} s ({_share(replies):.0%} inside)."
