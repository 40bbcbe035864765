#!/usr/bin/env python3
"""Hostile agents, hostile clients and strangers at a real server: each is refused and logged, and
the server goes on serving others.

Usage: hostile_test.py SERVER AGENT COFFER WORKER HOSTILE-PEER
"""

import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import unittest

import network
from hostile_tools import Held, Impostor, certificate

PROGRAMS = PEER = None
SILENT = 150  # below the share that peers without a certificate have


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = net = network.Network(PROGRAMS)
        net.__enter__()
        cls.addClassCleanup(net.__exit__, None, None, None)
        net.add_repository()
        net.add_agent("honest")
        for name in ("mallory", "victim", "outcast"):
            net.add_agent(name, start=False)
        cls.tree = net.folder / "data"
        cls.tree.mkdir()
        (cls.tree / "file").write_text("what is to be kept\n")
        cls.authority = net.state / "authority.pem"
        cls.admin = net.client / "client.pem"

    def setUp(self):
        self.log_begin = self.net.server.log.stat().st_size

    def tearDown(self):
        """Others are served as ever."""
        self.assertIsNone(self.net.server.process.poll(), "the server has ended")
        self.assertIn(b"file", self.net.coffer("ls", f"honest:{self.tree}").stdout)
        number = self.net.json("backup", f"honest:{self.tree}")["run"]
        self.assertEqual(self.net.wait_for_run(number)["state"], "succeeded")

    # Tools.

    def identity(self, agent):
        return self.net.agents[agent].state / "agent.pem"

    def words(self, identity, *attack):
        return list(map(str, [PEER, self.net.address, self.authority, identity, *attack]))

    def attack(self, identity, *attack):
        """What was tried -> what came of it; without `code: message` when it was let pass."""
        said = self.net.run(self.words(identity, *attack)).stdout.decode()
        return dict(line.split(": ", 1) for line in said.splitlines() if ": " in line), said

    def check(self, identity, *attack, codes, passes=()):
        """All is refused, by one of the codes, but for `passes`; gives the output."""
        tries, said = self.attack(identity, *attack)
        self.assertTrue(tries, said)
        for name, came in tries.items():
            if name in passes:
                self.assertEqual(came, "ACCEPTED", name)
                continue
            self.assertTrue(came.startswith("refused "), f"{name}: {came}")
            self.assertIn(came.split()[1].rstrip(":"), codes, f"{name}: {came}")
        return said

    def hold(self, agent):
        held = Held(self.words(self.identity(agent), "hold"))
        self.addCleanup(held.end)
        return held

    def logged(self, *events):
        """Since the beginning of the test."""
        with open(self.net.server.log, "rb") as log:
            log.seek(self.log_begin)
            text = log.read().decode(errors="replace")
        for event in events:
            self.assertIn(event, text)
        return text

    def session(self):
        for line in (self.net.client / "session").read_text().splitlines():
            if line.startswith("session "):
                return line.split(" ", 1)[1]
        raise network.Failure("nobody is logged in")

    # Agents.

    def test_an_agent_is_no_user(self):
        self.check(self.identity("mallory"), "agent-at-the-gate", self.session(),
                   codes=("permission-denied",))
        self.logged("rpc.refused", "caller=mallory")

    def test_an_agent_attaches_strangely(self):
        victim = self.hold("victim")
        # A reference says nothing of a connection: whose it ever was, it leads to who gives it.
        self.check(self.identity("mallory"), "attachments", victim.said("control"),
                   codes=("unsupported", "limit-exceeded", "invalid-argument",
                          "permission-denied"), passes=("another agent as callback",))
        self.logged("agent.unsupported", "agent.foreign-callback", "rpc.refused")
        victim.said("link")
        runs = [self.net.json("backup", f"{name}:{self.tree}")["run"]
                for name in ("mallory", "victim")]
        self.assertIn(b"victim", bytes.fromhex(victim.said("token")))
        for run in runs:
            self.net.coffer("cancel", str(run))
        self.check(self.identity("mallory"), "many-facts", codes=(), passes=("8 MB of facts",))
        self.assertLess(len(self.net.coffer("--json", "agents").stdout), 100_000)

    def test_an_agent_takes_the_link_of_another(self):
        victim = self.hold("victim")
        victim.said("control")
        self.check(self.identity("mallory"), "foreign-link", victim.said("link"),
                   codes=("permission-denied",))
        self.assertEqual(victim.beat(), "heartbeat: ACCEPTED\n")
        self.logged("agent.foreign-link")

    def test_an_agent_tells_of_runs_that_are_not_its_own(self):
        run = self.net.json("backup", f"honest:{self.tree}", "--wait-proven")
        before = self.net.json("run", "show", run["number"])
        # News of other runs count for nothing, without a word.
        self.check(self.identity("mallory"), "foreign-runs", run["number"],
                   codes=("not-found", "invalid-argument", "limit-exceeded"),
                   passes=("news of another's run",))
        self.assertEqual(self.net.json("run", "show", run["number"]), before)
        self.logged("run.foreign-result", "rpc.refused")

    def test_a_renewal_is_for_whoever_asks(self):
        said = self.check(self.identity("mallory"), "renewals", passes=("another name",),
                          codes=("invalid-argument", "corrupt", "limit-exceeded"))
        self.assertIn("renewed for mallory\n", said)

    def test_tokens_and_sessions_of_a_backup(self):
        victim = self.hold("victim")
        victim.said("control")
        victim.said("link")
        run = self.net.json("backup", f"victim:{self.tree}")["run"]
        token = victim.said("token")
        self.check(self.identity("mallory"), "tokens", token,
                   codes=("permission-denied", "invalid-argument"))
        self.check(self.admin, "tokens", token, codes=("permission-denied", "invalid-argument"))
        self.check("-", "tokens", token, codes=("permission-denied", "invalid-argument"))
        said = self.check(self.identity("victim"), "own-backup", token,
                          codes=("permission-denied", "invalid-argument", "limit-exceeded",
                                 "not-found", "untrusted", "corrupt", "conflict"))
        session = said.strip().splitlines()[-1].split(" ", 1)[1]
        self.check(self.identity("mallory"), "foreign-backup", session,
                   codes=("permission-denied",))
        self.check("-", "foreign-backup", session, codes=("permission-denied",))
        self.logged("operation=beginBackup", "operation=append", "operation=missing")
        self.net.coffer("cancel", str(run))

    def test_a_revoked_agent(self):
        held = self.hold("outcast")
        held.said("control")
        held.said("link")
        self.net.coffer("revoke", "outcast")
        self.assertTrue(network.eventually("the connection has ended", held.beat)
                        .startswith("heartbeat: refused "))
        self.check(self.identity("outcast"), "knock",
                   codes=("untrusted", "unavailable", "permission-denied"))
        self.logged("agent.revoked", "tls.refused")

    # Clients.

    def test_a_stolen_session(self):
        for identity in (self.identity("mallory"), "-"):
            self.check(identity, "stolen-session", self.session(), codes=("permission-denied",))
        self.logged("rpc.refused")

    def test_a_client_is_no_agent(self):
        for identity in (self.admin, "-"):
            self.check(identity, "client-as-agent", codes=("permission-denied",))

    def test_absurd_calls_of_a_user(self):
        self.check(self.admin, "absurd-calls", self.session(), "honest",
                   codes=("invalid-argument", "limit-exceeded", "not-found"))
        self.logged("rpc.refused")

    def test_zz_enrolments_and_guesses(self):
        """Last: the delays are for the address of all tests."""
        self.check("-", "enrolments", codes=("invalid-argument", "permission-denied",
                                             "limit-exceeded", "busy"))
        said = self.net.run(self.words("-", "guesses", "12")).stdout.decode().splitlines()
        self.assertEqual(len(said), 12)
        self.assertTrue(all(": refused " in line for line in said), said)
        self.assertTrue(any("refused busy" in line or "refused limit-exceeded" in line
                            for line in said), said)
        self.logged("login.refused", "enrolment.refused")

    # Strangers.

    def other_authority(self):
        """A certificate that says the same, by an authority that anybody can make."""
        return certificate(self.net.folder / "stranger", "/OU=agent/CN=mallory")

    def test_a_certificate_of_another_authority(self):
        self.check(self.other_authority(), "knock", codes=("permission-denied", "unavailable"))
        self.logged("tls.refused", "mallory")

    def test_certificates_that_the_server_never_issued(self):
        signer = (self.authority, self.net.state / "authority.key")
        for name, days in (("unissued", 2), ("expired", -1)):
            made = certificate(self.net.folder / name, "/OU=agent/CN=mallory", signer, days)
            self.check(made, "knock", codes=("permission-denied", "unavailable"))
        self.logged("it is not accepted any more", "certificate has expired")

    def test_a_man_in_the_middle_with_an_agents_certificate(self):
        for shown in (self.identity("mallory"), self.other_authority()):
            with Impostor(shown) as address:
                done = self.net.coffer("login", "--server", address, "--user", "admin", "--ca",
                                       str(self.authority), "--password-file", "-",
                                       stdin="secret of admin\n", codes=None,
                                       client=self.net.folder / "deceived")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(b"certificate", done.stderr)
                agent = self.net.agents["mallory"]
                settings = agent.state / "agent.ini"
                before = settings.read_text()
                settings.write_text(before.replace(self.net.address, address))
                try:
                    agent.start(ready=False)
                    network.eventually("the agent refuses the impostor",
                                       lambda: "certificate is refused" in agent.log.read_text())
                finally:
                    agent.end()
                    settings.write_text(before)
                    agent.log.write_text("")

    def tls(self, identity=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.authority)
        context.check_hostname = False
        if identity:
            context.load_cert_chain(identity)
        host, port = self.net.address.rsplit(":", 1)
        plain = socket.create_connection((host, int(port)), network.PATIENCE)
        return context.wrap_socket(plain)

    def test_octets_that_are_no_giop(self):
        head = b"GIOP\1\2\0\0"
        for identity in (None, self.admin, self.identity("mallory")):
            for octets in (b"GET / HTTP/1.1\r\n\r\n", bytes(1000), head + struct.pack(">I", 2**31),
                           head + struct.pack(">I", 2**32 - 1), b"GIOP\1\2\0\x63" + bytes(100),
                           head + struct.pack(">I", 12) + b"\0\0\0\1\3\0\0\0\0\7\0\0",
                           b"GIOP\x09\x09\0\0" + bytes(100)):
                with self.tls(identity) as peer:
                    self.assertHungUp(peer, octets + bytes(10_000))

    def assertHungUp(self, peer, octets):
        try:
            peer.sendall(octets)
            while peer.recv(4096):
                pass
        except (ConnectionError, ssl.SSLError):
            pass  # a timeout is none of these

    def test_peers_that_say_nothing(self):
        peers = []
        try:
            for number in range(SILENT):
                host, port = self.net.address.rsplit(":", 1)
                # Some do not even begin with TLS, some stop in the middle of a message.
                if number % 3 == 0:
                    peers.append(socket.create_connection((host, int(port)), network.PATIENCE))
                    continue
                peers.append(self.tls(self.identity("mallory") if number % 2 else None))
                if number % 3 == 1:
                    peers[-1].sendall(b"GIOP\1\2\0\0" + struct.pack(">I", 1000) + b"begun")
            self.tearDown()
        finally:
            for peer in peers:
                peer.close()


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    PEER = pathlib.Path(rest.pop(0))
    unittest.main(argv=sys.argv[:1] + rest)
