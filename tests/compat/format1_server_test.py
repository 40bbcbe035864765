#!/usr/bin/env python3
"""A server that saved itself in format 1 comes back for ever with `coffer-server restore`, and restores.

Usage: format1_server_test.py SERVER AGENT COFFER WORKER SAMPLE [LIBFAKETIME]

With that library all programs of Coffer run ten years ahead.
"""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
import network  # noqa: E402

PROGRAMS, SAMPLE, AHEAD = None, None, 0
YEAR = 365 * 86_400  # by then all certificates have ended but that of the authority


def ten_years_ahead(library, folder):
    """The programs as they will run then."""
    def wrapped(program):
        script = folder / pathlib.Path(program).name
        script.write_text("#!/bin/sh\nexport FAKETIME=+10y FAKETIME_DONT_FAKE_MONOTONIC=1 "
                          "FAKETIME_DISABLE_SHM=1 NO_FAKE_STAT=1\n"
                          f"LD_PRELOAD='{library}' exec '{program}' \"$@\"\n")
        script.chmod(0o755)
        return str(script)

    return network.Programs(*(wrapped(getattr(PROGRAMS, name))
                              for name in ("server", "agent", "coffer", "worker")))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class LostServer(network.Network):
    """A network whose server is that of the sample."""

    def __init__(self, expected):
        super().__init__(PROGRAMS)
        self.password = expected["password"]

    def _begin(self):
        self.repository = shutil.copytree(SAMPLE / "repository", self.folder / "moved")
        self.address = network.free_address()
        self.restored = self.run(
            [PROGRAMS.server, "restore", "--state", self.state, "--repository", self.repository, "--kit",
             SAMPLE / "main.kit", "--listen", self.address])
        self.start_server()
        self.login(first_time=True)


class Format1Server(unittest.TestCase):
    def setUp(self):
        self.expected = json.loads((SAMPLE / "expected.json").read_text())

    def test_its_files_never_change(self):
        lines = [line.split("  ", 1) for line in (SAMPLE / "digests").read_text().splitlines()]
        found = {str(path.relative_to(SAMPLE)): digest(path) for path in SAMPLE.rglob("*")
                 if path.is_file() and path.name not in ("digests", "README.md")}
        self.assertEqual(found, {name: value for value, name in lines})

    def test_it_comes_back_and_restores(self):
        with LostServer(self.expected) as net:
            self.expect_told(net.restored.stderr.decode())
            self.assertEqual([agent["name"] for agent in net.json("agents")], self.expected["agents"])
            self.assertEqual([task["name"] for task in net.json("task", "list")], self.expected["tasks"])
            self.assertEqual([each["id"] for each in net.json("snapshots")], self.expected["snapshots"])
            self.assertEqual([run["number"] for run in net.json("runs")], self.expected["runs"])
            net.coffer("audit", "verify")
            self.restore_all(net)
            net.coffer("verify", "--wait")
            # It goes on, with certificates that hold.
            run = net.json("backup", f"elsewhere:{net.folder / 'restored'}", "--wait-proven")
            self.assertEqual(run["state"], "succeeded")
            net.server.stop()
            done = net.run([PROGRAMS.server, "check", "--json", "--state", net.state], codes=(0, 1))
            errors = [found for found in json.loads(done.stdout)["findings"] if found["level"] == "error"]
            self.assertEqual(errors, [])

    def expect_told(self, told):
        """Which certificates have ended, and what to do."""
        if time.time() + AHEAD - self.expected["made"] > YEAR:
            self.assertIn("certificate of the server", told)
            self.assertIn("have ended: laptop", told)

    def restore_all(self, net):
        """By an agent of today: that of the sample is lost, too."""
        net.add_agent("elsewhere")
        target = net.folder / "restored"
        net.coffer("restore", self.expected["snapshots"][0], self.expected["path"], "--to",
                   f"elsewhere:{target}", "--wait")
        found = {str(path.relative_to(target)): digest(path) for path in target.rglob("*")
                 if path.is_file() and not path.is_symlink()}
        self.assertEqual(found, self.expected["files"])
        for name, to in self.expected["links"].items():
            self.assertEqual(os.readlink(target / name), to)


if __name__ == "__main__":
    PROGRAMS, (SAMPLE, *FAKETIME) = network.programs(sys.argv[1:])
    SAMPLE = pathlib.Path(SAMPLE).resolve()
    with tempfile.TemporaryDirectory(prefix="coffer-later-") as scratch:
        if FAKETIME:
            PROGRAMS, AHEAD = ten_years_ahead(FAKETIME[0], pathlib.Path(scratch)), 10 * YEAR
        unittest.main(argv=sys.argv[:1])
