"""The rows of the table on parts: one run of the network, compositing, and starting."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import alternate
from benchmarks.restoring.bench import Bench
from benchmarks.restoring.children import ROOT, Child
from benchmarks.restoring.floors import restorer_operations
from benchmarks.restoring.models import RESTORER, WHERE_GFPGAN_LOOKS, network_input, weights_home
from benchmarks.restoring.peer_packages import peer_packages
from benchmarks.restoring.report import Check, Row, Samples, at_least, at_most, psnr
from benchmarks.restoring.rows import OURS
from benchmarks.restoring.scenes import landmarks_at

WALLET_PHOTO = ROOT / "resources" / "samples" / "wallet-photo.jpg"
WALLET_FACE = landmarks_at(170, 180, 150)
"""Roughly; what a face costs does not depend on where it is."""


def network_fp32(bench: Bench) -> Row:
    """One 512 px face in float32."""
    row, ours, theirs = _network(bench, "fp32", 2)
    error = float(np.abs(ours - theirs).max() / theirs.std())
    row.checks.append(Check("the same output to 1e-3 of its standard deviation", f"{error:.0e}", error <= 1e-3))
    return row


def network_bf16(bench: Bench) -> Row:
    """One 512 px face in bfloat16."""
    row, ours, theirs = _network(bench, "bf16", 3.9)
    quality = psnr(ours, theirs, full=float(np.ptp(theirs)))
    row.checks.append(Check("PSNR to float32 at least 45 dB", f"{quality:.1f} dB", quality >= 45))
    # The noise-like output of deterministic parameters has far outliers, which a photo has not.
    strict = psnr(ours, theirs, full=4 * float(theirs.std()))
    row.facts.append(f"PSNR is of the whole range of the output; of four deviations {strict:.1f} dB.")
    return row


def _network(bench: Bench, precision: str, wanted: float) -> tuple[Row, np.ndarray, np.ndarray]:
    image = bench.array("image", network_input().numpy())
    sides: dict[str, Child] = {"ours": bench.ours(precision), "peer": bench.peer()}
    outputs = {}
    for name, child in sides.items():
        child.ask("run_network", image=image, output=bench.array(name))
        outputs[name] = np.load(bench.array(name))
    turns = [lambda child=child: child.ask("run_network", image=image) for child in sides.values()]
    ours, peer = (Samples(seconds) for seconds in alternate(turns, bench.repeats))
    row = Row(
        f"network-{precision}",
        f"512 px network, {precision}, batch 1",
        [at_least(wanted, peer.median / ours.median, "{} times as fast", digits=2)],
        ours,
        peer,
        peer_is="fp32" if precision != "fp32" else "",
        floor=bench.rates.seconds(restorer_operations(), precision),
        floor_is="operations of the network as written here, over the rate of convolutions",
    )
    return row, outputs["ours"], outputs["peer"]


def composite(bench: Bench) -> Row:
    """One face of the same size in a small and in a large photo."""
    ours, peer = bench.ours(OURS), bench.peer()
    scenes = [bench.scene(2450, 1633, 1, 600), bench.scene(8485, 5657, 1, 600)]
    turns = [lambda scene=scene: ours.ask("compose", **scene.as_json()) for scene in scenes]
    alternate(turns, 1)
    small, large = (Samples([1000 * s for s in seconds], "ms") for seconds in alternate(turns, bench.repeats))
    pastes = [peer.ask("paste", **scene.as_json(), upscale=1) for scene in scenes]
    theirs = [1000 * (paste["seconds"] - paste["parsing"]) for paste in pastes]
    return Row(
        "composite",
        "composite one face of 360 px into 48 megapixels",
        [at_most(1.3, large.median / small.median, "{} times the time for 4 megapixels", digits=2)],
        large,
        Samples([theirs[1]], "ms"),
        peer_is="without its parsing",
        floor=1000 * _face_bytes(600) / bench.rates.bytes,
        floor_is="the bytes of the face's square in the photo, over the rate of copying",
        facts=[f"Into 4 megapixels: {small.median:.1f} ms, GFPGAN {theirs[0]:.0f} ms."],
    )


def recomposite(bench: Bench) -> Row:
    """Another strength for one face of a restored photo."""
    scene = bench.scene(6000, 4000, 1, 800)
    seconds = bench.ours(OURS).ask("recomposite", **scene.as_json(), repeats=max(9, bench.repeats))
    ours = Samples([1000 * value for value in seconds], "ms")
    paste = bench.peer().ask("paste", **scene.as_json(), upscale=1)
    return Row(
        "recomposite",
        "change the strength of one face of 480 px, 24 megapixels",
        [at_most(20, ours.median, "{} ms")],
        ours,
        Samples([1000 * paste["seconds"]], "ms"),
        peer_is="pastes anew, parsing included",
        floor=1000 * _face_bytes(800) / bench.rates.bytes,
        floor_is="the bytes of the face's square in the photo, over the rate of copying",
    )


def _face_bytes(side: int) -> int:
    return 3 * side * side


def program_help(bench: Bench) -> Row:
    """From the start of the process to its end."""
    packages = (peer_packages(),)
    turns = [
        lambda: bench.process_seconds(["-m", "app", "--help"]),
        lambda: bench.process_seconds(["-c", "import benchmarks.restoring.torchvision_shim, gfpgan"], packages),
        lambda: bench.process_seconds(["-c", "pass"]),
    ]
    alternate(turns, 1)
    ours, peer, empty = (Samples(seconds) for seconds in alternate(turns, bench.repeats))
    return Row(
        "help",
        "gfpgan-desktop --help",
        [at_most(0.3, ours.median, "{} s", digits=2)],
        ours,
        peer,
        peer_is="the imports of its script",
        floor=empty.median,
        floor_is="a Python that does nothing",
    )


def first_face(bench: Bench) -> Row:
    """From the start of the program to the first restored photo, with the caches warm."""
    arguments = ["-m", "app", "restore", str(WALLET_PHOTO), "-o", str(bench.folder / "first")]
    arguments += ["--on-exists", "overwrite", "--detector", "bundled-detector"]
    turns = [
        lambda: bench.process_seconds(arguments),
        lambda: bench.process_seconds(["-c", "import torch"]),
        lambda: _first_face_of_peer(bench),
    ]
    alternate(turns[:2], 1)
    ours, importing, peer = (Samples(seconds) for seconds in alternate(turns, min(3, bench.repeats)))
    image = bench.array("image", network_input().numpy())
    [network] = alternate([lambda: bench.ours(OURS).ask("run_network", image=image)], 1 + bench.repeats)
    floor = importing.median + Samples(network[1:]).median
    return Row(
        "first-face",
        "first restored face after process start, caches warm",
        [at_most(1.5, ours.median / floor, "{} times the import of torch and one run of the network", digits=2)],
        ours,
        peer,
        floor=floor,
        floor_is="import of torch and one run of the network",
    )


def _first_face_of_peer(bench: Bench) -> float:
    start = time.perf_counter()
    with Child("peer", weights_home(), (peer_packages(),)) as child:
        child.ask("load", restorer=str(WHERE_GFPGAN_LOOKS / RESTORER), threads=bench.threads)
        given: dict[str, Any] = {"photo": str(WALLET_PHOTO), "faces": [WALLET_FACE]}
        child.ask("restore", **given, upscale=1, output=str(Path(bench.folder) / "first-peer.jpg"))
        return time.perf_counter() - start
