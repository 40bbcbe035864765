#!/usr/bin/env python3
"""Keeps a replica with coffer-solo, kills it on the way, and loses the original.

Usage: replica_test.py COFFER_SOLO COFFER_RESCUE TREE_COMPARE
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOLO, RESCUE, COMPARE = (os.path.abspath(path) for path in sys.argv[1:4])


def check(holds, what):
    if not holds:
        sys.exit("does not hold: " + what)


class Site:
    def __init__(self, base):
        self.base = base
        self.env = {**os.environ, "HOME": base}
        self.repo, self.replica, self.data, self.kit = (
            os.path.join(base, name) for name in ("repo", "replica", "data", "kit"))
        os.makedirs(self.data)
        self.change(0)
        self.solo("init")
        self.solo("recovery-kit", "export", self.kit)
        self.solo("recovery-kit", "confirm", self.kit)

    def change(self, round):
        for number in range(20):
            with open(os.path.join(self.data, f"{round}-{number}"), "wb") as file:
                file.write(os.urandom(1 + number * 50_000))

    def solo(self, *words, repo=None, state="state", expect=0):
        command = [SOLO, "--json", "--repo", repo or self.repo, "--state",
                   os.path.join(self.base, state), *words]
        run = subprocess.run(command, env=self.env, capture_output=True, text=True)
        check(run.returncode == expect,
              f"exit code {expect} of {words}, was {run.returncode}: {run.stdout}{run.stderr}")
        return run.stdout if expect == 0 else run.stdout + run.stderr

    def replicate(self, *words):
        """Needs no state; gives what was done."""
        return self.solo("replicate", "--to", self.replica, *words, state="none")

    def expect_data(self, folder):
        run = subprocess.run([COMPARE, self.data, folder], capture_output=True, text=True)
        check(run.returncode == 0, "the restored tree is the same: " + run.stdout + run.stderr)


def contents(folder):
    found = {}
    for path in glob.glob(folder + "/**", recursive=True):
        name = os.path.relpath(path, folder)
        if os.path.isfile(path) and name not in ("store", "lock", "README.txt"):
            with open(path, "rb") as file:
                found[name] = file.read()
    return found


def follows(site):
    site.solo("backup", site.data)
    first = json.loads(site.replicate())
    check(first["copied"] == first["objects"] > 0, "all was copied")
    check(contents(site.repo) == contents(site.replica), "the copy is verbatim")
    site.change(1)
    site.solo("backup", site.data)
    second = json.loads(site.replicate("--verify"))
    check(0 < second["copied"] < second["objects"], "only what is new was copied")
    check(second["verified"] + second["copied"] == second["objects"], "the rest was read")
    check(contents(site.repo) == contents(site.replica), "the copy is verbatim")
    info = json.loads(site.solo("info"))
    check(info["storeId"] != second["storeId"], "the copy has a store id of its own")


def killed(site):
    """Goes on after kill -9, at whatever moment."""
    for round in range(2, 5):
        site.change(round)
        site.solo("backup", site.data)
        process = subprocess.Popen(
            [SOLO, "--quiet", "--repo", site.repo, "replicate", "--to", site.replica, "--limit",
             "8M"], env=site.env)
        time.sleep(0.15 * round)
        process.send_signal(signal.SIGKILL)
        check(process.wait() == -signal.SIGKILL, "it was killed before its end")
        listing = subprocess.run([RESCUE, "--kit", site.kit, "list", site.replica],
                                 capture_output=True, text=True)
        check(listing.returncode == 0, "a killed replication leaves a repository: " +
              listing.stdout + listing.stderr)
    site.replicate()
    check(contents(site.repo) == contents(site.replica), "the copy is verbatim after kills")
    check(not os.listdir(os.path.join(site.replica, "tmp")), "nothing is left in tmp")


def refuses(site):
    site.solo("replicate", "--to", site.repo, expect=1)
    site.solo("replicate", "--to", site.repo + "/packs", expect=1)
    site.solo("replicate", "--to", site.data, expect=1)
    site.solo("replicate", "--to", site.replica, "--limit", "fast", expect=1)
    text = site.solo("backup", site.data, repo=site.replica, expect=1)
    check("replica" in text, "a replica is not written to: " + text)


def heals(site):
    pack = max(glob.glob(site.replica + "/packs/*/*"), key=os.path.getsize)
    with open(pack, "r+b") as file:
        file.seek(1000)
        octet = file.read(1)
        file.seek(1000)
        file.write(bytes([octet[0] ^ 4]))
    text = site.solo("replicate", "--to", site.replica, "--verify", expect=3)
    check(os.path.basename(pack) in text, "the damaged pack is named: " + text)
    check(contents(site.repo) == contents(site.replica), "what was damaged is healed")


def original_lost(site):
    shutil.rmtree(site.repo)
    shutil.rmtree(os.path.join(site.base, "state"))
    rescued = os.path.join(site.base, "rescued")
    run = subprocess.run([RESCUE, "--kit", site.kit, "restore", site.replica,
                          "latest:" + site.data, "--to", rescued], capture_output=True, text=True)
    check(run.returncode == 0, "coffer-rescue reads a replica: " + run.stdout + run.stderr)
    site.expect_data(rescued)
    site.solo("adopt", site.kit, repo=site.replica, state="new")
    restored = os.path.join(site.base, "restored")
    site.solo("restore", "latest:" + site.data, "--to", restored, repo=site.replica, state="new")
    site.expect_data(restored)
    site.change(9)
    site.solo("backup", site.data, repo=site.replica, state="new")
    site.solo("verify", repo=site.replica, state="new")
    # What was a replica can have one of its own.
    site.repo, site.replica = site.replica, os.path.join(site.base, "second")
    site.replicate()
    check(contents(site.repo) == contents(site.replica), "a replica of what was a replica")


def main():
    with tempfile.TemporaryDirectory(prefix="coffer-replica-") as base:
        site = Site(base)
        for step in (follows, killed, refuses, heals, original_lost):
            step(site)
            print("ok:", step.__name__)


main()
