#!/usr/bin/env python3
"""A server that is lost comes back from its own backup in a repository; and `coffer-server check`.

Usage: server_restore_test.py SERVER AGENT COFFER WORKER
"""

import json
import os
import shutil
import sys
import unittest

import network

PROGRAMS = None
WARNING, ERROR = 1, 2


class ServerRestore(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.data = self.net.folder / "data"
        self.data.mkdir()
        for number in range(10):
            (self.data / f"file {number}").write_bytes(os.urandom(9000))
        self.repository = self.net.add_repository()
        self.kit = self.net.folder / "main.kit"

    def backup(self):
        return self.net.json("backup", f"laptop:{self.data}", "--wait-proven")

    def restore(self, *words, repository=None, state=None, **options):
        return self.net.run([PROGRAMS.server, "restore", "--state", state or self.net.state,
                             "--repository", repository or self.repository, "--kit", self.kit,
                             *words], **options)

    def check(self, code=0):
        done = self.net.run([PROGRAMS.server, "check", "--json", "--state", self.net.state],
                            codes=(code,))
        return {found["subject"]: found for found in json.loads(done.stdout)["findings"]}

    def known(self):
        """What a user sees of the server."""
        return {
            "snapshots": [snapshot["id"] for snapshot in self.net.json("snapshots")],
            "agents": [agent["name"] for agent in self.net.json("agents")],
            "tasks": [task["name"] for task in self.net.json("task", "list")],
            "runs": [run["number"] for run in self.net.json("runs")],
            "log": [entry["message"] for entry in self.net.json("run", "log", 1)],
            "users": [user["name"] for user in self.net.json("user", "list")],
        }

    def expect_back(self, before):
        """The server serves, agents and users are back without doing anything."""
        self.net.server.start()
        self.net.login()
        network.eventually("the agent is back", lambda: self.net.is_attached("laptop"))
        self.assertEqual(self.known(), before)
        self.net.coffer("audit", "verify")
        audit = self.net.coffer("audit", "export").stdout.decode()
        self.assertIn("server-restored", audit)
        self.assertIn("task-changed", audit)
        run = self.backup()
        self.assertEqual(run["counts"]["readBytes"], 0, run)  # the same agent goes on
        self.assertGreater(run["number"], 1000)
        self.net.coffer("verify", "--wait")

    def test_everything_comes_back_in_one_command(self):
        self.net.add_agent("laptop")
        self.backup()
        self.net.json("task", "add", "office", "kind=backup", f"source=laptop:{self.data}",
                      "repository=main")
        before = self.known()
        self.restore(codes=(5,))  # a server runs there
        self.net.server.stop()
        full = self.restore(codes=(1,))
        self.assertIn(b"is not empty", full.stderr)
        former = self.net.folder / "former"
        shutil.move(self.net.state, former)
        shutil.move(self.repository, self.net.folder / "moved")

        wrong = self.net.run([PROGRAMS.server, "restore", "--state", self.net.state, "--repository",
                              self.net.folder, "--kit", self.kit], codes=(1,))
        self.assertIn(b"no repository", wrong.stderr)
        done = self.restore(repository=self.net.folder / "moved")
        self.assertIn("main in " + str(self.net.folder / "moved"), done.stdout.decode())
        self.expect_back(before)
        [repository] = self.net.json("repo", "list")
        self.assertEqual(repository["folder"], str(self.net.folder / "moved"))

        # The former server comes back to life: it finds that it is no longer the owner.
        self.net.server.stop()
        shutil.move(self.net.state, self.net.folder / "new")
        shutil.move(former, self.net.state)
        shutil.copytree(self.net.folder / "moved", self.repository)
        self.net.server.start()
        self.net.login()
        refused = self.net.coffer("backup", f"laptop:{self.data}", "--wait", codes=(1,))
        self.assertIn(b"taken", refused.stdout + refused.stderr)

    def test_what_was_not_saved_is_told(self):
        self.net.add_agent("laptop")
        self.backup()
        self.net.json("task", "add", "office", "kind=backup", f"source=laptop:{self.data}",
                      "repository=main")
        before = self.known()
        self.net.server.stop()
        self.net.server.start()
        self.net.login()
        self.net.coffer("task", "remove", "office")
        network.eventually("the repository knows of it", lambda: self.heads_noted())
        self.net.server.kill()
        shutil.rmtree(self.net.state)
        done = self.restore()
        self.assertIn("records of the audit log", done.stderr.decode())
        self.expect_back(before)

    def heads_noted(self):
        head = (self.repository / "audit-head").read_text()
        last = self.net.coffer("audit", "export").stdout.decode().splitlines()[-1]
        return f"number {json.loads(last)['number']}\n" in head

    def test_check_names_what_is_wrong(self):
        self.net.server.stop()
        self.net.server.start()
        found = self.check()  # beside a running server
        self.assertEqual({one["level"] for one in found.values()}, {"ok"})
        self.assertIn("server's backup in main", found)
        self.net.server.stop()
        self.check()
        text = self.net.run([PROGRAMS.server, "check", "--state", self.net.state]).stdout.decode()
        self.assertEqual(len(text.splitlines()), len(found))

        ini = self.net.state / "server.ini"
        settings = ini.read_text()
        ini.write_text(settings + "\n[server]\nlisten-to = x\n")
        self.assertIn("server.listen-to", self.check(ERROR)["settings"]["text"])
        ini.write_text(settings)
        os.chmod(self.net.state / "authority.key", 0o644)
        self.assertIn("authority.key", self.check(ERROR)["permissions"]["text"])
        os.chmod(self.net.state / "authority.key", 0o600)
        os.rename(self.repository, self.net.folder / "away")
        away = self.check(ERROR)["repository main"]
        self.assertIn("mount", away["advice"])
        os.rename(self.net.folder / "away", self.repository)
        shutil.rmtree(self.repository / "server")
        self.check(WARNING)
        self.net.server.start()
        self.net.server.stop()
        self.check()


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
