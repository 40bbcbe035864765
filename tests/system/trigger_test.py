#!/usr/bin/env python3
"""Tasks started over HTTPS: with a token that may, one that may not, none; and what others learn.

Usage: trigger_test.py SERVER AGENT COFFER WORKER
"""

import json
import socket
import ssl
import sys
import unittest
import urllib.error
import urllib.request

import network

PROGRAMS = None


class Trigger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(None, None, None))
        cls.address = network.free_address()
        cls.own_ini = (cls.net.state / "server.ini").read_text()
        cls.begin(f"[trigger]\nlisten = {cls.address}\n")
        cls.net.add_repository()
        cls.net.add_agent("laptop")
        cls.data = cls.net.folder / "data"
        cls.data.mkdir()
        (cls.data / "a.txt").write_text("some text")
        for name, agent in (("office", "laptop"), ("of.others", "desk")):
            if agent == "desk":
                cls.net.add_agent("desk", start=False)
            cls.net.coffer("task", "add", name, f"source={agent}:{cls.data}")
        cls.context = ssl.create_default_context(cafile=str(cls.net.state / "authority.pem"))
        cls.operator = cls.token("operator", "--role", "operator")
        cls.bound = cls.token("bound", "--role", "operator", "--agent", "laptop")
        cls.viewer = cls.token("viewer", "--role", "viewer")

    @classmethod
    def begin(cls, settings):
        cls.net.server.stop()
        (cls.net.state / "server.ini").write_text(f"{cls.own_ini}\n{settings}")
        cls.net.server.start()
        cls.net.login()

    @classmethod
    def token(cls, title, *words):
        file = cls.net.folder / f"{title}.token"
        cls.net.coffer("token", "make", title, "--out", file, *words)
        return file.read_text().strip()

    def ask(self, task, token=None, method="POST", url=None, body=None):
        """Status and document."""
        port = self.address.rsplit(":", 1)[1]
        request = urllib.request.Request(url or f"https://localhost:{port}/tasks/{task}/run",
                                         method=method, data=body)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            self.last_headers = error.headers
            return error.code, json.load(error)

    def refused(self, *words, **options):
        status, document = self.ask(*words, **options)
        self.assertIn("error", document)
        return status

    def test_1_starts_a_task(self):
        status, document = self.ask("office", self.operator, body=b'{"why": "because"}')
        self.assertEqual(status, 202, document)
        run = self.net.wait_for_run(document["runs"][0])
        self.assertEqual((run["state"], run["task"], run["user"]), ("succeeded", "office", "admin"))
        status, document = self.ask("office", self.bound)
        self.assertEqual(status, 202, document)
        self.net.wait_for_run(document["runs"][0])
        record = self.net.lines("audit", "export")[-1]
        self.assertEqual((record["action"], record["subject"], record["user"], record["address"]),
                         ("task-started", "office", "admin", "127.0.0.1"))

    def test_2_that_is_at_work_is_not_started_again(self):
        status, document = self.ask("of%2eothers", self.operator)  # waits for its agent
        self.assertEqual(status, 202, document)
        status, again = self.ask("of%2eothers", self.operator)
        self.assertEqual((status, again["error"]["code"]), (409, "conflict"))
        self.net.coffer("cancel", document["runs"][0])

    def test_3_who_may_not_learns_nothing(self):
        self.assertEqual(self.refused("office", self.viewer), 403)
        self.assertEqual(self.refused("none", self.operator), 404)
        there, document = self.ask("of%2eothers", self.bound)
        absent, other = self.ask("none", self.bound)
        self.assertEqual((there, document), (absent, other))
        self.assertEqual(there, 403)
        self.assertEqual(self.refused("office", self.operator, method="GET"), 405)
        port = self.address.rsplit(":", 1)[1]
        self.assertEqual(self.refused("", self.operator, url=f"https://localhost:{port}/metrics"), 404)
        removed = self.token("removed", "--role", "operator")
        number = [each["id"] for each in self.net.json("token", "list") if each["title"] == "removed"]
        self.net.coffer("token", "remove", number[0])
        self.assertEqual(self.refused("office", removed), 401)

    def test_4_what_is_no_https_harms_nobody(self):
        host, port = self.address.rsplit(":", 1)
        for octets in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100_000):
            with socket.create_connection((host, int(port)), 10) as peer:
                peer.settimeout(30)
                try:
                    peer.sendall(octets)
                    self.assertNotIn(b"runs", peer.recv(1000))
                except OSError:
                    pass
        for path in ("a" * 100_000, "office%00", "..%2f..%2foffice"):
            try:
                status, _ = self.ask(path, self.operator)
                self.assertGreaterEqual(status, 400)
            except (OSError, ValueError):
                pass  # hung up
        self.assertEqual(self.ask("office", self.operator)[0], 202)

    def test_5_guesses_are_slowed_down(self):
        statuses = [self.refused("office", f"cfa1-{number:080}") for number in range(12)]
        self.assertEqual(statuses[0], 401)
        self.assertEqual(statuses[-1], 429)
        self.assertGreaterEqual(int(self.last_headers["Retry-After"]), 1)
        self.assertEqual(self.refused("office", self.operator), 429)

    def test_6_is_off_or_safe_unless_somebody_says_so(self):
        self.begin("")
        host, port = self.address.rsplit(":", 1)
        with self.assertRaises(OSError):
            socket.create_connection((host, int(port)), 10)
        self.net.server.stop()
        (self.net.state / "server.ini").write_text(
            f"{self.own_ini}\n[trigger]\nlisten = 0.0.0.0:0\ntls = no\n")
        done = self.net.run([PROGRAMS.server, "run", "--state", str(self.net.state)], codes=(1,))
        self.assertIn(b"trigger.tls", done.stderr)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
