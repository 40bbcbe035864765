#!/usr/bin/env python3
"""Status, the event stream with leases and the logs of runs, by the real programs.

Usage: status_test.py SERVER AGENT COFFER WORKER
"""

import json
import os
import sys
import unittest

import network

PROGRAMS = None


class Status(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "file").write_bytes(os.urandom(300_000))
        self.net.add_repository()
        self.net.add_agent("laptop")

    def backup(self, code=0):
        self.net.coffer("backup", f"laptop:{self.data}", "--wait", codes=(code,))

    def status(self, code, *words):
        return self.net.json("status", *words, codes=(code,))

    # Status.

    def test_a_source_through_its_states(self):
        bare = self.status(1)
        self.assertEqual((bare["state"], bare["sources"][0]["agent"]), ("unprotected", "laptop"))
        facts = self.net.json("agents")[0]["facts"]
        disks = [value.split()[2] for name, value in facts.items() if name.startswith("filesystem")]
        self.assertEqual([each["mountPoint"] for each in bare["uncovered"]], sorted(disks))
        self.backup()
        good = self.status(0)
        self.assertEqual((good["state"], good["total"]), ("protected", 1))
        self.assertEqual(good["sources"][0]["paths"], [str(self.data)])
        self.data.rename(self.net.folder / "moved")
        self.backup(code=1)
        bad = self.status(1, "--component", "laptop")["sources"][0]
        self.assertEqual(bad["state"], "failing")
        self.assertIn("no such file", bad["cause"])
        self.assertIn("coffer run show 2", bad["action"])
        self.assertEqual(self.net.coffer("status", codes=(1,)).stdout.split(b":")[0], b"failing")

        self.net.coffer("status", "acknowledge", bad["id"], "--reason", "it moves")
        self.assertEqual(self.status(0)["sources"][0]["more"]["acknowledgedReason"], "it moves")
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        self.assertEqual(self.status(0)["state"], "protected")
        self.net.coffer("status", "withdraw", bad["id"])
        self.assertEqual(self.status(1)["state"], "failing")
        self.net.coffer("status", "drop", bad["id"])
        self.assertEqual(self.status(1)["sources"][0]["paths"], [])
        (self.net.folder / "moved").rename(self.data)
        self.backup()
        self.assertEqual(self.status(0)["total"], 1)

    # Events.

    def events(self, *words):
        lines = self.net.coffer("--json", "events", *words).stdout.decode().splitlines()
        return [json.loads(line) for line in lines]

    def test_a_reader_with_a_lease_misses_nothing(self):
        first = self.events("--lease", "ticker")
        self.assertIn("agent-attached", [event["kind"] for event in first])
        self.assertEqual(self.events("--lease", "ticker"), [])
        self.backup()
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        network.eventually("it is back", lambda: self.net.is_attached("laptop"))
        second = self.events("--lease", "ticker", "--kind", "run-*")
        self.assertEqual([event["kind"] for event in second],
                         ["run-ordered", "run-started", "run-ended"])
        self.assertGreater(second[0]["number"], first[-1]["number"])
        self.assertEqual(self.events("--lease", "ticker", "--kind", "run-*"), [])
        # All of them are still there for who asks otherwise.
        self.assertEqual([event["subject"] for event in self.events("--kind", "run-ended")], ["1"])
        self.assertEqual(self.events("--subject", "none"), [])
        of_agent = self.events("--component", "laptop")
        self.assertIn("run-ended", [event["kind"] for event in of_agent])
        self.assertNotIn("repository-created", [event["kind"] for event in of_agent])

    # Logs of runs.

    def test_the_log_of_a_run(self):
        (self.data / "hidden").write_text("x")
        self.backup()
        entries = self.net.json("run", "log", 1)
        self.assertEqual([entry["code"] for entry in entries],
                         ["run-ordered", "run-started", "run-ended"])
        self.assertEqual(entries[-1]["level"], "info")
        self.net.coffer("backup", f"laptop:{self.data}/none", "--wait", codes=(1,))
        errors = self.net.json("run", "log", 2, "--level", "error")
        self.assertEqual([entry["code"] for entry in errors], ["run-ended"])
        self.assertIn("no such file", errors[0]["message"])
        text = self.net.coffer("run", "log", 2, "--text", "no such file").stdout.decode()
        self.assertEqual(len(text.splitlines()), 1)
        self.net.coffer("run", "log", 99, codes=(1,))


if __name__ == "__main__":
    PROGRAMS, _ = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
