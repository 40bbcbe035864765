#!/usr/bin/env python3
"""Agents of older levels of the protocol, made of the IDL of their time, against today's server.

Usage: old_agents_test.py SERVER AGENT COFFER WORKER PACKAGE_TOOL OLD_AGENT…
"""

import subprocess
import sys
import unittest

import network

PROGRAMS = None
TOOL, OLD_AGENTS = None, []


class OldAgents(unittest.TestCase):
    def each(self):
        """(network, process) of every older agent, attached as "old"."""
        for program in OLD_AGENTS:
            with self.subTest(program=program), network.Network(PROGRAMS) as net:
                state = net.add_agent("old", start=False).state
                process = subprocess.Popen(
                    [program, state / "authority.pem", state / "agent.pem", net.address],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                try:
                    self.assertTrue(process.stdout.readline().startswith("attached"))
                    yield net, process
                finally:
                    process.stdin.close()
                    self.assertEqual(process.wait(network.PATIENCE), 0)
                    process.stdout.close()

    def test_does_what_it_could(self):
        for net, process in self.each():
            self.assertTrue(net.is_attached("old"))
            self.assertIn(b"of-old", net.coffer("ls", "old:/").stdout)
            net.add_repository()
            number = net.json("backup", "old:/data")["run"]
            self.assertEqual(process.stdout.readline(), "startRun backup\n")
            run = net.wait_for_run(number)
            self.assertEqual((run["state"], run["message"]), ("failed", "this agent is too old"))

    def test_hears_nothing_of_what_came_later(self):
        for net, _ in self.each():
            self.bring_update(net)
            net.coffer("update", "start", "9.0.0", "--agent", "old")
            found = network.eventually("it is refused", lambda: self.refused(net))
            self.assertIn("unsupported", found["message"])
            self.assertTrue(net.is_attached("old"))

    def bring_update(self, net):
        folder = net.folder / "programs"
        folder.mkdir()
        for name in ("coffer-workstation-agent", "coffer-worker"):
            (folder / name).write_text("a program")
        net.run([TOOL, "keygen", net.folder / "key"])
        net.run([TOOL, "make", "--key", net.folder / "key", "--version", "9.0.0", folder,
                 net.folder / "package"])
        net.coffer("update", "import", net.folder / "package")

    def refused(self, net):
        found = net.json("update", "status")[0]
        return found if found["state"] == "refused" else None


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    TOOL, OLD_AGENTS = rest[0], rest[1:]
    unittest.main(argv=sys.argv[:1])
