#!/usr/bin/env python3
"""The verbs of coffer against a real server and agent.

Usage: coffer_test.py SERVER AGENT COFFER WORKER
"""

import os
import shutil
import stat
import sys
import unittest

import network

PROGRAMS, _ = network.programs(sys.argv[1:])


class Coffer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS)
        cls.net.__enter__()
        cls.addClassCleanup(cls.net.__exit__, None, None, None)
        cls.net.add_repository()
        cls.net.add_agent("laptop")

    def setUp(self):
        self.data = self.net.folder / "data"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()

    def refused(self, code, *words, **options):
        """Runs a verb that fails, and gives the code and message of its error."""
        done = self.net.coffer("--json", *words, codes=(code,), **options)
        self.assertEqual(done.stdout, b"")
        error = network.json.loads(done.stderr.splitlines()[-1])["error"]
        return error["code"], error["message"]

    # Logging in.

    def test_whom_to_trust(self):
        fresh = self.net.folder / "fresh"
        words = ("login", "--server", self.net.address, "--user", "admin", "--password-file", "-")
        code, message = self.refused(1, *words, stdin="x\n", client=fresh)
        self.assertEqual(code, "invalid-argument")
        self.assertIn("--fingerprint", message)
        code, _ = self.refused(1, *words, "--fingerprint", "0" * 64, stdin="x\n", client=fresh)
        self.assertEqual(code, "untrusted")
        self.assertFalse((fresh / "authority.pem").exists())

    def test_login_logout(self):
        fresh = self.net.folder / "second"
        self.assertEqual(self.refused(1, "agents", client=fresh)[0], "log-in-again")
        self.net.login(first_time=True, client=fresh)
        self.assertEqual(stat.S_IMODE(os.stat(fresh).st_mode), 0o700)
        for name in ("authority.pem", "client.pem", "session"):
            self.assertEqual(stat.S_IMODE(os.stat(fresh / name).st_mode), 0o600, name)
        self.net.coffer("agents", client=fresh)
        taken = (fresh / "session").read_bytes()
        self.net.coffer("logout", client=fresh)
        self.assertEqual(self.refused(1, "agents", client=fresh)[0], "log-in-again")
        # The reference is worth nothing any more, and was never without its certificate.
        (fresh / "session").write_bytes(taken)
        self.assertEqual(self.refused(1, "agents", client=fresh)[0], "log-in-again")
        self.net.login(client=fresh)
        self.net.coffer("agents", client=fresh)

    def test_a_server_that_is_away(self):
        address, self.net.address = self.net.address, network.free_address()
        try:
            with self.assertRaises(network.Failure) as caught:
                self.net.login(first_time=True, client=self.net.folder / "third")
            self.assertIn("cannot be reached", str(caught.exception))
        finally:
            self.net.address = address

    # Agents and their files.

    def test_agents(self):
        agents = self.net.json("agents")
        self.assertEqual([(a["name"], a["state"]) for a in agents], [("laptop", "attached")])
        self.assertTrue({"host", "system", "version"} <= agents[0]["facts"].keys())
        token = self.net.coffer("-q", "enrol-token", "desk").stdout.decode()
        self.assertRegex(token, r"^cft1-[0-9a-f]{64}-[0-9a-f]{64}\n$")
        self.assertEqual(self.refused(1, "ls", "desk:/")[0], "not-found")

    def test_files(self):
        here = self.net.folder / "here"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        big = os.urandom((5 << 20) + 17)
        (here / "big").write_bytes(big)
        (here / "sub").mkdir()
        (here / "sub" / "ü").write_text("umlaut")
        at = f"laptop:{self.data}"
        self.net.coffer("cp", "-r", here, f"{at}/copy")
        self.assertEqual((self.data / "copy" / "big").read_bytes(), big)
        self.assertEqual(self.net.coffer("get", f"{at}/copy/big").stdout, big)
        self.assertEqual(self.net.coffer("ls", f"{at}/copy").stdout.decode(), "big\nsub/\n")
        entry = self.net.json("stat", f"{at}/copy/big")
        self.assertEqual((entry["type"], entry["size"]), ("file", len(big)))
        self.net.coffer("mkdir", f"{at}/new")
        self.net.coffer("mv", f"{at}/copy/big", f"{at}/new")
        self.net.coffer("cp", f"{at}/new/big", f"{at}/again")
        self.net.coffer("cp", f"{at}/again", here / "back")
        self.assertEqual((here / "back").read_bytes(), big)
        self.assertEqual(self.refused(1, "cp", here / "back", f"{at}/again")[0], "already-exists")
        self.assertEqual(self.refused(1, "rm", f"{at}/new")[0], "conflict")
        self.net.coffer("rm", "-r", f"{at}/new", f"{at}/copy", f"{at}/again")
        self.assertEqual(list(self.data.iterdir()), [])

    def test_what_the_agent_forbids(self):
        code, message = self.refused(1, "mkdir", "laptop:/coffer-was-here")
        self.assertEqual(code, "permission-denied")
        self.assertIn("allow", message)
        secret = self.net.agents["laptop"].state / "identity"
        self.assertEqual(self.refused(1, "ls", f"laptop:{secret}")[0], "permission-denied")

    # Backups.

    def test_backup_and_what_comes_after(self):
        (self.data / "letter.odt").write_text("one")
        (self.data / "scratch.tmp").write_text("no")
        at = f"laptop:{self.data}"
        first = self.net.json("backup", at, "--exclude", "*.tmp", "--wait-proven")
        self.assertEqual((first["state"], first["counts"]["files"]), ("succeeded", 1))
        (self.data / "letter.odt").write_text("two, longer")
        (self.data / "new").write_text("")
        second = self.net.json("backup", at, "--exclude", "*.tmp", "--wait")
        old, new = first["snapshot"], second["snapshot"]
        self.assertEqual([s["id"] for s in self.net.json("snapshots")][-2:], [old, new])
        listed = self.net.coffer("ls-snapshot", f"{new[:8]}:{self.data}").stdout.decode()
        self.assertEqual(listed, "letter.odt\nnew\n")
        self.assertEqual(self.net.coffer("get", f"{old}:{self.data}/letter.odt").stdout, b"one")
        found = self.net.json("find", "letter.*")
        states = [v["snapshots"] for f in found if f["path"] == f"{self.data}/letter.odt"
                  for v in f["versions"]]
        self.assertEqual(sorted(map(tuple, states)), sorted([(old,), (new,)]))
        lines = self.net.coffer("diff", old, new).stdout.decode().splitlines()
        self.assertIn(f"M {self.data}/letter.odt", lines)
        self.assertIn(f"+ {self.data}/new", lines)

        back = self.net.folder / "back"
        run = self.net.json("restore", old, self.data, "--to", f"laptop:{back}", "--wait")
        self.assertEqual(run["state"], "succeeded")
        self.assertEqual((back / "letter.odt").read_text(), "one")
        self.net.coffer("restore", new, self.data, "--to", f"laptop:{back}", "--wait", codes=(1,))
        self.net.coffer("restore", new, self.data, "--to", f"laptop:{back}", "--overwrite",
                        "always", "--wait")
        self.assertEqual((back / "letter.odt").read_text(), "two, longer")

        verified = self.net.json("verify", "--wait")
        self.assertEqual((verified["state"], verified["counts"]["damagedPacks"]),
                         ("succeeded", 0))
        shown = self.net.json("run", "show", first["number"])
        self.assertEqual((shown["state"], shown["problemList"]), ("succeeded", []))
        self.assertIn(first["number"], [r["number"] for r in self.net.json("runs", "-n", "0")])
        self.net.coffer("forget", old)
        self.assertNotIn(old, [s["id"] for s in self.net.json("snapshots")])

    def test_what_ended_cannot_be_cancelled(self):
        (self.data / "a").write_text("a")
        run = self.net.json("backup", f"laptop:{self.data}", "--wait-proven")
        self.assertEqual(self.refused(1, "cancel", run["number"])[0], "conflict")
        self.assertEqual(self.refused(1, "resume", run["number"])[0], "conflict")
        self.assertEqual(self.refused(1, "run", "show", "999999")[0], "not-found")

    def test_unknown_things(self):
        self.assertEqual(self.refused(1, "backup", "nobody:/x")[0], "not-found")
        self.assertEqual(self.refused(1, "backup", "laptop:/", "--repo", "none")[0], "not-found")
        self.assertEqual(self.refused(1, "ls-snapshot", "ffff")[0], "not-found")
        self.assertEqual(self.refused(1, "restore", "ffff", "--to", "laptop:/x")[0], "not-found")
        failed = self.net.coffer("backup", f"laptop:{self.data}/none", "--wait", codes=(1, 3))
        self.assertIn(b"none", failed.stdout + failed.stderr)

    def test_repositories(self):
        info = self.net.json("repo", "info")
        self.assertEqual((info["name"], info["kitConfirmed"]), ("main", True))
        self.assertEqual(self.refused(1, "repo", "recovery-kit", "export",
                                      self.net.folder / "late")[0], "conflict")
        self.net.coffer("repo", "init", "second", self.net.folder / "second-repository")
        # Nothing is backed up before the kit is safe.
        self.assertEqual(self.refused(1, "backup", f"laptop:{self.data}", "--repo", "second")[0],
                         "conflict")

    def test_events(self):
        lines = self.net.coffer("--json", "events").stdout.decode().splitlines()
        kinds = [network.json.loads(line)["kind"] for line in lines]
        self.assertIn("agent-attached", kinds)
        self.assertIn("repository-created", kinds)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
