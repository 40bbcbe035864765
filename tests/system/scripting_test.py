#!/usr/bin/env python3
"""Scripts in C++, Tcl and Python as clients of a real server and agent.

Usage: scripting_test.py SERVER AGENT COFFER WORKER CLIENT TCL_FOLDER
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import network

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples" / "scripting"
BACK_END = ROOT / "tools" / "combat_idl"
PROGRAMS, (CLIENT, TCL_FOLDER) = network.programs(sys.argv[1:])


class Clients(unittest.TestCase):
    """Each does the same and prints the same."""

    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS)
        cls.net.__enter__()
        cls.addClassCleanup(cls.net.__exit__, None, None, None)
        cls.net.add_repository()
        cls.net.add_agent("laptop")
        cls.data = cls.net.folder / "data"
        (cls.data / "folder").mkdir(parents=True)
        for number in range(1200):  # more than a page
            (cls.data / f"{number} fünf {{").write_text(str(number))

    def run_client(self, *words, password=None, **environment):
        return subprocess.run(
            [*map(str, words)], input=f"{password or self.net.password}\n".encode(),
            capture_output=True, timeout=300,
            env={**self.net.environment(), "TCLLIBPATH": TCL_FOLDER, **environment})

    def check(self, *program):
        """Logs in, lists, browses, backs up, follows, reads the result."""
        before = len(self.net.json("snapshots"))
        done = self.run_client(*program, "admin", "laptop", self.data)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[0], "agent laptop: attached")
        names = ["folder folder", *(f"file {number} fünf {{" for number in range(1200))]
        self.assertEqual(lines[1:1202], sorted(names))
        self.assertRegex(lines[-2], r"^run \d+: succeeded, 1200 files$")
        newest = self.net.json("snapshots")
        self.assertEqual(len(newest), before + 1)
        self.assertEqual(lines[-1], f"snapshot {newest[-1]['id']}")

    def check_failures(self, *program):
        """What the server refuses reaches the user as its message, and exit code 1."""
        missing = self.run_client(*program, "admin", "laptop", self.data / "none")
        self.assertEqual(missing.returncode, 1)
        self.assertRegex(missing.stderr.decode(), "^client: .*none")
        absent = self.run_client(*program, "admin", "nobody", self.data)
        self.assertEqual(absent.returncode, 1)
        self.assertRegex(absent.stderr.decode(), "^client: .*no such agent")
        wrong = self.run_client(*program, "admin", "laptop", self.data, password="wrong")
        self.assertEqual(wrong.returncode, 1)
        self.assertRegex(wrong.stderr.decode(), "^client: .*password")
        # After a wrong password the server wants a pause.
        network.eventually("logging in is possible again", self.may_log_in)

    def may_log_in(self):
        return self.net.coffer("login", "--password-file", "-", codes=(0, 1),
                               stdin=self.net.password + "\n").returncode == 0

    def check_strange_authority(self, *program):
        """A server of another authority gets no password."""
        other = self.net.folder / "other"
        if not other.exists():
            self.net.run([PROGRAMS.server, "init", "--state", other / "state", "--listen",
                          "127.0.0.1:0", "--password-file", self.net.folder / "other-password"])
            shutil.copytree(self.net.client, other / "client")
            shutil.copy(other / "state" / "authority.pem", other / "client" / "authority.pem")
        done = self.run_client(*program, "admin", "laptop", self.data,
                               COFFER_CONFIG=str(other / "client"))
        self.assertEqual(done.returncode, 1, done.stdout.decode())
        self.assertEqual(done.stdout, b"")

    def test_cpp(self):
        self.check(CLIENT)
        self.check_failures(CLIENT)
        self.check_strange_authority(CLIENT)

    def test_tcl(self):
        program = ("tclsh", EXAMPLES / "client.tcl")
        self.check(*program)
        self.check_failures(*program)
        self.check_strange_authority(*program)

    def test_a_task_in_tcl(self):
        program = ("tclsh", EXAMPLES / "task.tcl", "admin", "letters")
        for version in (1, 2):
            done = self.run_client(*program, "laptop", self.data)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            lines = done.stdout.decode().splitlines()
            self.assertEqual(lines[0], f"task letters: version {version}")
            run = self.net.json("task", "show", "letters")["lastRuns"][0]
            steps = [f"run {run}: run-{step}" for step in ("ordered", "started", "ended")]
            self.assertEqual([line for line in lines if line in steps], steps, lines)
            self.assertEqual(lines[-1], f"run {run}: succeeded")
        refused = self.run_client(*program, "nobody", self.data)
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr.decode(), "^task: .*nobody")

    @unittest.skipUnless(importlib.util.find_spec("omniORB"), "omniORBpy is not installed")
    def test_python(self):
        stubs = self.net.folder / "python"
        stubs.mkdir()
        subprocess.run(["omniidl", "-bpython", f"-C{stubs}", *sorted((ROOT / "idl").glob("*.idl"))],
                       check=True)
        program = (sys.executable, EXAMPLES / "client.py")
        os.environ["PYTHONPATH"] = str(stubs)
        self.check(*program)
        self.check_failures(*program)
        self.check_strange_authority(*program)


class TypeInformation(unittest.TestCase):
    """tools/combat_idl."""

    def made(self, idl):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "x.idl"
            file.write_text(idl)
            return subprocess.run(["omniidl", f"-p{BACK_END}", "-bcombat_be", file],
                                  capture_output=True, text=True, check=False,
                                  env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def test_says_what_combat_wants(self):
        done = self.made("module M { typedef sequence<octet> Os; typedef long Pair[2];"
                         " enum E { a, b }; exception X { string why; };"
                         " interface I { readonly attribute E state;"
                         " oneway void go(in unsigned long long n);"
                         " Os get(inout Pair p) raises (X); }; };")
        self.assertEqual(done.returncode, 0, done.stderr)
        for part in ("{typedef {IDL:M/Os:1.0 Os 1.0} {sequence octet}}",
                     "{typedef {IDL:M/Pair:1.0 Pair 1.0} {array long 2}}",
                     "{enum {IDL:M/E:1.0 E 1.0} {a b}}",
                     "{exception {IDL:M/X:1.0 X 1.0} {{why string}} {}}",
                     "{attribute {IDL:M/I/state:1.0 state 1.0} IDL:M/E:1.0 readonly}",
                     "{in n {unsigned long long}}} {} oneway}",
                     "IDL:M/Os:1.0 {{inout p IDL:M/Pair:1.0}} {IDL:M/X:1.0}}"):
            self.assertIn(part, done.stdout)

    def test_refuses_what_it_cannot_say(self):
        done = self.made("union U switch (long) { case 1: long a; };")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("combat_be: cannot write Union", done.stderr)

    def test_covers_the_whole_of_management(self):
        text = (pathlib.Path(TCL_FOLDER) / "coffer_idl.tcl").read_text()
        for name in ("Gate", "Session", "AgentManager", "RunManager", "SnapshotManager",
                     "RepositoryManager", "TaskManager", "EventLog", "Folder", "File", "EntryIterator", "Failed"):
            self.assertIn(f"IDL:Coffer/{name}:1.0", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
