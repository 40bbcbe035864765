#!/usr/bin/env python3
"""An agent gets another name: it attaches again by itself, and tasks, grants, runs, sources and snapshots
go with it.

"""

import signal
import sys
import unittest

import network

PROGRAMS = None
FAILED = 1


class Rename(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(*sys.exc_info()))
        cls.net.add_repository()
        cls.agent = cls.net.add_agent("laptop")
        cls.net.add_agent("other", start=False)
        cls.data = cls.net.folder / "data"
        cls.data.mkdir()
        (cls.data / "a.txt").write_text("some text")
        cls.net.coffer("task", "add", "office", f"source=laptop:{cls.data}", "keep-last=3")
        cls.net.coffer("user", "add", "bob", "--out", cls.net.folder / "bob.password")
        cls.net.coffer("grant", "add", "bob", "operator", "--agent", "laptop")

    def backup(self, agent):
        run = self.net.json("backup", f"{agent}:{self.data}", "--wait-proven")
        self.assertEqual(run["state"], "succeeded")
        return run["snapshot"]

    def rename(self, before, after, code=0):
        return self.net.coffer("agent", "rename", before, after, codes=(code,)).stderr.decode()

    def test_1_an_agent_with_a_run_keeps_its_name(self):
        self.agent.signal(signal.SIGSTOP)
        run = self.net.json("backup", f"laptop:{self.data}")["run"]
        self.assertIn("runs that have not ended", self.rename("laptop", "desk", FAILED))
        self.agent.signal(signal.SIGCONT)
        self.assertEqual(self.net.wait_for_run(run)["state"], "succeeded")
        self.assertTrue(self.net.is_attached("laptop"))

    def test_2_names_that_are_taken_or_none_are_refused(self):
        self.assertIn("name", self.rename("laptop", "other", FAILED))
        self.assertIn("no such agent", self.rename("nobody", "desk", FAILED))
        self.rename("laptop", "a b", FAILED)
        self.assertTrue(self.net.is_attached("laptop"))

    def test_3_everything_goes_with_it(self):
        first = self.backup("laptop")
        self.rename("laptop", "desk")
        network.eventually("desk is attached", lambda: self.net.is_attached("desk"))
        self.assertNotIn("laptop", [agent["name"] for agent in self.net.json("agents")])

        snapshots = {each["id"]: each for each in self.net.json("snapshots")}
        self.assertEqual(snapshots[first]["agent"], "desk")
        second = self.backup("desk")
        base = next(each for each in self.net.json("snapshots") if each["id"] == second)["base"]
        self.assertIn(base, snapshots)
        self.assertEqual({run["agent"] for run in self.net.json("runs")}, {"desk"})
        sources = self.net.json("status", "--all", codes=(0, 1))["sources"]
        self.assertEqual(sorted(source["agent"] for source in sources), ["desk", "other"])

        back = self.net.folder / "back"
        back.mkdir()
        run = self.net.json("restore", first, self.data, "--to", f"desk:{back}", "--wait")
        self.assertEqual(run["state"], "succeeded")
        self.assertEqual([file.read_text() for file in back.rglob("a.txt")], ["some text"])

        task = self.net.json("task", "show", "office")
        self.assertEqual(task["settings"]["source"], [f"desk:{self.data}"])
        run = self.net.json("task", "run", "office", "--wait-proven")
        self.assertEqual((run["state"], run["agent"]), ("succeeded", "desk"))
        self.assertEqual([grant["agents"] for grant in self.net.json("grant", "list")
                          if grant["holder"] == "user:bob"], [["desk"]])
        audit = [record for record in self.net.lines("audit", "export")
                 if record["action"] == "agent-renamed"]
        self.assertEqual((audit[-1]["subject"], audit[-1]["after"]), ("laptop", {"name": "desk"}))

    def test_4_it_stays_so_after_restarts_and_the_old_name_is_free(self):
        self.net.agents["desk"] = self.net.agents.pop("laptop")
        self.net.agents.pop("other")
        self.net.restart()
        self.agent.stop()
        self.agent.start(ready=False)
        network.eventually("desk is attached", lambda: self.net.is_attached("desk"))
        self.backup("desk")
        new = self.net.add_agent("laptop2", start=False)
        self.rename("laptop2", "laptop")
        self.net.agents["laptop"] = self.net.agents.pop("laptop2")
        new.start(ready=False)
        network.eventually("the new laptop is attached", lambda: self.net.is_attached("laptop"))
        self.assertTrue(self.net.is_attached("desk"))
        self.backup("laptop")


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
