#!/usr/bin/env python3
"""Tasks with the real programs: made, previewed, started by hand, by time, at an attach and after
another; over restarts of the server, with conflicting edits, and as text.

Usage: tasks_test.py SERVER AGENT COFFER WORKER
"""

import sys
import time
import unittest

import network

PROGRAMS = None
BY_TIME = 70  # seconds until a task of every minute has started


class Tasks(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.net.add_repository()
        self.agent = self.net.add_agent("laptop")
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "a.txt").write_text("some text")
        self.source = f"source=laptop:{self.data}"

    def add(self, name, *settings):
        return self.net.json("task", "add", name, *settings)["version"]

    def task(self, name):
        return self.net.json("task", "show", name)

    def runs_of(self, task):
        return [run for run in self.net.json("runs") if run["task"] == task]

    def end(self, number):
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], "succeeded", run)
        return run

    def wait_for_first_run(self, task, patience=network.PATIENCE):
        end = time.monotonic() + patience
        while not self.runs_of(task):
            self.assertLess(time.monotonic(), end, f"task {task} has not started")
            time.sleep(0.2)
        return self.end(self.runs_of(task)[-1]["number"])

    def refused(self, text, *words, stdin=""):
        done = self.net.coffer(*words, stdin=stdin, codes=(1,))
        self.assertIn(text, done.stderr.decode())

    def test_by_hand_over_a_restart(self):
        self.add("office", self.source, "exclude=*.tmp", "component=office/servers",
                 "schedule=daily at 21:30", "zone=Europe/Berlin")
        self.assertEqual([task["name"] for task in self.net.json("task", "list")], ["office"])
        (self.data / "b.tmp").write_text("no")
        [number] = self.net.json("task", "run", "office")["runs"]
        run = self.end(number)
        self.assertEqual((run["task"], run["user"], run["counts"]["files"]), ("office", "admin", 1))
        self.net.coffer("task", "run", "office", "--wait")
        self.net.restart()
        task = self.task("office")
        self.assertEqual(task["settings"]["component"], ["office/servers"])
        self.assertEqual(len(task["lastRuns"]), 1)
        self.assertIsNotNone(task["nextDue"])
        self.net.coffer("task", "run", "office", "--wait")
        self.assertEqual(len(self.runs_of("office")), 3)
        self.net.coffer("task", "remove", "office")
        self.assertEqual(self.net.json("task", "list"), [])
        self.assertEqual(len(self.net.json("snapshots")), 3)

    def test_by_time_and_what_follows(self):
        self.add("often", self.source, "schedule=every 1 minutes")
        self.add("check", "kind=verify", "depth=structure", "after=often")
        first = self.wait_for_first_run("often", BY_TIME)
        self.assertEqual(first["user"], "admin")
        self.wait_for_first_run("check")
        self.net.coffer("task", "disable", "often")
        self.assertIsNone(self.task("often")["nextDue"])
        audit = self.net.lines("--json", "audit", "list")
        entered = next(each for each in audit
                       if each["action"] == "task-changed" and each["subject"] == "check")
        self.assertEqual(entered["after"]["depth"], "structure")
        kinds = [event["kind"] for event in self.net.lines("--json", "events")]
        self.assertEqual(kinds.count("task-changed"), 3)
        self.assertGreaterEqual(kinds.count("task-started"), 2)

    def test_at_an_attach(self):
        self.add("arrival", self.source, "on-attach=12h")
        self.assertEqual(self.runs_of("arrival"), [])
        self.agent.stop()
        network.eventually("laptop is away", lambda: not self.net.is_attached("laptop"))
        self.agent.start()
        self.wait_for_first_run("arrival")
        self.agent.stop()
        network.eventually("laptop is away", lambda: not self.net.is_attached("laptop"))
        self.agent.start()
        # What follows is not about the same attach.
        self.add("other", self.source, "on-attach=yes")
        self.agent.stop()
        network.eventually("laptop is away", lambda: not self.net.is_attached("laptop"))
        self.agent.start()
        self.wait_for_first_run("other")
        self.assertEqual(len(self.runs_of("arrival")), 1)

    def test_an_agent_that_is_away_gets_one_run(self):
        self.add("office", self.source)
        self.agent.stop()
        network.eventually("laptop is away", lambda: not self.net.is_attached("laptop"))
        [number] = self.net.json("task", "run", "office")["runs"]
        self.net.wait_for_run(number, "parked")
        self.refused("its last run has not ended yet", "task", "run", "office")
        self.restart_without_agent()
        self.agent.start()
        self.end(number)

    def restart_without_agent(self):
        self.net.server.kill()
        self.net.server.start()
        self.net.login()

    def test_previews(self):
        times = self.net.json("task", "preview", "--schedule", "cron 0 2 29 2 *", "--zone", "UTC",
                              "-n", "3")
        self.assertEqual([when[4:] for when in times], ["-02-29T02:00:00Z"] * 3)
        self.add("office", self.source, "schedule=monthly on last friday at 03:00", "zone=UTC",
                 "spread=30m")
        times = self.net.json("task", "preview", "office")
        self.assertEqual(len(times), 5)
        self.assertEqual(times[0], self.task("office")["nextDue"])

    def test_bad_ones_are_refused(self):
        def add(text, *settings):
            self.refused(text, "task", "add", "bad", *settings)

        add("'25:00' is no time of day", self.source, "schedule=daily at 25:00")
        add("would never be due", self.source, "schedule=cron 0 2 30 2 *")
        add("is no schedule", self.source, "schedule=sometimes")
        add("there is no time zone", self.source, "schedule=daily at 21:30", "zone=Europe/Berlim")
        add("did you mean 'schedule'?", self.source, "shedule=daily at 21:30")
        add("absolute path of a program", self.source, "hook-before=true")
        add("window of 5 minutes is too short", self.source, "window=mon 20:00-20:05")
        add("agent nobody: there is no such agent", "source=nobody:/home")
        add("nowhere", self.source, "repository=nowhere")
        add("there is no task 'nothing'", self.source, "after=nothing")
        self.assertEqual(self.net.json("task", "list"), [])

    def test_mail_without_a_mail_server_is_warned_of(self):
        done = self.net.coffer("task", "add", "office", self.source, "mail=ann@example.org")
        self.assertIn("warning: task office: nobody gets the mail", done.stderr.decode())
        text = self.net.coffer("task", "export").stdout.decode()
        done = self.net.coffer("task", "import", "-", stdin=text)
        self.assertIn("warning: task office: nobody gets the mail", done.stderr.decode())
        done = self.net.coffer("task", "edit", "office", "mail=")
        self.assertNotIn("warning", done.stderr.decode())

    def test_of_two_who_edit_the_second_has_to_look_again(self):
        seen = self.add("office", self.source)
        self.net.coffer("task", "edit", "office", "compression=9", "--version-is", seen)
        self.refused("has been changed by admin at", "task", "edit", "office", "compression=3",
                     "--version-is", seen)
        self.refused("is there already, last changed by admin", "task", "add", "office", self.source)
        self.refused("has been changed by admin", "task", "remove", "office", "--version-is", seen)
        self.assertEqual(self.task("office")["settings"]["compression"], ["9"])
        self.net.coffer("task", "edit", "office", "compression=")
        self.assertNotIn("compression", self.task("office")["settings"])

    def test_as_text(self):
        self.add("office", self.source, "schedule=daily at 21:30")
        self.add("check", "kind=verify", "after=office")
        text = self.net.coffer("task", "export").stdout.decode()
        self.assertIn("[task check]", text)
        changed = text.replace("schedule = daily at 21:30", "schedule = daily at 22:00")
        self.assertNotEqual(changed, text)
        seen = self.net.json("task", "import", "-", "--dry-run", stdin=changed)
        self.assertFalse(seen["done"])
        self.assertEqual([task["change"] for task in seen["tasks"]], ["same", "changed"])
        self.assertEqual(seen["tasks"][1]["settings"],
                         [{"name": "schedule", "before": ["daily at 21:30"],
                           "after": ["daily at 22:00"]}])
        self.assertEqual(self.task("office")["version"], 1)
        bad = changed.replace("kind = verify", "kind = verify\ndepth = deep")
        self.refused("depth", "task", "import", "-", stdin=bad)
        self.assertEqual(self.task("office")["version"], 1)
        self.net.coffer("task", "import", "-", stdin=changed)
        self.assertEqual(self.task("office")["settings"]["schedule"], ["daily at 22:00"])
        self.assertEqual(self.net.coffer("task", "export").stdout.decode(), changed)
        self.net.coffer("task", "remove", "check")
        self.net.coffer("task", "import", "-", stdin=text)
        self.assertEqual(len(self.net.json("task", "list")), 2)
        self.assertEqual(self.task("office")["settings"]["schedule"], ["daily at 21:30"])


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
