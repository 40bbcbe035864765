#!/usr/bin/env python3
"""A task of each kind that no other system test starts, and what starts, stops and repeats tasks, with
the real programs.

Usage: task_kinds_test.py SERVER AGENT COFFER WORKER
"""

import datetime
import os
import sys
import time
import unittest

import network

PROGRAMS = None
LATE = 90  # seconds; a look that comes later than that has missed a due time


class TaskKinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(None, None, None))
        cls.net.add_repository()
        for agent in ("one", "two"):
            cls.net.add_agent(agent)
            data = cls.net.folder / f"data-{agent}"
            data.mkdir()
            (data / "a.txt").write_text(f"text of {agent}")

    def setUp(self):
        for agent in ("one", "two"):
            self.net.coffer("backup", f"{agent}:{self.data(agent)}", "--wait-proven")

    def data(self, agent):
        return self.net.folder / f"data-{agent}"

    def add(self, name, *settings):
        self.net.coffer("task", "add", name, *settings)
        self.addCleanup(lambda: self.net.coffer("task", "remove", name))

    def start(self, name):
        [number] = self.net.json("task", "run", name)["runs"]
        return self.net.wait_for_run(number)

    def succeeded(self, name):
        run = self.start(name)
        self.assertEqual((run["state"], run["task"]), ("succeeded", name), run)
        return run

    def runs_of(self, task):
        return self.net.json("runs", "--task", task)

    def events(self, kind, task):
        return self.net.lines("--json", "events", "--kind", kind, "--subject", task)

    def refused(self, text, *words):
        self.assertIn(text, self.net.coffer(*words, codes=(1,)).stderr.decode())

    def test_restore_of_the_latest_of_an_agent(self):
        for agent in ("one", "two"):
            target = self.net.folder / f"back-{agent}"
            self.add(f"back-{agent}", "kind=restore", f"only-agent={agent}", "overwrite=always",
                     f"path={self.data(agent)}", f"target=two:{target}/")
            for _ in range(2):
                self.succeeded(f"back-{agent}")
                self.assertEqual((target / "a.txt").read_text(), f"text of {agent}")
        self.add("wrong", "kind=restore", "only-agent=two", f"path={self.data('one')}",
                 f"target=two:{self.net.folder}/wrong")
        self.refused(f"no {self.data('one')} in this snapshot", "task", "run", "wrong")
        self.net.coffer("task", "edit", "wrong", "path=", "only-agent=nobody")
        self.refused("there is no snapshot of agent nobody", "task", "run", "wrong")

    def test_rehearsals_prove_each_source(self):
        self.net.coffer("tag", "latest", "--add", "weekly")
        self.add("prove-one", "kind=rehearsal", "only-agent=one")
        self.add("prove-tag", "kind=rehearsal", "only-tag=weekly", "sample=50", "workers=1")
        run = self.succeeded("prove-one")
        self.assertEqual(run["counts"]["files"], 1)
        proven = {each["agent"]: each["lastProven"] for each in self.net.json("snapshots")}
        self.assertIsNotNone(proven["one"])
        newest = self.net.json("snapshots")[-1]
        self.assertEqual(newest["agent"], "two")
        self.assertEqual(self.succeeded("prove-tag")["snapshot"], newest["id"])

    def test_verify_and_prune(self):
        (self.data("one") / "large").write_bytes(os.urandom(3_000_000))
        self.net.coffer("backup", f"one:{self.data('one')}", "--wait-proven")
        (self.data("one") / "large").unlink()
        self.net.coffer("backup", f"one:{self.data('one')}", "--wait-proven")
        large = [each["id"] for each in self.net.json("snapshots")
                 if each["statistics"]["bytes"] > 3_000_000]
        self.net.coffer("forget", *large, "--now")
        self.add("sweep", "kind=prune", "repack-at=10")
        first = self.succeeded("sweep")
        self.assertGreater(first["counts"]["deadBytes"], 3_000_000)
        for name, depth in (("check", "structure"), ("check-some", "sample=50"),
                            ("check-all", "full")):
            self.add(name, "kind=verify", f"depth={depth}")
            self.assertGreater(self.succeeded(name)["counts"]["packs"], 0)

    def test_what_fails_is_tried_again_so_often(self):
        outside = "/nowhere/that/the/agent/allows"
        self.add("again", "kind=restore", f"target=one:{outside}", "retry-count=2", "retry-pause=1s")
        run = self.start("again")
        self.assertEqual(run["state"], "failed", run)
        network.eventually("it has given up",
                           lambda: self.events("task-failed-for-good", "again"))
        self.assertEqual([each["state"] for each in self.runs_of("again")], ["failed"] * 3)

    def test_a_time_limit_ends_a_run(self):
        slow = self.net.folder / "slow"
        slow.mkdir()
        (slow / "noise").write_bytes(os.urandom(3_000_000))
        self.add("slow", f"source=one:{slow}", "read-rate=50K", "time-limit=2s", "retry-count=3")
        run = self.start("slow")
        self.assertEqual((run["state"], run["message"]),
                         ("cancelled", "it took longer than its time limit of 2s"))
        self.assertEqual(len(self.events("task-time-limit", "slow")), 1)
        self.assertEqual(len(self.runs_of("slow")), 1)

    def test_by_the_clock_of_the_agent(self):
        self.net.add_agent("far", within=["env", "TZ=Asia/Tokyo"])
        self.addCleanup(self.net.agents["far"].stop)
        self.add("there", "source=far:/etc", "schedule=daily at 21:30", "zone=agent")
        self.assertTrue(self.net.json("task", "show", "there")["nextDue"].endswith("T12:30:00Z"))

    def test_what_would_never_do_anything_is_refused(self):
        source = f"source=one:{self.data('one')}"
        for text, setting in (("lets nothing through", "bandwidth=0"),
                              ("lets nothing through", "read-rate=08:00-18:00=0,0"),
                              ("would leave out every file", "exclude-older-than=0s"),
                              ("would leave out every file", "exclude-larger-than=0"),
                              ("leaves no time at all", "time-limit=0s")):
            self.refused(text, "task", "add", "nothing", source, setting)

    def test_what_was_missed_while_the_server_was_down(self):
        due = datetime.datetime.fromtimestamp(time.time() // 60 * 60 + 60, datetime.timezone.utc)
        if due.timestamp() - time.time() < 30:
            due += datetime.timedelta(minutes=1)
        source = f"source=one:{self.data('one')}"
        schedule = f"schedule=daily at {due:%H:%M}"
        self.add("made-up-for", source, schedule, "zone=UTC", "catch-up=1h")
        self.add("let-go", source, schedule, "zone=UTC")
        self.net.server.kill()
        time.sleep(due.timestamp() + LATE + 2 - time.time())
        self.net.server.start()
        self.net.login()
        network.eventually("it is made up for", lambda: self.runs_of("made-up-for"))
        self.assertEqual(self.net.wait_for_run(self.runs_of("made-up-for")[0]["number"])["state"],
                         "succeeded")
        network.eventually("it is told", lambda: self.events("task-missed", "let-go"))
        self.assertEqual(self.runs_of("let-go"), [])
        self.assertEqual(len(self.runs_of("made-up-for")), 1)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
