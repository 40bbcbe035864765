#!/usr/bin/env python3
"""Users of a directory, with a real slapd: who gets in, who does not, and what a directory that is
away, slow, foreign or in the clear does to the others.

Usage: directory_test.py SERVER AGENT COFFER WORKER SCRIPTING-CLIENT
"""

import json
import signal
import socket
import sys
import threading
import time
import unittest

import authority
import directory_server
import network
from directory_server import password_of

PROGRAMS = CLIENT = None
WHY_NOT = directory_server.missing()
VIEWERS = "cn=coffer-viewers,ou=groups,dc=example"
PEOPLE = {
    "dora": [VIEWERS, "cn=others,ou=groups,dc=example"],
    "anton": ["cn=Backup Staff,ou=groups,dc=example"],
    "emil": [],
    "fred": ["cn=coffer-unknown,ou=groups,dc=example"],
    "mallory": ["cn=coffer-viewers,ou=people,dc=example"],
    "admin": [VIEWERS],
    "carl": [VIEWERS],
}
LOCAL = "a good long password"


class Recorder:
    """Listens, remembers what comes, and answers nothing."""

    def __init__(self):
        self.heard = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"ldap://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer:
                while piece := peer.recv(65536):
                    self.heard += piece

    def stop(self):
        self._socket.close()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class DirectoryUsers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(None, None, None))
        cls.authority = authority.Authority(cls.net.folder / "directory-ca")
        cls.directory = directory_server.Directory(cls.net.folder / "directory", cls.authority,
                                                   PEOPLE).__enter__()
        cls.addClassCleanup(lambda: cls.directory.__exit__())
        secret = cls.net.folder / "searcher.password"
        secret.write_text(password_of("searcher") + "\n")
        secret.chmod(0o600)
        cls.search = (f"bind-dn = {directory_server.SEARCHER}\npassword-file = {secret}\n"
                      "search-base = ou=people,dc=example\n"
                      "search-filter = (&(objectClass=inetOrgPerson)(uid=%u))\n")
        cls.own_ini = (cls.net.state / "server.ini").read_text()
        for group, role in (("viewers", "viewer"), ("operators", "operator")):
            cls.net.coffer("group", "add", group)
            cls.net.coffer("grant", "add", f"group:{group}", role)
        cls.ask(cls.directory.ldaps)

    @classmethod
    def ask(cls, url, how=None, ca=None):
        """The server begins anew with this directory."""
        if cls.net.server.process:
            cls.net.server.stop()
        (cls.net.state / "server.ini").write_text(
            f"{cls.own_ini}\n[login]\nfirst-delay-seconds = 1\nfailures-of-address = 1000\n"
            f"[ldap]\nurl = {url}\nca-file = {ca or cls.authority.file}\n{how or cls.search}"
            "groups-base = ou=groups,dc=example\ngroup-prefix = coffer-\n"
            "groups = backup staff:operators\ntimeout-seconds = 2\n")
        cls.net.server.start()
        cls.net.login()

    def client_of(self, user):
        return self.net.folder / f"client-{user}"

    def log_in(self, user, *lines, code=None):
        """Gives the message if `code` says that it is refused."""
        words = ["--json", "login", "--server", self.net.address, "--user", user, "--ca",
                 self.net.state / "authority.pem", "--password-file", "-"]
        done = self.net.coffer(*words, stdin="".join(f"{line}\n" for line in lines),
                               client=self.client_of("".join(filter(str.isalnum, user))),
                               codes=(1, 2, 4) if code else (0,))
        return self.error_of(done, code) if code else None

    def error_of(self, done, code):
        error = json.loads(done.stderr.decode().splitlines()[-1])["error"]
        self.assertEqual(error["code"], code, error)
        return error["message"]

    def as_user(self, user, *words, **options):
        return self.net.coffer("--json", *words, client=self.client_of(user), **options)

    def refuse(self, user, code, *words, **options):
        return self.error_of(self.as_user(user, *words, codes=(1,), **options), code)

    def test_1_come_with_what_their_groups_may(self):
        self.log_in("dora", password_of("dora"))
        self.as_user("dora", "agents")
        self.refuse("dora", "permission-denied", "user", "list")
        self.assertIn("run", self.refuse("dora", "permission-denied", "verify"))
        held = json.loads(self.as_user("dora", "grant", "list").stdout)
        self.assertEqual([each["holder"] for each in held], ["group:viewers"])
        # By the table.
        self.log_in("anton", password_of("anton"))
        held = json.loads(self.as_user("anton", "grant", "list").stdout)
        self.assertEqual([each["holder"] for each in held], ["group:operators"])
        records = self.net.lines("audit", "export")
        login = [each for each in records if (each["action"], each["user"]) == ("login", "dora")][-1]
        self.assertEqual((login["address"], login["after"]), ("127.0.0.1", {"by": "directory"}))
        # What is taken from the group is gone at once.
        number = [each for each in self.net.json("grant", "list")
                  if each["holder"] == "group:viewers"][0]["number"]
        self.net.coffer("grant", "remove", number)
        self.refuse("dora", "permission-denied", "agents")
        self.net.coffer("grant", "add", "group:viewers", "viewer")
        self.as_user("dora", "agents")

    def test_2_wrong_and_unknown_are_refused_alike(self):
        wrong = self.log_in("dora", "a wrong password", code="permission-denied")
        self.assertIn("wait", self.log_in("dora", password_of("dora"), code="limit-exceeded"))
        unknown = self.log_in("nobody", "a wrong password", code="permission-denied")
        # Before the colon is what the client was doing: one of the two has a certificate.
        self.assertEqual(wrong.split(": ")[1], unknown.split(": ")[1])
        network.eventually("the delay is over", lambda: self.net.coffer(
            "login", "--password-file", "-", stdin=password_of("dora") + "\n",
            client=self.client_of("dora"), codes=(0, 1)).returncode == 0)

    def test_3_without_a_mapped_group_nobody_comes_in(self):
        for name in ("emil", "fred", "mallory"):
            with self.subTest(name=name):
                self.assertIn("groups",
                              self.log_in(name, password_of(name), code="permission-denied"))

    def test_4_names_that_are_none(self):
        for name in ("*", "do*", "dora)(uid=*", "*)(objectClass=*", "dora,ou=people,dc=example",
                     "DORA", "dora "):
            with self.subTest(name=name):
                self.log_in(name, password_of("dora"), code="permission-denied")
        self.log_in("dora\\2a", password_of("dora"), code="invalid-argument")

    def test_5_an_empty_password_is_no_password(self):
        # This directory would take it from anybody; so would coffer's own check, so another client.
        done = self.net.run([CLIENT, "dora", "laptop", "/"], stdin="\n", codes=None,
                            client=self.client_of("dora"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"wrong user or password", done.stdout + done.stderr)

    def test_6_users_of_the_server_come_first(self):
        self.net.coffer("--json", "login", "--password-file", "-", codes=(1,),
                        stdin=password_of("admin") + "\n", client=self.net.client)
        first = self.net.json("user", "add", "carl")["password"]
        self.log_in("carl", password_of("carl"), code="permission-denied")
        self.net.coffer("user", "disable", "carl")
        time.sleep(1.1)
        self.log_in("carl", password_of("carl"), code="permission-denied")
        self.assertTrue(first)
        self.net.coffer("user", "remove", "carl")

    def test_7_have_a_second_factor_but_no_password_or_tokens_here(self):
        import access_test
        self.log_in("anton", password_of("anton"))
        self.assertIn("directory", self.refuse("anton", "conflict", "passwd", "--password-file", "-",
                                               stdin=f"{password_of('anton')}\n{LOCAL}\n"))
        self.assertIn("directory", self.refuse("anton", "conflict", "token", "make", "script",
                                               "--role", "viewer"))
        secret = json.loads(self.as_user("anton", "totp", "begin").stdout)["secret"]
        step = int(time.time()) // 30
        self.as_user("anton", "totp", "confirm", access_test.code_of(secret, step - 1))
        self.log_in("anton", password_of("anton"), "000000", code="permission-denied")
        time.sleep(1.1)
        self.log_in("anton", password_of("anton"), access_test.code_of(secret, step + 1))
        self.as_user("anton", "agents")
        self.net.coffer("totp", "remove", "anton")
        self.log_in("anton", password_of("anton"))

    def expect_away(self, *, within=10):
        """Its users learn that it cannot be asked; the administrator logs in all the same."""
        begun = time.monotonic()
        message = self.log_in("dora", password_of("dora"), code="unavailable")
        self.assertIn("directory", message)
        self.net.login()
        self.assertLess(time.monotonic() - begun, within)
        return self.net.server.log.read_text()

    def test_8_one_that_is_away_or_silent_shuts_nobody_else_out(self):
        self.directory.daemon.signal(signal.SIGSTOP)
        try:
            self.expect_away()
        finally:
            self.directory.daemon.signal(signal.SIGCONT)
        self.directory.daemon.stop()
        try:
            self.assertIn("directory.failed", self.expect_away())
        finally:
            self.directory.daemon.start()
        self.log_in("dora", password_of("dora"))

    def test_9_is_trusted_over_tls_of_its_own_authority_alone(self):
        self.ask(self.directory.ldap, how="user-dn = uid=%u,ou=people,dc=example\n")
        self.log_in("dora", password_of("dora"))  # by StartTLS and the template
        self.as_user("dora", "agents")
        self.log_in("nobody", password_of("dora"), code="permission-denied")

        foreign = authority.Authority(self.net.folder / "foreign-ca")
        for url in (self.directory.ldaps, self.directory.ldap):
            self.ask(url, ca=foreign.file)
            self.expect_away()
        # A name that is not in its certificate.
        self.ask(self.directory.ldaps.replace("127.0.0.1", "localhost"))
        self.expect_away()

        with directory_server.Directory(self.net.folder / "plain", self.authority, PEOPLE,
                                        tls=False) as plain:
            self.ask(plain.ldap)
            self.expect_away()
        recorder = Recorder()
        self.addCleanup(recorder.stop)
        self.ask(recorder.url, how="user-dn = uid=%u,ou=people,dc=example\n")
        self.expect_away()
        self.assertIn(b"1.3.6.1.4.1.1466.20037", recorder.heard)  # StartTLS was asked for
        self.assertNotIn(password_of("dora").encode(), recorder.heard)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    CLIENT, *rest = rest
    if WHY_NOT:
        print(f"skipped: {WHY_NOT}")
    unittest.main(argv=[sys.argv[0], *rest])
