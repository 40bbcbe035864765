#!/usr/bin/env python3
"""What comes to a server that nobody wished for: two administrators who edit the same, a database that
somebody else has locked, one without room, 10,000 wrong passwords. Each ends with a clear error, takes
bounded resources, and nothing is lost.
Usage: bad_input_test.py SERVER AGENT COFFER WORKER HOSTILE-PEER
"""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import unittest

import network

PROGRAMS = PEER = None
APART = "COFFER_TEST_APART"  # set in a mount namespace of the test's own


class OnSmallDisk(network.Network):
    """The server's state lies on a file system of 24 MiB."""

    def _begin(self):
        self.state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.state], check=True)
        super()._begin()

    def _end(self, failed):
        for daemon in [*self.agents.values(), self.server]:
            if daemon:
                daemon.end()
        subprocess.run(["umount", self.state], check=False)
        super()._end(failed)


class BadInput(unittest.TestCase):
    def begin(self, kind=network.Network):
        self.net = net = kind(PROGRAMS)
        net.__enter__()
        self.addCleanup(net.__exit__, None, None, None)
        net.add_repository()
        net.add_agent("laptop")
        self.data = net.folder / "data"
        self.data.mkdir()
        for number in range(40):
            (self.data / f"noise-{number}").write_bytes(os.urandom(1 << 20))

    def slow_backup(self, rate="6M"):
        """One of 40 MiB that is at work for some seconds."""
        number = self.net.json("backup", f"laptop:{self.data}", "--bandwidth", rate)["run"]
        # Ordered, but not begun at the store, it would need room in a database.
        network.eventually("it is at work", lambda: self.net.json("run", "show", number)["counts"]
                           .get("readBytes", 0) > 0)
        return number

    def refused(self, code, *words, client=None):
        done = self.net.coffer("--json", *words, codes=(1, 5), client=client)
        error = json.loads(done.stderr.decode().splitlines()[-1])["error"]
        self.assertEqual(error["code"], code, error)
        return error["message"]

    def test_two_administrators_edit_the_same_task(self):
        self.begin()
        net = self.net
        other = net.folder / "bob"
        first = net.json("user", "add", "bob", "--role", "administrator", "--role", "operator")
        net.coffer("login", "--server", net.address, "--user", "bob", "--ca",
                   net.state / "authority.pem", "--password-file", "-",
                   stdin=first["password"] + "\n", client=other)
        net.coffer("passwd", "--password-file", "-", client=other,
                   stdin=f"{first['password']}\nsomething else 17\n")
        seen = net.json("task", "add", "office", f"source=laptop:{self.data}")["version"]
        # Both have it open; bob is first.
        net.coffer("task", "edit", "office", "compression=9", "--version-is", seen, client=other)
        message = self.refused("conflict", "task", "edit", "office", "compression=3",
                               "--version-is", seen)
        self.assertIn("has been changed by bob at", message)
        now = net.json("task", "show", "office")
        self.assertEqual((now["changedBy"], now["settings"]["compression"]), ("bob", ["9"]))
        # Who looks again may; and bob sees that.
        net.coffer("task", "edit", "office", "compression=3", "--version-is", now["version"])
        self.assertIn("has been changed by admin at",
                      self.refused("conflict", "task", "edit", "office", "compression=5",
                                   "--version-is", now["version"], client=other))
        changes = [(event["subject"], event["more"]["user"])
                   for event in net.lines("--json", "events", "--kind", "task-changed", client=other)]
        self.assertEqual(changes, [("office", "admin"), ("office", "bob"), ("office", "admin")])

    def test_a_database_that_somebody_has_locked(self):
        self.begin()
        run = self.slow_backup()
        locked = sqlite3.connect(self.net.state / "server.db", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        try:
            message = self.refused("busy", "task", "add", "office", f"source=laptop:{self.data}")
            self.assertIn("database is locked", message)
        finally:
            locked.execute("ROLLBACK")
            locked.close()
        # What had to wait has been done since, and nothing of what failed.
        self.assertEqual(self.net.json("task", "list"), [])
        self.assertEqual(self.net.wait_for_run(run)["state"], "succeeded")
        self.net.coffer("task", "add", "office", f"source=laptop:{self.data}")
        self.net.coffer("audit", "verify")
        self.assertEqual(self.net.json("backup", f"laptop:{self.data}", "--wait-proven")["state"], "succeeded")

    def test_a_database_without_room(self):
        if os.environ.get(APART) != "yes":
            self.skipTest("a file system of its own needs root")
        self.begin(OnSmallDisk)
        net = self.net
        run = self.slow_backup("2M")  # it is not to commit while there is no room
        filler = net.state / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        entered = []

        def add_until_it_is_full():
            name = f"task-{len(entered)}"
            done = net.coffer("--json", "task", "add", name, f"source=laptop:{self.data}",
                              f"exclude={'x' * 1000}", codes=(0, 1))
            if done.returncode == 0:
                entered.append(name)
                return None
            return json.loads(done.stderr.decode().splitlines()[-1])["error"]

        error = network.eventually("there is no room", add_until_it_is_full)
        self.assertEqual(error["code"], "no-space", error)
        # It still answers, and what it said is so is so.
        names = sorted(task["name"] for task in net.json("task", "list"))
        self.assertEqual(names, sorted(entered))
        self.assertIsNone(net.server.process.poll())
        filler.unlink()
        ended = net.wait_for_run(run)
        self.assertEqual(ended["state"], "succeeded", ended)
        net.coffer("task", "add", "office", f"source=laptop:{self.data}")
        net.coffer("audit", "verify")
        net.server.kill()
        net.server.start()
        net.login()
        self.assertEqual(sorted(task["name"] for task in net.json("task", "list")),
                         sorted([*entered, "office"]))

    def cost(self):
        """CPU seconds of the server, and its memory at the peak in MiB."""
        process = pathlib.Path(f"/proc/{self.net.server.pid}")
        fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        status = (process / "status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak

    def test_ten_thousand_wrong_passwords(self):
        self.begin()
        net = self.net
        run = self.slow_backup()
        seconds, peak = self.cost()
        said = net.run([PEER, net.address, net.state / "authority.pem", "-", "guesses", "10000"])
        lines = said.stdout.decode().splitlines()
        self.assertEqual(len(lines), 10_000)
        answers = {}
        for line in lines:
            answer = line.split(": ", 1)[1].split(" (")[0]
            answers[answer] = answers.get(answer, 0) + 1
        after, peak_after = self.cost()
        print(f"10,000 guesses: {answers}; {after - seconds:.1f} s of CPU, "
              f"{peak} to {peak_after} MiB")
        self.assertTrue(all(answer.startswith("refused") for answer in answers), answers)
        # Each password that is looked at takes 64 MiB, two at a time; the others cost no work.
        self.assertLess(peak_after - peak, 200)
        self.assertEqual(net.wait_for_run(run)["state"], "succeeded")
        self.assertIsNone(net.server.process.poll())
        net.coffer("agents")  # the session goes on


def apart():
    """The same in a mount namespace, where that can be made."""
    if os.geteuid() != 0 or APART in os.environ:
        return
    words = ["unshare", "--mount", sys.executable, "-B", *sys.argv]
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0:
        os.execvpe("unshare", words, {**os.environ, APART: "yes"})


if __name__ == "__main__":
    apart()
    PROGRAMS, rest = network.programs(sys.argv[1:])
    PEER = rest.pop(0)
    unittest.main(argv=sys.argv[:1] + rest)
