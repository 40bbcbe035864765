#!/usr/bin/env python3
"""The catalogue tells what a walk through the snapshots tells, whatever happens to the server.

Usage: catalog_test.py SERVER AGENT COFFER WORKER
"""

import os
import random
import sys
import unittest

import network

PROGRAMS = None


class Catalog(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.net.add_repository()
        self.net.add_agent("laptop")
        self.data = self.net.folder / "data"
        self.file = self.net.state / "repositories/main/databases/catalog.db"
        self.random = random.Random(1)
        for number in range(300):
            self.write(number)

    def write(self, number):
        folder = self.data / f"folder-{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file-{number}").write_text("x" * self.random.randrange(1000))

    def change(self):
        for number in self.random.sample(range(300), 10):
            self.write(number)
        for number in self.random.sample(range(300), 5):
            (self.data / f"folder-{number % 20}" / f"file-{number}").unlink(missing_ok=True)

    def backup(self):
        return self.net.json("backup", f"laptop:{self.data}", "--wait")["snapshot"]

    def wait_until_read(self):
        def look():
            state = self.net.json("catalog", "status")
            return state["unread"] == 0 and not state["working"]

        network.eventually("the catalogue is read", look)

    @staticmethod
    def states(found):
        """(path, snapshot): type, size and time, of all that was found."""
        return {(entry["path"], snapshot): (version["type"], version["size"], version["modified"])
                for entry in found for version in entry["versions"]
                for snapshot in version["snapshots"]
                if version["type"] == "file"}

    def walked(self, pattern):
        ids = [snapshot["id"] for snapshot in self.net.json("snapshots")]
        words = [word for snapshot in ids for word in ("--snapshot", snapshot)]
        return self.states(self.net.json("find", pattern, *words))

    def expect_like_a_walk(self, pattern="file-*"):
        self.wait_until_read()
        known = self.states(self.net.json("find", pattern, "--no-walk"))
        self.assertEqual(known, self.walked(pattern))
        self.assertTrue(known)

    def test_backups_forgetting_and_kills(self):
        self.backup()
        for round_number in range(3):
            self.change()
            self.backup()
            self.net.coffer("catalog", "rebuild")  # beside the next backup
            self.change()
            newest = self.backup()
            self.net.restart()  # with whatever it was reading
            # A file that changed is told of at once, by a walk when need be.
            self.assertTrue(any(snapshot == newest for _, snapshot in
                                self.states(self.net.json("find", "file-*"))))
            if round_number == 1:
                snapshots = [each["id"] for each in self.net.json("snapshots")]
                self.net.coffer("forget", snapshots[1], "--now")
        self.expect_like_a_walk()
        self.expect_like_a_walk("/**/folder-7/*")

    def test_a_damaged_file_is_made_anew(self):
        self.backup()
        self.change()
        self.backup()
        self.expect_like_a_walk()
        for damage in (self.cut, self.scramble, self.file.unlink):
            self.net.server.stop()
            damage()
            self.net.server.start()
            self.net.login()
            network.eventually("laptop is back", lambda: self.net.is_attached("laptop"))
            self.expect_like_a_walk()
        self.net.coffer("catalog", "rebuild")
        self.expect_like_a_walk()
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def cut(self):
        os.truncate(self.file, self.file.stat().st_size // 2)

    def scramble(self):
        with open(self.file, "r+b") as file:
            file.seek(4096)
            file.write(os.urandom(self.file.stat().st_size - 4096))

    def test_versions_of_a_file(self):
        self.write(7)
        path = self.data / "folder-7/file-7"
        first = self.backup()
        self.backup()
        path.write_text("longer than before, and longer" * 100)
        third = self.backup()
        path.unlink()
        self.backup()
        self.wait_until_read()
        (entry,) = self.net.json("versions", f"laptop:{path}")
        self.assertEqual([(v["count"], v["first"]) for v in entry["versions"]],
                         [(2, first), (1, third)])
        self.assertEqual(entry["versions"][1]["size"], 3000)
        self.assertEqual(self.net.json("versions", f"laptop:{self.data}/none"), [])

    def test_names_of_any_octets(self):
        (self.data / "folder-1" / os.fsdecode(b"a\xff b*c")).write_text("x")
        self.backup()
        self.wait_until_read()
        for pattern in (os.fsdecode(b"a\xff*"), "a* b\\*c"):
            (entry,) = self.net.json("find", pattern, "--no-walk")
            self.assertEqual(len(entry["versions"]), 1)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
