#!/usr/bin/env python3
"""What goes through the network comes back whole: every kind of entry, from any agent, once stored.

Usage: network_backup_test.py SERVER AGENT COFFER WORKER TREE-COMPARE MAKE-NASTY-TREE RESCUE
"""

import os
import subprocess
import sys
import tempfile
import unittest

import network

PROGRAMS = None
COMPARE = NASTY = RESCUE = None


def folder_size(folder):
    return sum((entry.stat().st_size for entry in folder.rglob("*") if entry.is_file()), 0)


class Backups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS)
        cls.net.__enter__()
        cls.addClassCleanup(cls.net.__exit__, None, None, None)
        cls.repository = cls.net.add_repository()
        cls.net.add_agent("one")
        cls.net.add_agent("two")

    def backup(self, what, *words, codes=(0,)):
        """Gives the run of a backup that has ended."""
        done = self.net.json("backup", what, "--wait-proven", *words, codes=codes)
        return done

    def restore(self, snapshot, path, name, agent="one", codes=(0,)):
        target = self.net.folder / name
        self.net.coffer("restore", snapshot, str(path), "--to", f"{agent}:{target}", "--wait",
                        codes=codes)
        return target

    def test_a_nasty_tree_comes_back_whole(self):
        tree = self.net.folder / "nasty"
        subprocess.run([NASTY, tree, "2000", "7"], check=True, capture_output=True)
        try:
            run = self.backup(f"one:{tree}")
            self.assertEqual(run["problems"], 0)
            network.compare(COMPARE, tree, self.restore(run["snapshot"], tree, "nasty-restored"))
            again = self.backup(f"one:{tree}")
            self.assertEqual(again["counts"]["readBytes"], 0)
            kit = self.net.folder / "main.kit"
            rescued = self.net.folder / "nasty-rescued"
            subprocess.run([RESCUE, "--kit", kit, "restore", self.repository,
                            f"{run['snapshot']}:{tree}", "--to", rescued], check=True,
                           capture_output=True)
            network.compare(COMPARE, tree, rescued)
        finally:
            subprocess.run(["chattr", "-R", "-f", "-i", "-a", self.net.folder], check=False)

    def test_two_agents_with_the_same_data_store_it_once(self):
        tree = self.net.folder / "shared"
        for number in range(20):
            folder = tree / f"folder-{number}"
            folder.mkdir(parents=True)
            (folder / "noise").write_bytes(os.urandom(1_000_000))
        self.backup(f"one:{tree}")
        self.net.coffer("verify", "--wait")  # what has been proven is visible to other agents
        before = folder_size(self.repository)
        run = self.backup(f"two:{tree}")
        self.assertEqual(run["counts"]["readBytes"], 20_000_000)
        self.assertLess(run["counts"]["newBytes"], 10_000)  # of folders, no content
        self.assertLess(folder_size(self.repository) - before, 100_000)
        network.compare(COMPARE, tree, self.restore(run["snapshot"], tree, "shared-restored", "one"))

    def test_restore_into_a_folder_in_use(self):
        tree, target = self.net.folder / "small", self.net.folder / "in-use"
        tree.mkdir()
        (tree / "file").write_text("as it was backed up\n")
        snapshot = self.backup(f"one:{tree}")["snapshot"]
        target.mkdir()
        (target / "file").write_text("newer\n")
        words = ["restore", snapshot, str(tree), "--to", f"one:{target}", "--wait"]
        self.net.coffer(*words, codes=(1,))
        self.assertEqual((target / "file").read_text(), "newer\n")
        self.net.coffer(*words, "--overwrite", "never")
        self.assertEqual((target / "file").read_text(), "newer\n")
        self.net.coffer(*words, "--overwrite", "older")
        self.assertEqual((target / "file").read_text(), "newer\n")
        self.net.coffer(*words, "--overwrite", "always")
        self.assertEqual((target / "file").read_text(), "as it was backed up\n")

    def test_an_agent_limits_what_a_server_may_do(self):
        net = self.net
        net.coffer("restore", "latest", "--to", "one:/coffer-must-not-write-here", "--wait",
                   codes=(1,))
        with tempfile.TemporaryDirectory() as forbidden:
            done = net.coffer("rm", "-r", f"one:{forbidden}", codes=(1,))
            self.assertIn(b"allow", done.stderr)
            self.assertTrue(os.path.isdir(forbidden))
        for path in (net.agents["one"].state / "agent.pem", net.agents["one"].state / "identity"):
            done = net.coffer("get", f"one:{path}", codes=(1,))
            self.assertEqual(done.stdout, b"")

    def test_what_changes_meanwhile_is_told(self):
        tree = self.net.folder / "locked"
        tree.mkdir()
        (tree / "file").write_text("content")
        run = self.backup(f"one:{tree}", f"one:{self.net.folder}/is-not-there", codes=(1, 3))
        self.assertIn(run["state"], ("warnings", "failed"))

    def test_bad_words_are_refused(self):
        net = self.net
        for words in (["ls", "nobody:/"], ["ls", "one:relative"], ["ls", "one:/a/../b"],
                      ["ls", "one:/" + "x" * 100_000], ["backup", "one:relative"],
                      ["backup", "one:/etc", "--repo", "nowhere"], ["run", "show", "999999"],
                      ["cancel", "999999"], ["restore", "ffffffff", "--to", "one:/tmp/x"],
                      ["get", "latest:/is/not/there"], ["diff", "latest", "eeeeeeee"]):
            done = net.coffer(*words, codes=(1, 2))
            self.assertNotEqual(done.stderr.strip(), b"", words)
            self.assertNotIn(b"internal", done.stderr, words)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    COMPARE, NASTY, RESCUE = rest[:3]
    unittest.main(argv=sys.argv[:1] + rest[3:])
