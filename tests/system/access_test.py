#!/usr/bin/env python3
"""Who may do what, with the real programs: roles, tokens, second factor, second person, audit log,
suspended agents.

Usage: access_test.py SERVER AGENT COFFER WORKER
"""

import base64
import contextlib
import hashlib
import hmac
import json
import sqlite3
import struct
import sys
import time
import unittest

import network

PROGRAMS = None
PASSWORD = "a good long password"


def code_of(secret, step):
    """RFC 6238, six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(None, None, None))
        cls.net.add_repository()
        cls.net.add_agent("laptop")
        cls.net.add_agent("desk")
        cls.data = cls.net.folder / "data"
        cls.data.mkdir()
        (cls.data / "letter.txt").write_text("dear reader")
        for agent in ("laptop", "desk"):
            cls.net.coffer("backup", f"{agent}:{cls.data}", "--wait")

    def client_of(self, user):
        return self.net.folder / f"client-{user}"

    def log_in(self, user, *lines, codes=(0,)):
        words = ["login", "--server", self.net.address, "--user", user, "--ca",
                 self.net.state / "authority.pem", "--password-file", "-"]
        return self.net.coffer(*words, stdin="".join(f"{line}\n" for line in lines),
                               client=self.client_of(user), codes=codes)

    def add_user(self, user, *roles):
        """Who is logged in, with PASSWORD."""
        words = [word for role in roles for word in ("--role", role)]
        first = self.net.json("user", "add", user, *words)["password"]
        self.log_in(user, first)
        self.as_user(user, "passwd", "--password-file", "-", stdin=f"{first}\n{PASSWORD}\n")

    def as_user(self, user, *words, **options):
        return self.net.coffer(*words, client=self.client_of(user), **options)

    def document(self, user, *words):
        return json.loads(self.as_user(user, "--json", *words).stdout)

    def refuse(self, user, code, *words):
        done = self.as_user(user, "--json", *words, codes=(1,))
        error = json.loads(done.stderr.decode().splitlines()[-1])["error"]
        self.assertEqual(error["code"], code, error)
        return error["message"]

    def snapshot_of(self, agent):
        return [each for each in self.net.json("snapshots") if each["agent"] == agent][-1]["id"]

    def wait_until(self, what, look):
        network.eventually(what, look)

    def test_1_each_role_does_what_it_may(self):
        target = self.net.folder / "back"
        snapshot = self.snapshot_of("laptop")
        verbs = {
            "look": ["snapshots"],
            "read": ["get", f"{snapshot}:{self.data}/letter.txt"],
            "run": ["backup", f"laptop:{self.data}", "--wait"],
            "change": ["mkdir", f"laptop:{self.net.folder}/made"],
            "agents": ["enrol-token", "phone"],
            "users": ["user", "list"],
            "tag": ["tag", snapshot, "--add", "seen"],
            "prune": ["prune", "--wait"],
            "audit": ["audit", "list"],
        }
        roles = {
            "viewer": {"look"},
            "operator": {"look", "read", "run", "tag"},
            "administrator": {"look", "read", "run", "change", "agents", "users", "tag"},
            "deleter": {"look", "tag", "prune"},
            "auditor": {"audit"},
        }
        for role, may in roles.items():
            user = f"a-{role}"
            self.add_user(user, role)
            for name, words in verbs.items():
                with self.subTest(role=role, verb=name):
                    if name in may:
                        self.as_user(user, *words)
                    else:
                        self.assertIn("right", self.refuse(user, "permission-denied", *words))
        self.refuse("a-viewer", "permission-denied", "restore", snapshot, "--to", f"laptop:{target}")
        self.as_user("a-operator", "restore", snapshot, "--to", f"laptop:{target}", "--wait")
        for role in roles:  # what is shown later is about who is left
            self.net.coffer("user", "remove", f"a-{role}")

    def test_2_a_grant_is_bound_to_agents(self):
        self.add_user("bound")
        self.refuse("bound", "permission-denied", "agents")
        self.net.coffer("grant", "add", "bound", "operator", "--agent", "labtop", codes=(1,))
        self.net.coffer("grant", "add", "bound", "operator", "--agent", "laptop")
        self.assertEqual([agent["name"] for agent in self.document("bound", "agents")], ["laptop"])
        self.assertEqual({each["agent"] for each in self.document("bound", "snapshots")}, {"laptop"})
        self.assertEqual({each["agent"] for each in self.document("bound", "runs")}, {"laptop"})
        self.as_user("bound", "backup", f"laptop:{self.data}", "--wait")
        foreign = self.snapshot_of("desk")
        for words in (["backup", f"desk:{self.data}"], ["ls", "desk:/"],
                      ["get", f"{foreign}:{self.data}/letter.txt"],
                      ["restore", foreign, "--to", f"laptop:{self.net.folder}/stolen"],
                      ["verify"], ["events"]):
            self.refuse("bound", "permission-denied", *words)
        # By a group, and gone at once.
        self.net.coffer("group", "add", "helpers")
        self.net.coffer("group", "add-member", "helpers", "bound")
        grant = self.net.json("grant", "add", "group:helpers", "viewer")["number"]
        self.assertEqual(len(self.document("bound", "agents")), 2)
        self.net.coffer("grant", "remove", grant)
        self.assertEqual(len(self.document("bound", "agents")), 1)
        self.net.coffer("user", "disable", "bound")
        self.refuse("bound", "log-in-again", "agents")
        self.log_in("bound", PASSWORD, codes=(1,))
        self.net.coffer("user", "enable", "bound")
        time.sleep(1.1)  # a wrong password costs a second
        self.log_in("bound", PASSWORD)

    def test_3_the_last_administrator_stays(self):
        for words in (["user", "remove", "admin"], ["user", "disable", "admin"]):
            self.assertIn("administrator", self.refuse_admin("conflict", *words))

    def refuse_admin(self, code, *words):
        done = self.net.coffer("--json", *words, codes=(1,))
        error = json.loads(done.stderr.decode().splitlines()[-1])["error"]
        self.assertEqual(error["code"], code, error)
        return error["message"]

    def test_4_tokens(self):
        self.add_user("maker", "operator")
        file = self.net.folder / "token"
        self.as_user("maker", "token", "make", "nightly", "--role", "operator", "--role",
                     "administrator", "--agent", "laptop", "--days", "1", "--out", file)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        token = file.read_text().strip()
        self.assertNotIn(token.encode(), (self.net.state / "server.db").read_bytes())
        self.log_in("maker", token)
        self.as_user("maker", "backup", f"laptop:{self.data}", "--wait")
        self.refuse("maker", "permission-denied", "backup", f"desk:{self.data}")
        # Never more than its user has; nothing that would last.
        self.refuse("maker", "permission-denied", "user", "list")
        self.refuse("maker", "permission-denied", "token", "make", "more", "--role", "viewer")
        self.refuse("maker", "permission-denied", "totp", "begin")
        listed = self.document("maker", "token", "list")
        self.assertEqual([each["title"] for each in listed], ["nightly"])
        self.assertIsNotNone(listed[0]["used"])
        self.net.coffer("token", "remove", listed[0]["id"])
        self.refuse("maker", "log-in-again", "agents")
        self.log_in("maker", token, codes=(1,))

    def test_5_second_factor(self):
        self.add_user("careful", "viewer")
        secret = self.document("careful", "totp", "begin")["secret"]
        self.log_in("careful", PASSWORD)  # counts only when confirmed
        step = int(time.time()) // 30
        self.refuse("careful", "permission-denied", "totp", "confirm", "000000")
        codes = self.document("careful", "totp", "confirm", code_of(secret, step - 1))
        recovery = codes["recoveryCodes"]
        self.assertEqual(len(recovery), 10)
        self.log_in("careful", PASSWORD, code_of(secret, step))
        self.as_user("careful", "agents")
        # Without, with a used one: the session is good for nothing.
        for lines in ([PASSWORD], [PASSWORD, code_of(secret, step)]):
            self.log_in("careful", *lines, codes=(1, 2))
            self.refuse("careful", "conflict", "agents")
        time.sleep(1.1)  # so does a wrong code
        self.log_in("careful", PASSWORD, recovery[0])
        self.as_user("careful", "agents")
        self.log_in("careful", PASSWORD, recovery[0], codes=(1,))
        self.net.coffer("totp", "remove", "careful")
        self.log_in("careful", PASSWORD)
        self.as_user("careful", "agents")

    def test_6_a_second_person(self):
        for user in ("first", "second"):
            self.add_user(user, "deleter")
        snapshot = self.snapshot_of("desk")
        self.assertIn("second person", self.refuse("first", "conflict", "forget", snapshot, "--now"))
        request = self.document("first", "requests")[0]
        self.assertEqual((request["user"], request["state"]), ("first", "waiting"))
        number = request["number"]
        self.refuse("first", "permission-denied", "confirm", number)
        self.assertEqual(self.snapshot_of("desk"), snapshot)
        self.as_user("second", "confirm", number)
        self.assertNotIn(snapshot, {each["id"] for each in self.net.json("snapshots")})
        self.refuse("second", "conflict", "confirm", number)
        # Revoking an agent, and a refusal.
        self.refuse_admin("conflict", "revoke", "desk")
        number = self.document("first", "requests")[0]["number"]
        self.as_user("first", "refuse", number)
        self.refuse("second", "conflict", "confirm", number)
        self.assertTrue(self.net.is_attached("desk"))

    def test_7_suspended_agents(self):
        self.net.coffer("agent", "label", "desk", "--title", "The desk", "--group", "office")
        self.net.coffer("agent", "suspend", "desk")
        desk = [each for each in self.net.json("agents") if each["name"] == "desk"][0]
        self.assertEqual(desk["state"], "suspended")
        self.assertEqual((desk["facts"]["title"], desk["facts"]["group"]), ("The desk", "office"))
        self.refuse_admin("unavailable", "ls", "desk:/")
        run = self.net.json("backup", f"desk:{self.data}")["run"]
        self.net.coffer("agent", "resume", "desk")
        self.wait_until("desk is back", lambda: self.net.is_attached("desk"))
        self.assertEqual(self.net.wait_for_run(run)["state"], "succeeded")
        desk = [each for each in self.net.json("agents") if each["name"] == "desk"][0]
        self.assertEqual(desk["facts"]["address"], "127.0.0.1")
        self.assertIn("certificateEnds", desk["facts"])

    def audit(self, code=0):
        return json.loads(self.net.coffer("--json", "audit", "verify", codes=(code,)).stdout)

    def restarted(self):
        self.net.server.start()
        self.net.login()

    def test_8_the_audit_log_shows_that_it_was_changed(self):
        lines = self.net.coffer("audit", "export").stdout.decode().splitlines()
        records = [json.loads(line) for line in lines]
        self.assertEqual([each["number"] for each in records], list(range(1, len(records) + 1)))
        added = [each for each in records if each["action"] == "user-added"]
        self.assertTrue(all((each["user"], each["address"]) == ("admin", "127.0.0.1")
                            for each in added))
        self.assertIn("request-confirmed", {each["action"] for each in records})
        text = "\n".join(lines)
        for secret in (PASSWORD, self.net.password):
            self.assertNotIn(secret, text)
        self.assertTrue(self.audit()["sound"])

        self.net.server.stop()
        file = self.net.state / "server.db"
        witness = self.net.folder / "repositories" / "main" / "audit-head"
        good, head = file.read_bytes(), witness.read_bytes()
        for sql, problem in (
                ("UPDATE audit SET record=(SELECT record FROM audit WHERE number=6) WHERE number=5",
                 "5 was changed"),
                ("DELETE FROM audit WHERE number=5", "5 is missing"),
                ("DELETE FROM audit WHERE number>(SELECT MAX(number)-3 FROM audit)", "repository main")):
            with self.subTest(sql=sql):
                with contextlib.closing(sqlite3.connect(file)) as database:
                    database.execute(sql)
                    database.commit()
                self.restarted()
                verdict = self.audit(4)
                self.assertFalse(verdict["sound"])
                self.assertIn(problem, verdict["problem"])
                self.net.server.stop()
                for suffix in ("-wal", "-shm"):
                    file.with_name(file.name + suffix).unlink(missing_ok=True)
                file.write_bytes(good)
                witness.write_bytes(head)
        self.restarted()
        self.assertTrue(self.audit()["sound"])


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
