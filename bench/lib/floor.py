"""The floor: what each stage of a step takes alone on one core, with Coffer's own functions."""

import json
import os
import subprocess

import measure


def program(build):
    return build / "bench/coffer-floor"


def measure_in(build, tree, folder, target, log):
    pack = folder / "floor.pack"
    try:
        with open(log, "ab") as errors:
            result = subprocess.run([program(build), tree, pack, target], check=True,
                                    stdout=subprocess.PIPE, stderr=errors, text=True)
    finally:
        pack.unlink(missing_ok=True)
    return json.loads(result.stdout)


def measure_floor(build, tree, folder, log):
    """Returns {"first", "verify", "restore": {stage: CPU seconds}} for the tree, files made on a fresh
    ext4 as a restore's are. A restore's stages are those of a verification, but for the digest, and
    "make files"."""
    measure.read_everything(tree)
    with measure.RestoreTarget(folder, 2 * measure.stored_bytes(tree) + (2 << 30)) as target:
        os.sync()
        stages = measure_in(build, tree, folder, target, log)
    read = {name: took for name, took in stages["verify"].items() if name != "digest"}
    stages["restore"] = {**read, **stages["restore"]}
    return stages
