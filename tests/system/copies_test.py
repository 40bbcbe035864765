#!/usr/bin/env python3
"""Tasks that forget, and tasks that copy, with the real programs.

Usage: copies_test.py SERVER AGENT COFFER WORKER TREE_COMPARE MAKE_NASTY_TREE RESCUE
"""

import os
import subprocess
import sys
import unittest

import network

PROGRAMS = None
TREE_COMPARE = None
NASTY = None
RESCUE = None
PASSWORD = "a long password of nobody"


class Copies(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.repository = self.net.add_repository()
        self.net.add_agent("laptop")
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "a.txt").write_text("some text")
        self.source = f"source=laptop:{self.data}"

    def add(self, name, *settings):
        return self.net.json("task", "add", name, *settings)["version"]

    def refused(self, text, *words, client=None):
        done = self.net.coffer(*words, codes=(1,), client=client)
        self.assertIn(text, done.stderr.decode())

    def run_task(self, name, state="succeeded"):
        [number] = self.net.json("task", "run", name)["runs"]
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], state, run)
        return run

    def events(self, kind):
        return self.net.lines("--json", "events", "--kind", kind)

    def snapshots(self, repository="main"):
        return [each["id"] for each in self.net.json("snapshots", "--repo", repository)]

    def add_user(self, user, *roles):
        """Who is logged in; gives the folder of the client."""
        words = [word for role in roles for word in ("--role", role)]
        first = self.net.json("user", "add", user, *words)["password"]
        client = self.net.folder / f"client-{user}"
        self.net.coffer("login", "--server", self.net.address, "--user", user, "--ca",
                        self.net.state / "authority.pem", "--password-file", "-",
                        stdin=first + "\n", client=client)
        self.net.coffer("passwd", "--password-file", "-", stdin=f"{first}\n{PASSWORD}\n",
                        client=client)
        return client

    def test_a_task_forgets_what_its_rules_do_not_keep(self):
        self.net.coffer("backup", "laptop:/etc/hostname", "--wait")
        self.add("office", self.source)
        made = [self.run_task("office")["snapshot"] for _ in range(3)]
        self.assertEqual(len(self.snapshots()), 4)
        self.net.coffer("task", "edit", "office", "keep-last=2")
        made.append(self.run_task("office")["snapshot"])
        network.eventually("two are forgotten", lambda: self.events("retention-applied"))
        self.assertEqual(self.snapshots()[1:], made[2:])  # the other source has all it had
        self.net.coffer("unforget", made[0])  # the grace period is not over
        self.assertIn(made[0], self.snapshots())
        # Killed between a backup and its retention, a server makes up for it.
        self.net.coffer("task", "edit", "office", "keep-last=1")
        number = self.net.json("task", "run", "office")["runs"][0]
        self.net.wait_for_run(number)
        self.net.restart()
        network.eventually("one is left", lambda: len(self.snapshots()) == 2)

    def test_lowering_needs_who_may_forget_and_a_second_person(self):
        planner = self.add_user("planner", "administrator")
        self.net.coffer("task", "add", "office", self.source, client=planner)
        self.refused("forget", "task", "edit", "office", "keep-last=9", client=planner)
        self.net.coffer("task", "edit", "office", "keep-last=9")
        self.net.coffer("task", "edit", "office", "keep-last=10", "compression=9", client=planner)
        second = self.add_user("second", "deleter")
        self.refused("request 1 waits", "task", "edit", "office", "keep-last=8")
        self.refused("request 1 waits", "task", "edit", "office", "keep-last=8")
        self.refused("another one has to confirm", "confirm", "1")
        self.assertEqual(self.net.json("task", "show", "office")["settings"]["keep-last"], ["10"])
        self.net.coffer("confirm", "1", client=second)
        task = self.net.json("task", "show", "office")
        self.assertEqual((task["settings"]["keep-last"], task["changedBy"]), (["8"], "admin"))
        self.net.coffer("task", "edit", "office", "keep-last=9")
        text = self.net.coffer("task", "export").stdout.decode()
        lower = text.replace("keep-last = 9", "keep-last = 1")
        done = self.net.coffer("task", "import", "-", stdin=lower, codes=(1,))
        self.assertIn("one by one", done.stderr.decode())
        self.net.coffer("task", "remove", "office")

    def test_a_replica_by_a_task(self):
        self.net.coffer("backup", f"laptop:{self.data}", "--wait")
        target = self.net.folder / "replica"
        self.refused("of a folder of the server", "task", "add", "bad", "kind=replicate",
                     "target=laptop:/tmp/x")
        self.add("office", self.source)
        self.add("far", "kind=replicate", f"target={target}", "verify=yes", "after=office")
        self.assertGreater(self.run_task("far")["counts"]["copied"], 0)
        (self.data / "b.txt").write_text("more text")
        self.run_task("office")
        runs = lambda: [run for run in self.net.json("runs") if run["task"] == "far"]
        network.eventually("it follows", lambda: len(runs()) == 2)
        run = self.net.wait_for_run(runs()[0]["number"])
        self.assertEqual(run["state"], "succeeded", run)
        names = lambda folder: sorted(each.name for each in (folder / "packs").rglob("*")
                                      if each.is_file())
        self.assertEqual(names(target), names(self.repository))
        self.add("inside", "kind=replicate", f"target={self.repository}/copy")
        self.assertIn("apart from", self.run_task("inside", "failed")["message"])

    def restore(self, repository, snapshot, path, name):
        target = self.net.folder / name
        self.net.coffer("restore", snapshot, str(path), "--repo", repository, "--to",
                        f"laptop:{target}", "--wait")
        return target

    def copies(self):
        return {each["copyOf"]["snapshot"]: each for each in self.net.json("snapshots", "--repo", "offsite")}

    def test_a_copy_is_a_snapshot_of_the_second_repository(self):
        offsite = self.net.add_repository("offsite")
        tree = self.net.folder / "nasty"
        subprocess.run([NASTY, tree, "300", "7"], check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["chattr", "-R", "-f", "-i", "-a", self.net.folder],
                        check=False)
        self.add("office", self.source)
        self.add("nasty", f"source=laptop:{tree}")
        self.refused("nowhere", "task", "add", "bad", "kind=copy", "to=nowhere")
        self.refused("to: is the repository itself", "task", "add", "bad", "kind=copy", "to=main")
        self.add("offsite", "kind=copy", "to=offsite", "after=office")
        first = self.run_task("nasty")["snapshot"]
        office = self.run_task("office")["snapshot"]
        runs = lambda: [run for run in self.net.json("runs") if run["task"] == "offsite"]
        network.eventually("it follows", runs)
        run = self.net.wait_for_run(runs()[0]["number"])
        self.assertEqual((run["state"], run["counts"]["copied"]), ("succeeded", 2), run)
        copies = self.copies()
        self.assertEqual(set(copies), {first, office})
        self.assertEqual({each["agent"] for each in copies.values()}, {"laptop"})
        network.compare(TREE_COMPARE, tree, self.restore("offsite", copies[first]["id"], tree, "restored"))
        # The kit and the folder are enough.
        rescued = self.net.folder / "rescued"
        subprocess.run([RESCUE, "--kit", self.net.folder / "offsite.kit", "restore", offsite,
                        f"{copies[first]['id']}:{tree}", "--to", rescued], check=True,
                       capture_output=True)
        network.compare(TREE_COMPARE, tree, rescued)
        # Once each, and what changed alone.
        self.assertEqual(self.run_task("offsite")["counts"]["copied"], 0)
        (self.data / "b.txt").write_text("more text")
        self.net.coffer("task", "disable", "offsite")
        self.run_task("office")
        run = self.run_task("offsite")
        self.assertEqual((run["counts"]["copied"], run["counts"]["present"]), (1, 1), run)
        self.assertLess(run["counts"]["readBytes"], 1_000)
        # A repository like any other, with retention of its own.
        self.net.coffer("verify", "--repo", "offsite", "--wait")
        copies = self.copies()
        self.net.coffer("forget", "--repo", "offsite", copies[first]["id"], "--now")
        self.net.coffer("prune", "--repo", "offsite", "--wait")
        self.net.coffer("verify", "--repo", "offsite", "--wait")
        self.assertEqual(self.run_task("offsite")["counts"]["copied"], 0)
        self.assertNotIn(first, self.copies())
        done = self.net.json("copy-snapshots", first[:8], "--to", "offsite", "--wait")
        self.assertEqual(done["counts"]["copied"], 1)
        network.compare(TREE_COMPARE, tree, self.restore("offsite", self.copies()[first]["id"], tree, "again"))

    def test_a_killed_server_goes_on_with_its_copy(self):
        self.net.add_repository("offsite")
        for number in range(12):
            folder = self.data / f"folder-{number}"
            folder.mkdir()
            for name in ("one", "two"):
                (folder / name).write_bytes(os.urandom(2_500_000))
        self.net.coffer("backup", f"laptop:{self.data}", "--wait")
        made = self.snapshots()[-1]
        number = self.net.json("copy-snapshots", "--to", "offsite", "--limit", "6M")["run"]
        packs = self.net.folder / "repositories" / "offsite" / "packs"
        # The last pack may not be known yet, and the map is up to 16 MiB behind.
        stored = lambda: sum(each.stat().st_size for each in packs.rglob("*") if each.is_file())
        network.eventually("half is there", lambda: stored() > 30_000_000)
        self.assertEqual(self.net.json("run", "show", number)["state"], "running")
        self.net.restart()
        run = self.net.wait_for_run(number)
        self.assertEqual((run["state"], run["attempt"]), ("succeeded", 2), run)
        self.assertLess(run["counts"]["newBytes"], 50_000_000)
        self.assertLess(run["counts"]["readBytes"], 50_000_000)
        self.net.coffer("verify", "--repo", "offsite", "--wait")
        copy = self.copies()[made]["id"]
        network.compare(TREE_COMPARE, self.data, self.restore("offsite", copy, self.data, "restored"))

    def test_the_preview_of_a_task(self):
        self.add("office", self.source, "keep-last=1")
        self.run_task("office")
        self.net.coffer("task", "edit", "office", "keep-last=5")
        last = [self.run_task("office")["snapshot"] for _ in range(2)][-1]
        seen = self.net.json("task", "retention", "office")
        self.assertFalse(seen["done"])
        [source] = seen["sources"]
        self.assertEqual(source["snapshots"][0]["id"], last)
        self.assertTrue(all(each["keep"] for each in source["snapshots"]))
        self.net.coffer("task", "edit", "office", "keep-last=")
        self.refused("has no rules", "task", "retention", "office")


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    TREE_COMPARE, NASTY, RESCUE, rest = *rest[:3], rest[3:]
    unittest.main(argv=sys.argv[:1] + rest)
