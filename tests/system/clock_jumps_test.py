#!/usr/bin/env python3
"""Clocks that jump under the real programs: a server's by an hour, days and a year, while a backup runs, a
schedule waits and users are logged in; an agent's that is wrong. libfaketime answers for the clock of
each program; the monotonic one goes on, as it does when NTP or an administrator sets the other.

Usage: clock_jumps_test.py SERVER AGENT COFFER WORKER
"""

import calendar
import datetime
import glob
import os
import sys
import time
import unittest

import network

PROGRAMS = None
HOUR, DAY = 3600, 86400
SIZE = 6_000_000  # octets of a backup that is at work for half a minute and more
RATE = "150K"
LOOKS = 8  # seconds within which the server's housekeeping has looked at everything


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return found[0] if found else None


class FakeClock:
    """The clock of the programs that are run by its `words`."""

    def __init__(self, folder, name):
        self._file = folder / f"{name}.clock"
        self.ahead = 0
        self.set(0)
        self.words = ["env", f"LD_PRELOAD={library()}", f"FAKETIME_TIMESTAMP_FILE={self._file}",
                      "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
                      "FAKETIME_DISABLE_SHM=1"]

    def set(self, ahead):
        """So many seconds ahead of the true time, or behind it."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead:+d}\n")
        fresh.rename(self._file)
        self.ahead = ahead

    def now(self):
        return time.time() + self.ahead


class ClockNetwork(network.Network):
    """A network whose server has a clock of its own."""

    def server_words(self):
        self.clock = FakeClock(self.folder, "server")
        return self.clock.words


def seconds(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


@unittest.skipUnless(library(), "needs libfaketime")
class ClockJumps(unittest.TestCase):
    def setUp(self):
        self.net = ClockNetwork(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(*sys.exc_info()))
        self.clock = self.net.clock
        self.net.add_repository()
        self.agent = self.net.add_agent("laptop")
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "file").write_text("first")

    def jump(self, ahead):
        self.clock.set(ahead)
        time.sleep(LOOKS)

    def login(self):
        """A jump may close connections: in that moment nobody gets through."""
        network.eventually("the user logs in", lambda: self.net.coffer(
            "login", "--password-file", "-", stdin=self.net.password + "\n",
            codes=(0, 1)).returncode == 0)

    def is_logged_in(self):
        done = self.net.coffer("agents", codes=(0, 1))
        if done.returncode:
            self.assertIn(b"log in again", done.stderr)
        return done.returncode == 0

    def slow_tree(self):
        tree = self.net.folder / "slow"
        tree.mkdir()
        for part in range(20):
            (tree / f"part-{part}").write_bytes(os.urandom(SIZE // 20))
        return tree

    def backup(self, agent="laptop"):
        run = self.net.json("backup", f"{agent}:{self.data}")["run"]
        return self.net.wait_for_run(run, "succeeded")

    def run_task(self, task):
        [number] = self.net.json("task", "run", task)["runs"]
        return self.net.wait_for_run(number, "succeeded")

    def runs_of(self, task):
        return [run for run in self.net.json("runs") if run["task"] == task]

    def snapshots(self):
        return [snapshot["id"] for snapshot in self.net.json("snapshots")]

    def restored(self):
        target = self.net.folder / f"restored-{time.monotonic_ns()}"
        self.net.coffer("restore", "latest", "--to", f"laptop:{target}", "--wait")
        return (target / str(self.data)[1:] / "file").read_text()

    def test_a_backup_and_its_users_go_on(self):
        tree = self.slow_tree()
        run = self.net.json("backup", f"laptop:{tree}", "--workers", "1", "--read-rate", RATE)["run"]
        network.eventually("it reads", lambda: self.net.json(
            "run", "show", run)["counts"].get("readBytes", 0) > 0)
        self.jump(HOUR)
        self.assertTrue(self.is_logged_in())
        self.jump(2 * DAY)  # longer than a session may be, of which the clock is told
        self.assertFalse(self.is_logged_in())
        self.login()
        # Before the certificates were made.
        self.jump(-DAY)
        # A connection that is closed at once may hide why.
        network.eventually("it says what is wrong", lambda: b"the clock of the server may be wrong"
                           in self.net.coffer("agents", codes=(1,)).stderr)
        self.assertIn("not yet valid (it holds from", self.net.server.log.read_text())
        self.jump(0)
        self.assertTrue(self.is_logged_in())
        ended = self.net.wait_for_run(run, "succeeded")
        self.assertEqual(ended["attempt"], 1, ended)
        self.assertEqual(ended["counts"]["readBytes"], SIZE)
        target = self.net.folder / "restored"
        self.net.coffer("restore", ended["snapshot"], str(tree), "--to", f"laptop:{target}", "--wait")
        for part in tree.iterdir():
            self.assertEqual((target / part.name).read_bytes(), part.read_bytes())
        self.net.coffer("verify", "--wait")

    def test_a_daily_task_starts_once_for_each_day(self):
        due = datetime.datetime.fromtimestamp(self.clock.now() + 30 * 60, datetime.timezone.utc)
        self.net.coffer("task", "add", "daily", f"source=laptop:{self.data}", "zone=UTC",
                        f"schedule=daily at {due:%H:%M}", "catch-up=2h")

        def look():
            """The scheduler looks; gives how often the task has started by now."""
            self.login()
            self.net.coffer("task", "run", "nudge", "--wait")
            time.sleep(2)
            for run in self.runs_of("daily"):
                self.net.wait_for_run(run["number"], "succeeded")
            return len(self.runs_of("daily"))

        self.net.coffer("task", "add", "nudge", "kind=verify", "depth=structure")
        self.assertEqual(look(), 0)
        # What was due is made up for, once.
        self.clock.set(HOUR)
        self.assertEqual(look(), 1)
        # Set back: it comes past the same time again, and starts nothing.
        self.clock.set(0)
        self.assertEqual(look(), 1)
        self.clock.set(HOUR)
        self.assertEqual(look(), 1)
        # A day ahead, and back to the day that was dealt with.
        self.clock.set(HOUR + DAY)
        self.assertEqual(look(), 2)
        self.clock.set(0)
        self.assertEqual(look(), 2)
        # Three days ahead, hours behind the time: missed, which is told.
        self.clock.set(3 * DAY + 4 * HOUR)
        self.assertEqual(look(), 2)
        missed = [event for event in self.net.lines("events", "--kind", "task-missed", "--json")]
        self.assertEqual([event["subject"] for event in missed], ["daily"])
        # Days ahead once: that does not keep it from its next time.
        self.clock.set(0)
        self.assertEqual(look(), 2)
        next_due = seconds(self.net.json("task", "show", "daily")["nextDue"])
        self.assertLess(next_due, time.time() + DAY)

    def test_nothing_is_forgotten_for_good_because_of_a_jump(self):
        """By rules. The trash is emptied every ten minutes alone: how it waits, SteadyTime.* tests."""
        self.net.coffer("task", "add", "kept", f"source=laptop:{self.data}", "keep-last=2")
        first, second = self.backup()["snapshot"], self.backup()["snapshot"]
        self.net.coffer("forget", first)
        # Weeks ahead its grace period is over by the clock, and nobody could have said no.
        self.clock.set(20 * DAY)
        self.login()
        (self.data / "file").write_text("of the future")
        future = self.run_task("kept")["snapshot"]
        self.clock.set(0)
        self.login()
        self.net.coffer("unforget", first)
        self.assertEqual(set(self.snapshots()), {first, second, future})
        # What is made now is the latest. Its time is not before that of the one of the future, and as
        # long as that is to come the rules leave both alone.
        (self.data / "file").write_text("now")
        fresh = self.run_task("kept")["snapshot"]
        self.assertEqual(self.restored(), "now")
        time.sleep(LOOKS)
        self.assertEqual(set(self.snapshots()), {first, second, future, fresh})
        [source] = self.net.json("task", "retention", "kept")["sources"]
        self.assertTrue(all(snapshot["keep"] for snapshot in source["snapshots"]), source)

    def test_an_agent_with_a_wrong_clock(self):
        clock = FakeClock(self.net.folder, "desk")
        clock.set(5 * HOUR)
        desk = self.net.add_agent("desk", within=clock.words)
        for ahead in (5 * HOUR, -HOUR // 2, 20 * DAY):
            clock.set(ahead)
            (self.data / "file").write_text(f"at {ahead}")
            run = self.backup("desk")
            [snapshot] = [it for it in self.net.json("snapshots") if it["id"] == run["snapshot"]]
            self.assertLess(abs(seconds(snapshot["committed"]) - time.time()), HOUR)
            self.assertEqual(self.restored(), f"at {ahead}")
        # Before the certificate of its server was made it cannot trust it.
        clock.set(-5 * HOUR)
        done = self.net.coffer("--json", "backup", f"desk:{self.data}", "--wait", codes=(1,))
        self.assertIn(b"the clock of this computer says", done.stdout)
        self.assertEqual(desk.stop(), 0)
        desk.start(ready=False)
        network.eventually("it says what is wrong", lambda: "not yet valid (it holds from "
                           in desk.log.read_text() and
                           "the clock of this computer says" in desk.log.read_text())
        self.assertFalse(self.net.is_attached("desk"))
        clock.set(0)
        network.eventually("it is back", lambda: self.net.is_attached("desk"))

    def test_certificates_of_a_clock_that_was_ahead(self):
        self.clock.set(DAY)
        self.login()
        desk = self.net.add_agent("desk")
        self.net.coffer("login", "--renew", "--password-file", "-", stdin=self.net.password + "\n")
        self.jump(0)
        # The user gets another one with the next login.
        self.net.coffer("agents", codes=(1,))
        self.login()
        # So would the agent within the hour; once it is stopped it does not get in.
        self.assertEqual(desk.stop(), 0)
        desk.start(ready=False)
        network.eventually("it says what to do", lambda: "enrol it again with --same-keys"
                           in desk.log.read_text())
        checked = self.net.run([PROGRAMS.server, "check", "--state", str(self.net.state)],
                               codes=(2,)).stdout.decode()  # events are of the future, too
        self.assertIn("they do not hold yet: desk;", checked)
        self.net.coffer("revoke", "desk")
        token = self.net.folder / "again"
        self.net.coffer("enrol-token", "desk", "--out", str(token))
        self.assertEqual(desk.stop(), 0)
        self.net.run([PROGRAMS.agent, "enrol", "--same-keys", "--state", str(desk.state), "--server",
                      self.net.address, "--token-file", str(token)])
        desk.start()


if __name__ == "__main__":
    PROGRAMS, words = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *words])
