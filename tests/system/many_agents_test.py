#!/usr/bin/env python3
"""Two hundred agents at one server: all are attached, answer, and come back after a restart of it.

Usage: many_agents_test.py SERVER AGENT COFFER WORKER
"""

import concurrent.futures
import pathlib
import resource
import sys
import unittest

import network

PROGRAMS = None
AGENTS = 200


class ManyAgents(unittest.TestCase):
    def test_they_are_attached_and_come_back(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        with network.Network(PROGRAMS) as net:
            net.add_repository()
            names = [f"agent-{number}" for number in range(AGENTS)]
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda name: net.add_agent(name, start=False), names))
            for name in names:
                net.agents[name].start(ready=False)
            self.wait_for_all(net)
            self.check_answers(net, names)
            net.server.stop()
            net.server.start()
            net.login()
            self.wait_for_all(net)
            self.check_answers(net, names)
            status = pathlib.Path(f"/proc/{net.server.pid}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            print(f"{AGENTS} agents attached; the server's peak memory: {peak.split(None, 1)[1]}")

    def wait_for_all(self, net):
        def attached():
            return sum(agent["state"] == "attached" for agent in net.json("agents")) == AGENTS

        network.eventually(f"{AGENTS} agents are attached", attached)

    def check_answers(self, net, names):
        for name in (names[0], names[AGENTS // 2], names[-1]):
            self.assertIn(b"etc", net.coffer("ls", f"{name}:/").stdout)
        tree = net.folder / "data"
        tree.mkdir(exist_ok=True)
        (tree / "file").write_text("the same everywhere\n")
        orders = [net.json("backup", f"{name}:{tree}")["run"] for name in names[:10]]
        for number in orders:
            self.assertEqual(net.wait_for_run(number)["state"], "succeeded")


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
