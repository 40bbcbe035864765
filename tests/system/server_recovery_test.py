#!/usr/bin/env python3
"""What comes back when a server lost its database, or all of itself; and rehearsals, healing,
repairs, replicas.

Usage: server_recovery_test.py SERVER AGENT COFFER WORKER TREE_COMPARE
"""

import glob
import os
import pathlib
import shutil
import sys
import unittest

import network

PROGRAMS, COMPARE = None, None
DAMAGE = 4


class ServerRecovery(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.data = self.net.folder / "data"
        (self.data / "sub").mkdir(parents=True)
        for number in range(30):
            (self.data / "sub" / f"file {number}").write_bytes(os.urandom(number * 7000))
        self.repository = self.net.add_repository()
        self.net.add_agent("laptop")
        self.backup()

    def backup(self, net=None):
        (net or self.net).coffer("backup", f"laptop:{self.data}", "--wait-proven")

    def damage(self):
        pack = max(glob.glob(f"{self.repository}/packs/*/*"), key=os.path.getsize)
        with open(pack, "r+b") as file:
            file.seek(os.path.getsize(pack) // 2)
            octet = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([octet[0] ^ 0x20]))
        return os.path.basename(pack)

    def expect_restored(self, net, name):
        target = net.folder / name
        net.coffer("restore", "latest", str(self.data), "--to", f"laptop:{target}", "--wait")
        network.compare(COMPARE, self.data, target)

    def initialise(self, net):
        """`coffer-server init` once more, and a user who is logged in."""
        first = net.folder / "password-again"
        net.run([PROGRAMS.server, "init", "--state", str(net.state), "--listen", net.address,
                 "--host", "localhost", "--password-file", str(first)])
        net.server.start()
        password = first.read_text().strip()
        net.login(password, first_time=True)
        net.coffer("passwd", "--password-file", "-", stdin=f"{password}\n{net.password}\n")

    def enrol_again(self, net, name="laptop"):
        token = net.folder / "again.token"
        token.unlink(missing_ok=True)
        net.coffer("enrol-token", name, "--out", str(token))
        agent = self.net.agents[name]
        if agent.process is not None:
            agent.stop()
        self.net.run([PROGRAMS.agent, "enrol", "--same-keys", "--state", str(agent.state),
                      "--server", net.address, "--token-file", str(token)])
        agent._ready = lambda: net.is_attached(name)
        agent.start()

    def test_damage_is_named_and_healed(self):
        pack = self.damage()
        run = self.net.json("verify", "--wait", codes=(DAMAGE,))
        problems = self.net.json("run", "show", run["number"])["problemList"]
        text = "\n".join(f"{problem}" for problem in problems)
        self.assertIn(pack, text)
        self.assertIn(f"{self.data}/sub/file ", text)
        self.assertIn(self.net.json("snapshots")[0]["id"][:8], text)
        self.net.coffer("rehearse", "latest", "--wait", codes=(DAMAGE,))
        self.backup()
        self.net.coffer("verify", "--wait")
        self.net.coffer("verify", "--depth", "sample=50", "--wait")
        self.expect_restored(self.net, "healed")
        facts = self.net.json("verify", "--status")
        self.assertEqual(str(facts["provenPercent"]), "100", facts)

    def test_a_rehearsal_proves_a_source(self):
        self.net.coffer("rehearse", "latest", "--sample", "50", "--wait")
        run = self.net.json("rehearse", "--wait")
        self.assertEqual(run["kind"], "rehearsal")
        self.assertEqual(list((self.net.state / "scratch").iterdir()), [])
        info = self.net.json("repo", "info")
        self.assertTrue("laptop" in info["facts"]["provenSource1"], info)
        [agent] = self.net.json("agents")
        self.assertIn("lastProven", str(agent), agent)
        [snapshot] = self.net.json("snapshots")
        proof = snapshot["lastProven"]
        self.assertEqual((proof["snapshot"], proof["percent"], proof["whole"]),
                         (snapshot["id"], 100, True))
        self.assertIn("last proven", self.net.coffer("snapshots").stdout.decode())

    def test_a_repair_saves_what_is_left_and_a_backup_heals_the_rest(self):
        self.damage()
        self.net.coffer("verify", "--wait", codes=(DAMAGE,))
        plan = self.net.json("repair", "main", "--preview", "--wait", codes=(DAMAGE,))
        self.assertEqual(plan["counts"]["damagedPacks"], 1, plan)
        self.assertEqual(plan["counts"]["writtenPacks"], 0, plan)
        done = self.net.json("repair", "main", "--wait", codes=(DAMAGE,))
        self.assertEqual(done["counts"]["writtenPacks"], 1, done)
        self.assertGreater(done["counts"]["touchedEntries"], 0, done)
        self.backup()
        healed = self.net.json("repair", "--wait")
        self.assertEqual(healed["counts"]["condemnedPacks"], 1, healed)
        self.net.coffer("verify", "--wait")
        self.net.coffer("prune", "--wait")
        self.expect_restored(self.net, "healed")

    def test_a_replica_is_kept_and_taken_over(self):
        copy = self.net.folder / "copy"
        self.net.coffer("replicate", "main", "--to", str(self.repository), "--wait", codes=(1,))
        self.net.coffer("replicate", "main", "--to", str(self.net.state / "x"), "--wait",
                        codes=(1,))
        first = self.net.json("replicate", "main", "--to", str(copy), "--wait")
        self.assertEqual(first["counts"]["copied"], first["counts"]["objects"], first)
        (self.data / "new").write_bytes(os.urandom(5000))
        self.net.coffer("backup", f"laptop:{self.data}", "--tag", "after", "--wait-proven")
        self.assertIn("after", self.net.coffer("marks").stdout.decode())
        second = self.net.json("replicate", "--to", str(copy), "--verify", "--wait")
        self.assertGreater(second["counts"]["copied"], 0, second)
        self.assertLess(second["counts"]["copied"], second["counts"]["objects"], second)
        before = [snapshot["id"] for snapshot in self.net.json("snapshots")]
        kit = self.net.folder / "main.kit"
        self.net.server.kill()
        shutil.rmtree(self.repository)
        with network.Network(PROGRAMS) as other:
            other.coffer("repo", "adopt", "main", str(copy), str(kit))
            self.assertEqual([snapshot["id"] for snapshot in other.json("snapshots")], before)
            other.coffer("verify", "--wait")

    def test_server_db_is_lost(self):
        before = [snapshot["id"] for snapshot in self.net.json("snapshots")]
        self.net.server.stop()
        for file in glob.glob(f"{self.net.state}/server.db*"):
            os.unlink(file)
        self.initialise(self.net)
        [repository] = self.net.json("repo", "list")
        self.assertEqual(repository["name"], "main")
        self.assertEqual(repository["folder"], str(self.repository))
        self.assertEqual([snapshot["id"] for snapshot in self.net.json("snapshots")], before)
        self.assertFalse(self.net.is_attached("laptop"))
        log = self.net.coffer("run", "log", 1).stdout.decode()
        self.assertIn(f"backup of {self.data}", log)
        self.enrol_again(self.net)
        self.assertEqual({snapshot["agent"] for snapshot in self.net.json("snapshots")},
                         {"laptop"})
        self.expect_restored(self.net, "restored")
        run = self.net.json("backup", f"laptop:{self.data}", "--wait-proven")
        self.assertEqual(run["counts"]["readBytes"], 0, run)  # same agent
        self.net.coffer("verify", "--wait")

    def test_the_index_is_lost(self):
        self.net.server.stop()
        databases = self.net.state / "repositories" / "main" / "databases"
        self.assertTrue(list(databases.iterdir()))
        shutil.rmtree(databases)
        self.net.server.start()
        self.net.login()
        self.net.coffer("verify", "--wait")
        network.eventually("the agent is back", lambda: self.net.is_attached("laptop"))
        self.expect_restored(self.net, "restored")

    def test_the_server_is_lost(self):
        before = [snapshot["id"] for snapshot in self.net.json("snapshots")]
        kit = pathlib.Path(self.net.folder / "main.kit")
        self.net.server.stop()  # logs of runs are kept once a minute, and now
        shutil.rmtree(self.net.state)
        with network.Network(PROGRAMS) as other:
            wrong = other.folder / "wrong.kit"
            other.coffer("repo", "init", "other", str(other.folder / "other"))
            other.coffer("repo", "recovery-kit", "export", str(wrong), "--repo", "other")
            other.coffer("repo", "adopt", "main", str(self.repository), str(wrong), codes=(1,))
            other.coffer("repo", "adopt", "main", str(self.repository), str(kit))
            self.assertEqual([snapshot["id"] for snapshot in other.json("snapshots")], before)
            self.assertIn("backup of", other.coffer("run", "log", 1).stdout.decode())
            self.net.agents["laptop"].stop()
            self.enrol_again(other)
            # It may write below the folder of the network that it was set up for.
            target = self.net.folder / "restored"
            other.coffer("restore", "latest", str(self.data), "--to", f"laptop:{target}", "--wait")
            network.compare(COMPARE, self.data, target)
            self.backup(other)
            other.coffer("verify", "--wait")
            # What the repository knew of the lost server's audit log is not held against this one.
            other.coffer("audit", "verify")
            self.net.agents["laptop"].stop()


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    COMPARE = rest.pop(0)
    unittest.main(argv=sys.argv[:1] + rest)
