#!/usr/bin/env python3
"""Prunes beside backups, restores, forgetting and verifications, while programs are killed: what is
to be there comes back, what is not needed goes.

Usage: prune_test.py SERVER AGENT COFFER WORKER TREE-COMPARE
"""

import os
import random
import shutil
import subprocess
import sys
import unittest

import network
from network_faults_test import kill_worker

PROGRAMS = None
COMPARE = None
SEED = int(os.environ.get("COFFER_SEED", "20261126"))
ROUNDS = 6
AGENTS = ("one", "two")
VICTIMS = ("nothing", "worker", "server")


def folder_size(folder):
    return sum(entry.stat().st_size for entry in folder.rglob("*") if entry.is_file())


class Pruning(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.random = random.Random(SEED)
        self.repository = self.net.add_repository()
        self.agents = {name: self.net.add_agent(name) for name in AGENTS}
        self.trees = {name: self.net.folder / f"data-{name}" for name in AGENTS}
        self.kept = {}  # copies of the trees by snapshot

    def change(self, tree):
        """Half of the files are others afterwards; what both agents have in common stays."""
        tree.mkdir(exist_ok=True)
        for number in range(40):
            if self.random.random() < 0.5 or not any(tree.iterdir()):
                file = tree / f"file-{number}"
                file.write_bytes(self.random.randbytes(self.random.randrange(1, 400_000)))
        common = tree / "common"
        common.mkdir(exist_ok=True)
        for number in range(10):
            (common / f"{number}").write_bytes(random.Random(number).randbytes(200_000))

    def start(self, *words):
        return self.net.json(*words)["run"]

    def end(self, number):
        run = self.net.wait_for_run(number)
        self.assertIn(run["state"], ("succeeded", "warnings"), run)
        return run

    def restore_ordered(self, snapshot, name):
        target = self.net.folder / name
        tree, agent = self.kept[snapshot]
        number = self.start("restore", snapshot, str(self.trees[agent]), "--to",
                            f"{agent}:{target}")
        return number, tree, target

    def expect_restored(self, order):
        number, tree, target = order
        self.end(number)
        network.compare(COMPARE, tree, target)
        shutil.rmtree(target)

    def kill(self, victim):
        if victim == "worker":
            kill_worker(self.agents[self.random.choice(AGENTS)])
        elif victim == "server":
            self.net.server.kill()
            self.start_server()

    def start_server(self):
        self.net.server.start()
        self.net.login()
        for name in AGENTS:
            network.eventually(f"{name} is back", lambda name=name: self.net.is_attached(name))

    def do_round(self, number):
        victim = VICTIMS[number % len(VICTIMS)]
        print(f"round {number}, killed: {victim}", flush=True)
        for name in AGENTS:
            self.change(self.trees[name])
        backups = {name: self.start("backup", f"{name}:{self.trees[name]}") for name in AGENTS}
        others = [self.start("prune", "--repack-at", "10"), self.start("verify")]
        restores = []
        if self.kept:
            snapshot = self.random.choice(sorted(self.kept))
            restores.append(self.restore_ordered(snapshot, f"restored-{number}"))
        self.kill(victim)
        for name, run in backups.items():
            snapshot = self.end(run)["snapshot"]
            copy = self.net.folder / f"copy-{number}-{name}"
            subprocess.run(["cp", "-a", self.trees[name], copy], check=True)
            self.kept[snapshot] = (copy, name)
        for order in restores:
            self.expect_restored(order)
        for run in others:
            self.end(run)
        if len(self.kept) > 3:
            self.forget(self.random.choice(sorted(self.kept)))

    def forget(self, snapshot):
        self.net.coffer("forget", snapshot, "--now")
        del self.kept[snapshot]

    def test_what_is_needed_stays_and_what_is_not_goes(self):
        print(f"COFFER_SEED={SEED}", flush=True)
        for number in range(ROUNDS):
            self.do_round(number)
        self.end(self.start("verify"))
        listed = {snapshot["id"] for snapshot in self.net.json("snapshots")}
        self.assertLessEqual(set(self.kept), listed)
        # A run that was cut behind its commit makes another snapshot in its next attempt.
        for extra in listed - set(self.kept):
            self.net.coffer("forget", extra, "--now")
        for number, snapshot in enumerate(sorted(self.kept)):
            self.expect_restored(self.restore_ordered(snapshot, f"last-{number}"))

        before = folder_size(self.repository)
        for snapshot in sorted(self.kept)[1:]:
            self.forget(snapshot)
        # What sessions of killed workers were promised is kept for as long as their lease.
        self.net.server.stop()
        self.start_server()
        run = self.end(self.start("prune", "--repack-at", "10", "--interrupted"))
        after = folder_size(self.repository)
        self.assertGreater(run["counts"]["deletedBytes"], 0, run)
        [last] = self.kept
        needed = folder_size(self.kept[last][0])
        print(f"{before} octets before the last prune, {after} after; {needed} are needed")
        self.assertLess(after, needed * 5 // 4 + 1_000_000)
        self.expect_restored(self.restore_ordered(last, "last"))
        self.end(self.start("verify"))

    def test_a_preview_changes_nothing(self):
        self.change(self.trees["one"])
        first = self.end(self.start("backup", f"one:{self.trees['one']}"))["snapshot"]
        shutil.rmtree(self.trees["one"])
        self.change(self.trees["one"])
        self.end(self.start("backup", f"one:{self.trees['one']}"))
        self.net.coffer("forget", first, "--now")
        before = folder_size(self.repository / "packs")
        told = self.end(self.start("prune", "--preview", "--interrupted"))["counts"]
        self.assertEqual(folder_size(self.repository / "packs"), before)
        self.assertGreater(told["unneededBytes"] + told["repackedBytes"], 0, told)
        done = self.end(self.start("prune", "--interrupted"))["counts"]
        self.assertGreater(done["deletedBytes"], 0, done)
        self.assertLess(folder_size(self.repository / "packs"), before)

    def test_bad_words_are_refused(self):
        self.net.coffer("prune", "--repack-at", "0", codes=(2,))
        self.net.coffer("prune", "--repo", "nowhere", codes=(1,))


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    COMPARE = rest[0]
    unittest.main(argv=sys.argv[:1] + rest[1:])
