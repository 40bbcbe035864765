#!/usr/bin/env python3
"""Folders of agents that are made the same, with the real programs.

Usage: synchronise_test.py SERVER AGENT COFFER WORKER
"""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import network

PROGRAMS = None


def tree(folder):
    """All that is in a folder, by its octets: content, time and mode of files, text of links."""
    found = {}
    root = os.fsencode(folder)
    for place, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(place, name)
            try:
                found[path[len(root):]] = look(path)
            except FileNotFoundError:
                pass  # its name was one for the time being
    return found


def look(path):
    stat = os.lstat(path)
    if os.path.islink(path):
        return ("link", os.readlink(path))
    if os.path.isdir(path):
        return ("folder", stat.st_mode)
    with open(path, "rb") as file:
        return (file.read(), stat.st_mtime_ns, stat.st_mode)


class Synchronise(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.left, self.right = self.net.folder / "left", self.net.folder / "right"
        self.left.mkdir()
        self.right.mkdir()
        self.net.add_agent("laptop")
        self.net.add_agent("nas")
        self.source, self.target = f"laptop:{self.left}", f"nas:{self.right}"

    def put(self, folder, name, text, time=None):
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if time is not None:
            os.utime(path, ns=(time * 10**9, time * 10**9 + 123456789))

    def synchronise(self, *words, state="succeeded"):
        """Starts it and waits; gives the run."""
        done = self.net.json("synchronise", self.source, self.target, *words)
        run = self.net.wait_for_run(done["run"])
        self.assertEqual(run["state"], state, run)
        return run

    def test_a_mirror_with_all_that_is_carried(self):
        self.put(self.left, "a/b/c.txt", "some text", 1_000_000_000)
        self.put(self.left, "big", os.urandom(5 << 20), 1_100_000_000)
        with open(os.fsencode(self.left) + b"/\xff\xfe name", "wb") as file:
            file.write(b"odd")
        os.symlink(b"\xff nowhere", os.fsencode(self.left) + b"/odd link")
        os.symlink("a/b/c.txt", self.left / "link")
        os.chmod(self.left / "a/b/c.txt", 0o640)
        (self.left / "empty").mkdir()
        self.put(self.right, "extra", "stays")
        run = self.synchronise()
        self.assertEqual(run["counts"]["files"], 3)
        os.unlink(self.right / "extra")
        self.assertEqual(tree(self.left), tree(self.right))
        again = self.synchronise()
        self.assertEqual((again["counts"]["files"], again["counts"]["links"]), (0, 0))

    def test_deletions_and_their_guard(self):
        for name in "abcd":
            self.put(self.left, name, name)
        self.synchronise("--delete")
        for name in "abc":
            os.unlink(self.left / name)
        run = self.synchronise("--delete", state="failed")
        self.assertIn("3 of 4 entries", run["message"])
        self.assertEqual(len(tree(self.right)), 4)
        os.unlink(self.left / "d")
        run = self.synchronise("--delete", "--most-deletions", "99", state="failed")
        self.assertIn("is empty", run["message"])
        shutil.rmtree(self.left)
        self.synchronise("--delete", state="failed")
        self.assertEqual(len(tree(self.right)), 4)
        self.left.mkdir()
        self.synchronise("--delete", "--most-deletions", "100")
        self.assertEqual(tree(self.right), {})

    def test_a_dry_run_prints_the_plan(self):
        self.put(self.left, "new/file", "1")
        self.put(self.right, "old", "2")
        self.put(self.right, "more", "2")
        self.put(self.left, "more", "2")
        before = tree(self.right)
        done = self.net.coffer("synchronise", self.source, self.target, "--delete", "--dry-run",
                               "--exclude", "more", "--most-deletions", "100")
        printed = done.stdout.decode()
        self.assertIn(f"make-folder  {self.target}/new\n", printed)
        self.assertIn(f"copy  {self.target}/new/file  (new, 1 octets)\n", printed)
        self.assertIn(f"remove  {self.target}/old\n", printed)
        self.assertNotIn("more", printed)
        self.assertEqual(tree(self.right), before)

    def test_both_ways_with_a_conflict(self):
        self.put(self.left, "one", "1", 1_000_000_000)
        self.put(self.right, "sub/two", "2", 1_000_000_000)
        self.synchronise("--two-way")
        self.assertEqual(tree(self.left), tree(self.right))
        self.put(self.left, "one", "left", 1_000_000_100)
        self.put(self.right, "one", "right!", 1_000_000_200)
        os.unlink(self.left / "sub/two")
        run = self.synchronise("--two-way")
        self.assertEqual((run["counts"]["conflicts"], run["counts"]["removed"]), (1, 1))
        self.assertEqual(tree(self.left), tree(self.right))
        self.assertEqual((self.left / "one").read_text(), "right!")
        [kept] = self.left.glob("one.conflict-*-laptop")
        self.assertEqual(kept.read_text(), "left")
        log = self.net.json("run", "log", run["number"], "--code", "conflict")
        self.assertEqual(log[0]["object"], f"{self.source}/one")

    def test_it_goes_on_after_the_server_was_killed(self):
        for number in range(40):
            self.put(self.left, f"{number}", os.urandom(200_000))
        words = ("synchronise", self.source, self.target, "--two-way", "--limit", "2M")
        number = self.net.json(*words)["run"]
        network.eventually("some are there", lambda: len(tree(self.right)) > 5)
        self.net.server.kill()
        half = [name for name in tree(self.right) if b".coffer-sync-" not in name]
        self.assertLess(len(half), 40)
        for name in half:
            self.assertEqual(tree(self.right)[name][0], tree(self.left)[name][0])
        self.net.server.start()
        self.net.login()
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], "succeeded", run)
        self.assertEqual(tree(self.left), tree(self.right))
        self.assertLess(run["counts"]["files"], 40)

    def test_who_waits_for_a_folder_leaves_its_slot_to_others(self):
        self.put(self.left, "big", os.urandom(6 << 20))
        self.net.add_repository()
        words = ("synchronise", self.source, self.target, "--limit", "300K")
        first = self.net.json(*words)["run"]
        network.eventually("it is at work", lambda: tree(self.right))
        waiting = [self.net.json("synchronise", self.source, self.target)["run"] for _ in range(2)]
        for number in waiting:
            run = self.net.json("run", "show", number)
            self.assertEqual(run["state"], "waiting", run)
            self.assertEqual(run["message"],
                             f"waiting for folder {self.target}, held by run {first}", run)
        # The server does two at a time.
        self.assertEqual(self.net.json("verify", "--wait")["state"], "succeeded")
        self.assertEqual(self.net.json("run", "show", first)["state"], "running")
        self.net.coffer("cancel", str(first))
        for number in waiting:
            run = self.net.wait_for_run(number)
            self.assertEqual(run["state"], "succeeded", run)
        self.assertEqual(tree(self.left), tree(self.right))

    def test_it_is_cancelled_within_seconds(self):
        self.put(self.left, "big", os.urandom(8 << 20))
        number = self.net.json("synchronise", self.source, self.target, "--limit", "100K")["run"]
        network.eventually("it is at work", lambda: tree(self.right))
        self.net.coffer("cancel", str(number))
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], "cancelled")
        self.assertEqual(tree(self.right), {})

    def test_what_an_agent_does_not_allow(self):
        self.put(self.left, "a", "1")
        other = pathlib.Path(tempfile.mkdtemp(prefix="coffer-forbidden-"))
        self.addCleanup(lambda: shutil.rmtree(other))
        self.target = f"nas:{other}"
        run = self.synchronise(state="failed")
        self.assertIn("allow", run["message"])
        self.assertEqual(tree(other), {})

    def test_an_agent_that_is_away(self):
        self.put(self.left, "a", "1")
        self.net.agents["nas"].stop()
        run = self.synchronise(state="failed")
        self.assertIn("nas is away", run["message"])

    def test_an_agent_that_is_started_anew_ends_it(self):
        self.put(self.left, "big", os.urandom(6 << 20))
        words = ("synchronise", self.source, self.target, "--two-way", "--limit", "500K")
        number = self.net.json(*words)["run"]
        network.eventually("it is at work", lambda: tree(self.right))
        self.net.agents["nas"].stop()
        self.net.agents["nas"].start()
        run = self.net.wait_for_run(number)
        self.assertEqual(run["state"], "failed", run)
        self.assertIn("started anew", run["message"])
        self.synchronise("--two-way")
        self.assertEqual(tree(self.left), tree(self.right))

    def test_special_files_are_problems(self):
        os.mkfifo(self.left / "pipe")
        self.put(self.left, "a", "1")
        run = self.synchronise(state="warnings")
        self.assertEqual(run["problems"], 1)
        self.assertEqual((self.right / "a").read_text(), "1")

    def test_a_task(self):
        self.put(self.left, "keep", "1")
        self.put(self.left, "x.tmp", "2")
        self.net.json("task", "add", "mirror", "kind=synchronise", f"source={self.source}",
                      f"target={self.target}", "delete=yes", "exclude=*.tmp")
        [number] = self.net.json("task", "run", "mirror")["runs"]
        self.assertEqual(self.net.wait_for_run(number)["state"], "succeeded")
        self.assertEqual(list(tree(self.right)), [b"/keep"])
        done = self.net.coffer("task", "add", "bad", "kind=synchronise", f"source={self.source}",
                               f"target={self.source}/in", codes=(1, 2))
        self.assertIn("within the other", done.stderr.decode())


if __name__ == "__main__":
    PROGRAMS, REST = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + REST)
