#!/usr/bin/env python3
"""Runs that wait for slots and windows and that are paused, with the real programs, over a kill -9 of
the server.

Usage: runs_queue_test.py SERVER AGENT COFFER WORKER
"""

import json
import os
import sys
import time
import unittest

import network

PROGRAMS = None
FILES, FILE = 30, 4_000_000  # of a backup that takes a while
HOUR = 3600


def window(begin, end):
    """Hours of every day, as seconds from now."""
    def clock(seconds):
        return time.strftime("%H:%M", time.gmtime(time.time() + seconds))
    return f"window=mon-sun {clock(begin)}-{clock(end)}"


class RunsQueue(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        with open(self.net.state / "server.ini", "a", encoding="utf-8") as settings:
            settings.write("\n[runs]\nof-repository = 1\n")
        self.net.restart()
        self.repository = self.net.add_repository()
        self.agent = self.net.add_agent("one")
        self.large = self.make_data("large", FILES, FILE)
        self.small = self.make_data("small", 1, 1000)

    def make_data(self, name, files, size):
        folder = self.net.folder / name
        folder.mkdir()
        for number in range(files):
            (folder / f"noise-{number}").write_bytes(os.urandom(size))
        return folder

    def order(self, folder, *words):
        return self.net.json("backup", f"one:{folder}", *words)["run"]

    def order_large(self):
        number = self.order(self.large, "--workers", "1", "--read-rate", "20M")
        self.net.wait_for_run(number, "running")
        return number

    def show(self, number):
        return self.net.json("run", "show", number)

    def queue(self):
        return [run["number"] for run in self.net.json("runs", "--queue")]

    def started(self):
        """Numbers of the runs that have begun, in that order."""
        events = self.net.coffer("--json", "events", "--kind", "run-started").stdout.decode()
        return [int(json.loads(line)["subject"]) for line in events.splitlines()]

    def wait_until_a_third_is_stored(self, number):
        def look():
            run = self.show(number)
            self.assertEqual(run["state"], "running", run)
            return run["counts"].get("storedBytes", 0) > FILES * FILE // 3
        network.eventually("a third of it is stored", look)

    def check_rest(self, number):
        """It has succeeded, read the rest alone in the end, and nothing was sent twice."""
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], "succeeded", run)
        self.assertEqual(run["counts"]["files"], FILES)
        whole = FILES * FILE
        # What was in packs that were open when it stopped is read again, not more.
        self.assertLess(run["counts"]["readBytes"], whole * 8 // 10)
        stored = sum(file.stat().st_size for file in (self.repository / "packs").rglob("*")
                     if file.is_file())
        print(f"{whole} bytes, stopped behind more than a third: the last attempt read "
              f"{run['counts']['readBytes']}, {stored} are stored")
        self.assertLess(stored, whole * 11 // 10)

    def test_limits_priorities_and_pauses(self):
        first = self.order_large()
        second = self.order(self.small)
        third = self.order(self.small, "--priority", "5")
        reason = "waiting for a slot of repository main"
        run = self.show(second)
        self.assertEqual((run["state"], run["message"]), ("waiting", reason))
        self.assertIn(reason, self.net.coffer("runs").stdout.decode())
        self.assertIn(reason, self.net.coffer("run", "show", second).stdout.decode())
        self.assertEqual(self.queue(), [third, second])
        self.net.coffer("run", "priority", second, "10")
        self.assertEqual(self.queue(), [second, third])
        self.net.coffer("run", "priority", second, "0")

        self.wait_until_a_third_is_stored(first)
        self.net.coffer("pause", first, "--reason", "the line is needed")
        parked = self.net.wait_for_run(first, "parked")
        self.assertEqual(parked["message"], "paused by admin: the line is needed")
        for number in (second, third):
            self.assertEqual(self.net.wait_for_run(number)["state"], "succeeded")
        self.assertEqual(self.started(), [first, third, second])
        self.assertEqual(self.queue(), [first])
        self.net.coffer("resume", first)
        self.check_rest(first)
        audit = self.net.coffer("--json", "audit", "list").stdout.decode()
        for action in ("run-paused", "run-resumed", "run-prioritised"):
            self.assertIn(f'"{action}"', audit)

    def test_a_server_that_is_killed_while_one_is_parked_and_one_waits(self):
        paused = self.order_large()
        self.net.coffer("pause", paused)
        self.net.wait_for_run(paused, "parked")
        other = self.make_data("other", FILES // 2, FILE)
        at_work = self.order(other, "--workers", "1", "--read-rate", "20M")
        self.net.wait_for_run(at_work, "running")
        waiting = self.order(self.small, "--priority", "-1")
        self.assertEqual(self.show(waiting)["state"], "waiting")
        self.net.restart()
        self.assertEqual(self.show(paused)["message"], "paused by admin")
        # What was at work keeps its slot, though its session at the store has gone with the server.
        ended = self.net.wait_for_run(waiting)
        self.assertEqual(ended["state"], "succeeded")
        # It has given its slot back with its commit; what comes behind that is nobody's slot.
        before = self.net.wait_for_run(at_work)
        self.assertEqual(before["state"], "succeeded")
        self.assertLessEqual(before["committed"], ended["started"])
        self.assertEqual(self.queue(), [paused])
        self.net.coffer("resume", paused)
        self.assertEqual(self.net.wait_for_run(paused)["state"], "succeeded")

    def test_a_window_that_closes_parks_and_the_next_goes_on(self):
        # Slow enough to be at work still when the server has seen that the window is closed.
        self.net.coffer("task", "add", "office", f"source=one:{self.large}", "workers=1",
                        "read-rate=12M", "zone=UTC", window(HOUR, 2 * HOUR))
        [number] = self.net.json("task", "run", "office")["runs"]
        run = self.show(number)
        self.assertEqual(run["state"], "waiting")
        self.assertTrue(run["message"].startswith("waiting for its window, which opens at "), run)
        self.net.coffer("task", "edit", "office", window(-HOUR, HOUR))
        self.net.wait_for_run(number, "running")
        self.wait_until_a_third_is_stored(number)
        self.net.coffer("task", "edit", "office", window(-2 * HOUR, -HOUR))
        run = self.net.wait_for_run(number, "parked")
        self.assertTrue(run["message"].startswith("waiting for its window"), run)
        self.net.restart()
        self.assertEqual(self.show(number)["state"], "parked")
        self.net.coffer("task", "edit", "office", window(-HOUR, HOUR))
        self.check_rest(number)
        kinds = [entry["code"] for entry in self.net.json("run", "log", number)]
        self.assertIn("run-parking", kinds)
        self.assertIn("run-resumed", kinds)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
