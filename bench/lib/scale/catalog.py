"""The catalogue: made-up snapshots of many files, then real ones of fewer, and questions to both."""

import json
import subprocess
import time

from scale import bar
from scale.network_of import begin

PROGRAM = "bench/catalog-bench"
FILES_PER_FOLDER = 20


def measure(place, files, snapshots, real_files, real_snapshots):
    return [*made_up(place, files, snapshots), *real(place, real_files, real_snapshots)]


def made_up(place, files, snapshots):
    with open(place.log, "ab") as log:
        output = subprocess.run([place.build / PROGRAM, place.folder / "catalog.db", str(files),
                                 str(snapshots)], check=True, stdout=subprocess.PIPE,
                                stderr=log).stdout
    figures = json.loads(output)
    results = [
        {"what": f"first snapshot, {files:,} files", **figures["first snapshot"],
         "stored": figures["octets of the first"], "bars": []},
        {"what": f"{snapshots - 1:,} more, {figures['changes']:,} changes",
         **figures["other snapshots"], "stored": figures["octets"],
         "CPU µs for each": 1e6 * figures["other snapshots"]["cpu"] / max(1, figures["changes"]),
         "peak memory": figures["peak memory"], "bars": []},
    ]
    for what, figure in figures["questions"].items():
        asked = what in ("path", "name")
        results.append({"what": f"question: {what}", "median ms": figure["median ms"],
                        "most ms": figure["most ms"],
                        "bars": [bar("200 ms", figure["most ms"] <= 200)] if asked else []})
    results.append({"what": "sweep, 3/8 of the snapshots are gone", **figures["sweep"], "bars": []})
    return results


def real(place, files, snapshots):
    """Backups through a server, then `coffer find` by the catalogue and by a walk."""
    with begin(place) as net:
        net.add_repository()
        net.add_agent("agent")
        tree = net.folder / "tree"
        for number in range(files):
            write(tree, number, 0)
        net.coffer("backup", f"agent:{tree}", "--wait")
        for version in range(1, snapshots):
            for number in range(version, files, 200):
                write(tree, number, version)
            net.coffer("backup", f"agent:{tree}", "--wait")
        rebuilding = time.monotonic()
        net.coffer("catalog", "rebuild")
        while not is_read(net, snapshots):
            time.sleep(0.05)
        rebuilding = time.monotonic() - rebuilding
        name = f"file-{files // 2}"
        known = timed(lambda: net.coffer("find", name, "--no-walk"))
        ids = [snapshot["id"] for snapshot in net.json("snapshots")]
        walked = timed(lambda: net.coffer("find", name, *(word for snapshot in ids
                                                          for word in ("--snapshot", snapshot))))
        size = (net.state / "repositories/main/databases/catalog.db").stat().st_size
    what = f"{snapshots} real snapshots of {files:,} files"
    return [{"what": f"{what}, made anew", "wall": rebuilding, "stored": size, "bars": []},
            {"what": "… coffer find, by the catalogue", "wall": known, "bars": []},
            {"what": "… coffer find, by a walk", "wall": walked, "bars": []}]


def is_read(net, snapshots):
    state = net.json("catalog", "status")
    return state["read"] == snapshots and not state["working"]


def timed(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def write(tree, number, version):
    folder = tree / str(number // FILES_PER_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"file-{number}").write_text(f"file {number} version {version}\n")
