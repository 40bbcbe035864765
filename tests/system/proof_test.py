#!/usr/bin/env python3
"""What becomes of backups behind their commit: they are proven, or turn out damaged.

Usage: proof_test.py SERVER AGENT COFFER WORKER
"""

import glob
import os
import sys
import unittest

import network

PROGRAMS = None


class Proof(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.data = self.net.folder / "data"
        self.data.mkdir()
        self.repository = self.net.add_repository()
        self.net.add_agent("laptop")

    def fill(self, mebibytes):
        for number in range(mebibytes):
            (self.data / f"{mebibytes}-{number}").write_bytes(os.urandom(1 << 20))

    def kinds(self, run):
        return [line["code"] for line in self.net.json("run", "log", run)]

    def backup(self, *words, codes=(0,)):
        return self.net.json("backup", f"laptop:{self.data}", *words, codes=codes)

    def status(self):
        return self.net.json("status", codes=None)["state"]

    def damage_all(self):
        for pack in glob.glob(f"{self.repository}/packs/*/*"):
            with open(pack, "r+b") as file:
                file.seek(os.path.getsize(pack) // 2)
                octet = file.read(1)
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([octet[0] ^ 0x20]))

    def cut_while_verifying(self):
        """A backup whose server was killed behind its commit."""
        for mebibytes in (64, 128, 256, 512):
            self.fill(mebibytes)  # anew each time
            run = self.backup("--wait")
            self.net.server.kill()
            if run["state"] == "verifying":
                return run
            self.net.server.start()
            self.net.login()
            network.eventually("laptop is back", lambda: self.net.is_attached("laptop"))
        self.fail("each was proven at once")

    def backup_that_stores_nothing(self):
        """Others make folders in /tmp, which is a part of the snapshot."""
        for _ in range(20):
            run = self.backup("--wait")
            if run["counts"]["storedBytes"] == 0:
                return run
            self.net.wait_for_run(run["number"])
        self.fail("each has stored something")

    def test_waits_for_the_commit_or_for_the_proof(self):
        self.fill(64)
        run = self.backup("--wait")
        self.assertIn(run["state"], ("verifying", "succeeded"))
        self.assertEqual([each["id"] for each in self.net.json("snapshots")], [run["snapshot"]])
        ended = self.net.wait_for_run(run["number"])
        self.assertEqual(ended["state"], "succeeded", ended)
        # All may be verified before its agent has told the end.
        told = ["run-ordered", "run-started", "run-ended"]
        if ended["committed"]:
            self.assertLessEqual(ended["committed"], ended["ended"])
            told.insert(2, "run-committed")
        self.assertEqual(self.kinds(run["number"]), told)
        self.fill(9)
        self.assertEqual(self.backup("--wait-proven")["state"], "succeeded")
        again = self.backup_that_stores_nothing()
        self.assertEqual((again["state"], again["committed"]), ("succeeded", None))
        self.assertEqual(self.kinds(again["number"]),
                         ["run-ordered", "run-started", "run-ended"])

    def test_goes_on_after_a_kill(self):
        run = self.cut_while_verifying()
        self.net.server.start()
        self.net.login()
        ended = self.net.wait_for_run(run["number"])
        self.assertEqual((ended["state"], ended["attempt"]), ("succeeded", 1), ended)
        self.assertEqual(ended["committed"], run["committed"])

    def damaged_while_verifying(self):
        """A backup that turned out damaged; those that were proven before their server was killed are not."""
        for _ in range(4):
            run = self.cut_while_verifying()
            self.damage_all()
            self.net.server.start()
            self.net.login()
            ended = self.net.wait_for_run(run["number"])
            if ended["state"] != "succeeded":
                return ended
            network.eventually("laptop is back", lambda: self.net.is_attached("laptop"))
        self.fail("each was proven before the server was killed")

    def test_damage_behind_the_commit_ends_it_failed(self):
        run = ended = self.damaged_while_verifying()
        self.assertEqual(ended["state"], "failed", ended)
        self.assertIn("DAMAGED after its commit: pack ", ended["message"])
        problems = self.net.json("run", "show", run["number"])["problemList"]
        self.assertEqual({each["code"] for each in problems}, {"corrupt"})
        network.eventually("its source is in danger",
                           lambda: self.status() in ("unprotected", "failing"))
        # The next one stores it again.
        network.eventually("laptop is back", lambda: self.net.is_attached("laptop"))
        self.assertEqual(self.backup("--wait-proven")["state"], "succeeded")
        network.eventually("its source is protected", lambda: self.status() == "protected")


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
