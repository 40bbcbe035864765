#!/usr/bin/env python3
"""Kills the real coffer-solo before each of its writes, renames, syncs and unlinks in turn.

After each kill the repository verifies, the next backup succeeds, and old and new snapshots come back
whole; an interrupted restore goes on to the same tree. Usage:
    crash_points_test.py COFFER_SOLO TREE_COMPARE PRELOAD_LIBRARY [--all]
Without --all every few points are tried, so that a run stays short: always the same ones.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

SOLO, COMPARE, PRELOAD = (os.path.abspath(path) for path in sys.argv[1:4])
POINTS_PER_VERB = 10**6 if "--all" in sys.argv else 30


class World:
    """A folder with a source, a repository that holds one snapshot of it, and the state."""

    def __init__(self, base):
        self.base = base

    def path(self, name):
        return os.path.join(self.base, name)

    def solo(self, *args, env=None, expect=(0,)):
        command = [SOLO, "--repo", self.path("repo"), "--state", self.path("state"), "--quiet", *args]
        run = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True)
        if expect is not None and run.returncode not in expect:
            sys.exit(f"{' '.join(args)}: exit {run.returncode}\n{run.stdout.decode()}"
                     f"{run.stderr.decode()}")
        return run

    def clone(self, to):
        subprocess.run(["cp", "-a", self.base, to], check=True)
        return World(to)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def make_source(folder):
    os.makedirs(os.path.join(folder, "deep", "er"))
    write(os.path.join(folder, "large"), bytes(range(256)) * 12000)
    write(os.path.join(folder, "deep", "small"), b"small")
    write(os.path.join(folder, "deep", "er", "empty"), b"")
    os.symlink("../small", os.path.join(folder, "deep", "er", "link"))
    os.link(os.path.join(folder, "deep", "small"), os.path.join(folder, "hard"))


def change_source(folder):
    write(os.path.join(folder, "new"), os.urandom(300_000))
    write(os.path.join(folder, "deep", "small"), b"not so small any more")


def same(a, b, what):
    run = subprocess.run([COMPARE, "--ignore-mtime-of-root", a, b], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{what}: {a} and {b} differ\n{run.stdout}{run.stderr}")


def count_points(world, args, expect=(0,)):
    counter = world.path("count")
    world.solo(*args, env={"LD_PRELOAD": PRELOAD, "COFFER_CRASH_COUNT": counter}, expect=expect)
    with open(counter) as file:
        return int(file.read())


def points(total):
    step = max(1, total // POINTS_PER_VERB)
    return range(1, total + 1, step)


def crash(world, args, point):
    run = world.solo(*args, env={"LD_PRELOAD": PRELOAD, "COFFER_CRASH_AT": str(point)}, expect=None)
    # Threads make the number of points vary a little: a late one may not be reached.
    if run.returncode not in (0, -signal.SIGKILL):
        sys.exit(f"{args[0]} at point {point}: exit {run.returncode}\n{run.stderr.decode()}")
    return run.returncode != 0


def check_after(world, point, what, old_source, snapshot):
    """What has to hold after any crash of a verb that writes to the repository."""
    world.solo("verify")
    world.solo("backup", world.path("source"))
    world.solo("verify")
    world.solo("restore", f"latest:{world.path('source')}", "--to", world.path("latest"))
    same(world.path("source"), world.path("latest"), f"{what} point {point}, latest")
    if snapshot:
        world.solo("restore", f"{snapshot}:{old_source}", "--to", world.path("old"))
        same(world.path("kept"), world.path("old"), f"{what} point {point}, old snapshot")


def latest_id(world):
    return json.loads(world.solo("--json", "snapshots").stdout)[-1]["id"]


def main():
    with tempfile.TemporaryDirectory(prefix="coffer-crash-") as scratch:
        origin = World(os.path.join(scratch, "origin"))
        os.makedirs(origin.path("source"))
        make_source(origin.path("source"))
        subprocess.run(["cp", "-a", origin.path("source"), origin.path("kept")], check=True)
        origin.solo("init")
        origin.solo("recovery-kit", "export", origin.path("kit"))
        origin.solo("recovery-kit", "confirm", origin.path("kit"))
        origin.solo("backup", origin.path("source"))
        snapshot = latest_id(origin)
        old_source = origin.path("source")
        change_source(origin.path("source"))

        tried = {}

        def matrix(what, args_of, check):
            probe = origin.clone(os.path.join(scratch, "probe"))
            total = count_points(probe, args_of(probe))
            shutil.rmtree(probe.base)
            tried[what] = 0
            for point in points(total):
                world = origin.clone(os.path.join(scratch, f"{what}-{point}"))
                tried[what] += crash(world, args_of(world), point)
                check(world, point)
                shutil.rmtree(world.base)

        matrix("backup", lambda world: ("backup", world.path("source")),
               lambda world, point: check_after(world, point, "backup", old_source, snapshot))
        matrix("forget", lambda world: ("forget", "--now", snapshot),
               lambda world, point: check_after(world, point, "forget", old_source, None))
        matrix("verify", lambda world: ("verify",),
               lambda world, point: check_after(world, point, "verify", old_source, snapshot))

        def restore_args(world):
            return ("restore", f"{snapshot}:{old_source}", "--to", world.path("target"))

        def check_restore(world, point):
            target = world.path("target")
            begun = os.path.isdir(target) and os.listdir(target)
            # Killed at its very end, it was complete and there is nothing to go on with.
            world.solo(*restore_args(world), *(["--resume"] if begun else []),
                       expect=(0, 1) if begun else (0,))
            same(world.path("kept"), target, f"restore point {point}")
            world.solo("verify")

        matrix("restore", restore_args, check_restore)
        for what, count in tried.items():
            print(f"{what}: killed at {count} points")
            if count == 0:
                sys.exit(f"{what}: nothing was killed")


main()
