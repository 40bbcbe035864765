#!/usr/bin/env python3
"""Agents that update themselves, with the real programs: a newer version, broken ones, and what no
agent takes.

Usage: updates_test.py SERVER AGENT COFFER WORKER NEWER_AGENT NEWER_WORKER PACKAGE_TOOL [TEST…]
"""

import os
import shutil
import subprocess
import sys
import unittest

import network

PROGRAMS = None
NEWER_AGENT = NEWER_WORKER = TOOL = None
OLD, NEW, LATER = "0.1.0", "0.2.0", "0.3.0"
TRIAL = 8  # seconds
SIDE_BY_SIDE = 3
AGENT_NAME, WORKER_NAME = "coffer-workstation-agent", "coffer-worker"


def script(name, version, work):
    """A program that says what it should be and then does something else."""
    return f"#!/bin/sh\nif [ \"$1\" = --version ]; then echo {name} {version}; exit; fi\n{work}\n"


class Updates(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.key, self.public = self.make_key("release")
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "file").write_text("content")

    # Help.

    def make_key(self, name):
        path = self.net.folder / f"{name}.key"
        return path, self.net.run([TOOL, "keygen", path]).stdout.decode().strip()

    def add_agent(self, name="one", allow="update = yes", keys=None):
        return self.net.add_agent(
            name, allow=allow,
            settings=f"[updates]\nkeys = {self.public if keys is None else keys}\n"
                     f"trial-seconds = {TRIAL}\nwait-minutes = 0\n")

    def package(self, version, key=None, agent=None):
        """A package of the newer programs, or of a script in place of the agent."""
        folder = self.net.folder / f"programs-{len(list(self.net.folder.glob('programs-*')))}"
        folder.mkdir()
        if agent is None:
            shutil.copy(NEWER_AGENT, folder / AGENT_NAME)
            shutil.copy(NEWER_WORKER, folder / WORKER_NAME)
        else:
            (folder / AGENT_NAME).write_text(script(AGENT_NAME, version, agent))
            (folder / WORKER_NAME).write_text(script(WORKER_NAME, version, "exit 1"))
        path = folder.with_suffix(".package")
        self.net.run([TOOL, "make", "--key", key or self.key, "--version", version, folder, path])
        return path

    def bring(self, version, **options):
        self.net.coffer("update", "import", self.package(version, **options))

    def status(self, agent="one"):
        return next(each for each in self.net.json("update", "status") if each["agent"] == agent)

    def wait_for(self, state, agent="one"):
        def look():
            found = self.status(agent)
            return found if found["state"] == state else None
        try:
            return network.eventually(f"{agent} is {state}", look)
        except network.Failure as failure:
            raise network.Failure(f"{failure}: {self.status(agent)}") from failure

    def start(self, version, *words):
        self.net.coffer("update", "start", version, *(words or ("--agent", "one")))

    def version(self, agent="one"):
        """Of an agent that is attached."""
        network.eventually(f"{agent} is attached", lambda: self.net.is_attached(agent))
        found = next(each for each in self.net.json("agents") if each["name"] == agent)
        return found["facts"]["version"]

    def program(self, agent="one"):
        return os.readlink(f"/proc/{self.net.agents[agent].pid}/exe")

    def expect_backup(self):
        number = self.net.json("backup", f"one:{self.data}")["run"]
        self.assertEqual(self.net.wait_for_run(number)["state"], "succeeded")

    def events(self, kind):
        return self.net.lines("--json", "events", "--kind", kind)

    def update(self):
        """Agent one gets the newer version."""
        agent = self.add_agent()
        self.bring(NEW)
        self.start(NEW)
        self.wait_for("done")
        return agent

    # Tests.

    def test_a_newer_version_is_taken_and_stays(self):
        self.net.add_repository()
        agent = self.add_agent()
        pid = agent.pid
        self.assertEqual(self.version(), OLD)
        self.bring(NEW)
        listed = self.net.json("update", "list")
        self.assertEqual([(each["version"], each["signer"]) for each in listed],
                         [(NEW, self.public)])
        self.start(NEW)
        self.wait_for("done")
        self.assertEqual(self.version(), NEW)
        self.assertEqual(agent.pid, pid)
        self.assertIn(f"/versions/{NEW}/", self.program())
        self.expect_backup()
        agent.kill()
        agent.start()
        self.assertEqual(self.version(), NEW)
        self.assertIn(f"/versions/{NEW}/", self.program())
        self.expect_backup()
        self.assertEqual(agent.stop(), 0)

    def test_the_worker_is_of_the_same_version(self):
        self.net.add_repository()
        agent = self.update()
        text = (agent.state / "agent.ini").read_text().replace(str(PROGRAMS.worker), "/bin/false")
        (agent.state / "agent.ini").write_text(text)
        agent.stop()
        agent.start()
        self.expect_backup()

    def test_a_program_that_ends_at_once_is_given_up(self):
        self.net.add_repository()
        self.add_agent()
        self.bring(LATER, agent="echo it is broken; exit 3")
        self.start(LATER)
        found = self.wait_for("failed")
        self.assertIn("exit code 3", found["message"])
        self.assertIn("it is broken", found["message"])
        self.assertEqual(self.version(), OLD)
        self.expect_backup()
        # And the next one is taken.
        self.bring(NEW)
        self.start(NEW)
        self.wait_for("done")
        self.assertEqual(self.version(), NEW)

    def test_a_program_that_does_not_attach_is_given_up(self):
        self.add_agent()
        self.bring(LATER, agent="exec sleep 1000")
        self.start(LATER)
        self.assertIn("time limit", self.wait_for("failed")["message"])
        self.assertEqual(self.version(), OLD)

    def test_a_program_that_says_that_it_has_attached_is_given_up(self):
        self.add_agent()
        self.bring(LATER, agent="exit 0")
        self.start(LATER)
        self.assertIn("without having attached", self.wait_for("failed")["message"])
        self.assertEqual(self.version(), OLD)

    def test_a_new_one_goes_back_to_the_one_before(self):
        self.update()
        self.bring(LATER, agent="exit 1")
        self.start(LATER)
        self.wait_for("failed")
        self.assertEqual(self.version(), NEW)

    def test_an_agent_that_is_killed_in_each_trial_comes_back(self):
        agent = self.add_agent()
        self.bring(LATER, agent="kill -9 $PPID; exit 1")
        self.start(LATER)
        for _ in range(3):
            agent.process.wait(network.PATIENCE)
            agent.process = None
            agent.start(ready=False)
        self.wait_for("failed")
        self.assertEqual(self.version(), OLD)

    def test_damaged_programs_are_not_started(self):
        agent = self.update()
        agent.stop()
        program = agent.state / "versions" / NEW / AGENT_NAME
        octets = bytearray(program.read_bytes())
        octets[len(octets) // 2] ^= 1
        program.write_bytes(octets)
        agent.start()
        self.assertEqual(self.version(), OLD)
        self.assertNotIn("/versions/", self.program())

    def test_nothing_is_started_without_the_release_key(self):
        agent = self.update()
        agent.stop()
        text = (agent.state / "agent.ini").read_text().replace(self.public, "00" * 32)
        (agent.state / "agent.ini").write_text(text)
        agent.start()
        self.assertEqual(self.version(), OLD)

    def test_an_agent_that_forbids_it_is_left_alone(self):
        self.add_agent(allow="")
        self.add_agent("two", keys="")
        self.bring(NEW)
        self.start(NEW, "--all")
        self.assertIn("allow.update", self.wait_for("refused")["message"])
        self.assertIn("updates.keys", self.wait_for("refused", "two")["message"])
        self.assertEqual(self.version(), OLD)
        self.assertEqual(len(self.events("agent-update-failed")), 2)

    def test_a_stranger_s_package_is_refused(self):
        self.add_agent()
        stranger, _ = self.make_key("stranger")
        self.bring(NEW, key=stranger)
        self.start(NEW)
        self.assertIn("untrusted", self.wait_for("refused")["message"])
        self.assertEqual(self.version(), OLD)

    def test_an_older_version_is_refused(self):
        self.update()
        self.bring("0.1.5", agent="exit 1")
        self.start("0.1.5")
        self.assertIn("not newer", self.wait_for("refused")["message"])
        self.assertEqual(self.version(), NEW)

    def test_a_version_that_it_is_not_is_refused(self):
        self.add_agent()
        self.bring("0.4.0")  # the programs say 0.2.0
        self.start("0.4.0")
        self.assertIn("does not say that it is", self.wait_for("refused")["message"])
        self.assertEqual(self.version(), OLD)

    def test_a_package_that_was_changed_is_refused(self):
        self.add_agent()
        package = self.package(NEW)
        octets = bytearray(package.read_bytes())
        octets[-100] ^= 1
        broken = package.with_suffix(".broken")
        broken.write_bytes(octets)
        done = self.net.coffer("update", "import", broken, codes=(1, 4))
        self.assertIn(b"not what the signed manifest says", done.stderr)
        # A server that does not look, or lies.
        self.net.coffer("update", "import", package)
        kept = next((self.net.state / "updates").glob("*.package"))
        kept.write_bytes(octets)
        self.start(NEW)
        self.assertIn("not what the signed manifest says", self.wait_for("refused")["message"])
        self.assertEqual(self.version(), OLD)

    def test_one_that_fails_saves_the_others(self):
        names = ["one", "two", "three"]
        for name in names:
            self.add_agent(name)
        self.bring(LATER, agent="exit 1")
        self.start(LATER, "--all")
        states = network.eventually("the update ends", lambda: self.ended(names))
        self.assertEqual(sorted(states), ["failed", "stopped", "stopped"])
        for name in names:
            self.assertEqual(self.version(name), OLD)
        self.bring(NEW)
        self.start(NEW, "--all", "--at-once", "2")
        for name in names:
            self.wait_for("done", name)
            self.assertEqual(self.version(name), NEW)
        self.assertEqual(len(self.events("agent-updated")), 3)

    def ended(self, names):
        states = [self.status(name)["state"] for name in names]
        return states if all(each not in ("waiting", "offered") for each in states) else None


def run_side_by_side(names):
    """Runs tests in processes of their own: most of their time they wait. Gives the exit code."""
    parts = [subprocess.Popen([sys.executable, "-B", *sys.argv, *names[first::SIDE_BY_SIDE]])
             for first in range(SIDE_BY_SIDE)]
    return int(any([part.wait() for part in parts]))


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    NEWER_AGENT, NEWER_WORKER, TOOL = rest[:3]
    if len(rest) == 3:
        names = unittest.TestLoader().getTestCaseNames(Updates)
        sys.exit(run_side_by_side([f"Updates.{name}" for name in names]))
    unittest.main(argv=[sys.argv[0], *rest[3:]])
