#!/usr/bin/env python3
"""When sessions end, with the real programs.

Usage: sessions_test.py SERVER AGENT COFFER WORKER
"""

import shutil
import sys
import time
import unittest

import network

PROGRAMS = None
MINUTE = 60


class Sessions(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))

    def ended(self, *words, stdin=""):
        done = self.net.coffer(*words, stdin=stdin, codes=(1,))
        self.assertRegex(done.stderr.decode(), r"the session has ended.* \(coffer login\)")

    def test_ends_when_nothing_was_asked_for_so_long(self):
        self.net.add_repository()
        # Another login of the same user, which goes on asking.
        busy = self.net.folder / "busy"
        shutil.copytree(self.net.client, busy)
        self.net.login(client=busy)
        self.net.coffer("settings", "set", "sessions.idle-minutes", "1", client=busy)
        self.net.coffer("agents")
        end = time.monotonic() + MINUTE + 5
        while time.monotonic() < end:
            self.net.coffer("agents", client=busy)
            time.sleep(5)
        text = "[task office]\nkind = verify\n"
        self.ended("task", "import", "-", stdin=text)
        # Whoever sent it still has it, and logs in.
        self.net.login()
        self.net.coffer("task", "import", "-", stdin=text)
        self.net.coffer("agents", client=busy)

    def test_ends_with_the_server(self):
        self.net.server.stop()
        self.net.server.start()
        self.ended("agents")
        self.net.login()
        self.net.coffer("agents")

    def test_ends_with_the_logout_and_no_other_does(self):
        other = self.net.folder / "other"
        shutil.copytree(self.net.client, other)
        self.net.login(client=other)
        shutil.copytree(other, self.net.folder / "stolen")
        self.net.coffer("logout", client=other)
        done = self.net.coffer("agents", client=self.net.folder / "stolen", codes=(1,))
        self.assertIn("the session has ended", done.stderr.decode())
        self.net.coffer("agents")

    def test_its_limits_are_settings(self):
        for name in ("sessions.idle-minutes", "sessions.age-hours"):
            self.assertTrue(self.net.json("settings", "show", name)["live"])
            done = self.net.coffer("settings", "set", name, "0", codes=(1,))
            self.assertIn("is not a number from 1 to", done.stderr.decode())


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
