#!/usr/bin/env python3
"""A store in a process of its own: runs do not notice that their server was away.

Usage: store_server_test.py SERVER AGENT COFFER WORKER STORE TREE_COMPARE
"""

import os
import pathlib
import sys
import time
import unittest

import authority
import network
import store_peer

PROGRAMS = STORE = COMPARE = None
BACKUPS = 20
SIZE = 12_000_000  # octets of each
RATE = "150K"  # each is at work for a minute and more
ALL_AT_ONCE = f"[runs]\nat-once = {BACKUPS}\n"


class StoreNetwork(network.Network):
    """A network with a coffer-store beside its server."""

    store = None

    def __enter__(self):
        super().__enter__()
        try:
            self.add_store()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def add_store(self):
        self.store_address = network.free_address(self.host)
        self.server.stop()
        settings = self.state / "server.ini"
        text = settings.read_text()
        assert text.count("\n;address = \n") == 1, text
        settings.write_text(text.replace("\n;address = \n", f"\naddress = {self.store_address}\n"))
        self.server.start()
        self.login()
        (self.state / "store" / "store.ini").write_text(
            f"[store]\nlisten = {self.store_address}\n")
        self.store = network.Daemon([STORE, "run", "--state", self.state],
                                    self.folder / "store.log",
                                    lambda: network.answers(self.store_address)).start()

    def _end(self, failed):
        if self.store:
            self.store.end()
        super()._end(failed)

    def back(self):
        """The server, behind whatever ended it."""
        self.server.start()
        self.login()
        for name in self.agents:
            network.eventually(f"{name} is back", lambda name=name: self.is_attached(name))


def children(pid):
    """Numbers of the processes that it has started and that live."""
    found = set()
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


class StoreServer(unittest.TestCase):
    def setUp(self):
        self.net = StoreNetwork(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.repository = self.net.add_repository()
        self.agent = self.net.add_agent("laptop", settings=ALL_AT_ONCE)

    def tree(self, number, size=SIZE):
        folder = self.net.folder / "data" / f"tree-{number}"
        folder.mkdir(parents=True)
        for part in range(4):
            (folder / f"part-{part}").write_bytes(os.urandom(size // 4))
        return folder

    def order(self, tree, *words):
        return self.net.json("backup", f"laptop:{tree}", "--workers", "1", *words)["run"]

    def begin(self, count=BACKUPS, rate=RATE):
        """Backups that are all at work: their trees by the number of the run, and their workers."""
        trees = {}
        for number in range(count):
            tree = self.tree(number)
            trees[self.order(tree, "--read-rate", rate)] = tree
        for run in trees:
            self.net.wait_for_run(run, "running")
        network.eventually("all workers are there",
                           lambda: len(children(self.agent.pid)) == count)
        for run in trees:
            network.eventually(f"run {run} reads", lambda run=run: self.net.json(
                "run", "show", run)["counts"].get("readBytes", 0) > 0)
        return trees, children(self.agent.pid)

    def expect_restored(self, run, tree):
        target = self.net.folder / f"restored-{run['number']}"
        self.net.coffer("restore", run["snapshot"], str(tree), "--to", f"laptop:{target}", "--wait")
        network.compare(COMPARE, tree, target)

    def answer(self, *certificate, shown=b""):
        return store_peer.answer(self.net.store_address, certificate, shown)

    def test_twenty_backups_do_not_notice_that_the_server_was_away(self):
        trees, workers = self.begin()
        self.assertEqual(self.net.server.stop(), 0)
        time.sleep(1)
        self.assertEqual(children(self.agent.pid), workers)
        self.net.back()
        self.assertEqual(children(self.agent.pid), workers)
        self.net.server.kill()
        time.sleep(1)
        self.net.back()
        self.assertEqual(children(self.agent.pid), workers)
        for run, tree in trees.items():
            ended = self.net.wait_for_run(run, "succeeded")
            self.assertEqual(ended["attempt"], 1, ended)
            self.assertEqual(ended["counts"]["readBytes"], SIZE, ended)
            self.expect_restored(ended, tree)
        self.net.coffer("verify", "--wait")
        self.net.coffer("prune", "--wait")
        self.net.coffer("verify", "--wait")

    def test_a_restore_does_not_notice_it_either(self):
        tree = self.tree(1, size=12_000_000)
        backup = self.net.wait_for_run(self.order(tree), "succeeded")
        target = self.net.folder / "restored"
        run = self.net.json("restore", backup["snapshot"], str(tree), "--to", f"laptop:{target}",
                            "--workers", "1", "--bandwidth", "800K")["run"]
        self.net.wait_for_run(run, "running")
        network.eventually("it is at work", lambda: children(self.agent.pid))
        workers = children(self.agent.pid)
        self.net.server.kill()
        time.sleep(1)
        self.assertEqual(children(self.agent.pid), workers)
        self.net.back()
        ended = self.net.wait_for_run(run, "succeeded")
        self.assertEqual(ended["attempt"], 1, ended)
        network.compare(COMPARE, tree, target)

    def test_a_run_that_ends_while_the_server_is_away_is_told_of_later(self):
        tree = self.tree(1, size=400_000)
        run = self.order(tree, "--read-rate", "100K")
        self.net.wait_for_run(run, "running")
        self.net.server.kill()
        network.eventually("its worker has ended", lambda: not children(self.agent.pid))
        self.net.back()
        ended = self.net.wait_for_run(run, "succeeded")
        self.assertEqual(ended["attempt"], 1, ended)
        self.expect_restored(ended, tree)
        [snapshot] = self.net.json("snapshots")
        self.assertEqual(snapshot["id"], ended["snapshot"])
        self.assertIn("part-0", self.net.coffer("ls-snapshot", f"{snapshot['id']}:{tree}").stdout.decode())

    def test_runs_go_on_when_the_store_was_killed(self):
        trees, _ = self.begin(count=4, rate="400K")
        self.net.store.kill()
        self.net.json("agents")  # the server goes on
        self.net.store.start()
        for run, tree in trees.items():
            ended = self.net.wait_for_run(run, "succeeded")
            self.expect_restored(ended, tree)
        self.net.coffer("prune", "--wait")
        self.net.coffer("verify", "--wait")
        self.assertEqual(len(self.net.json("snapshots")), len(trees))

    def test_a_prune_runs_beside_backups_of_the_store(self):
        first = self.net.wait_for_run(self.order(self.tree(100)), "succeeded")
        trees, _ = self.begin(count=4, rate="500K")
        self.net.coffer("forget", first["snapshot"])
        self.net.coffer("prune", "--wait")
        self.net.coffer("verify", "--wait")
        for run, tree in trees.items():
            self.expect_restored(self.net.wait_for_run(run, "succeeded"), tree)

    def test_who_has_no_business_is_refused_without_the_server(self):
        self.net.add_agent("second")
        good = self.agent.state / "agent.pem"
        revoked = self.net.agents["second"].state / "agent.pem"
        network.eventually("the store has heard of both",
                           lambda: self.answer(good) and self.answer(revoked))
        self.assertIn(b"permission-denied", self.answer(good))
        self.assertIn(b"permission-denied", self.answer(revoked))
        self.net.coffer("revoke", "second")
        network.eventually("the store has heard of it", lambda: not self.answer(revoked))
        self.net.server.stop()
        self.assertEqual(self.answer(revoked), b"")
        stranger = authority.Authority(self.net.folder / "other-authority")
        self.assertEqual(self.answer(*stranger.certificate("laptop", "DNS:laptop")), b"")
        # The server's own and the store's are no agent's.
        self.assertEqual(self.answer(self.net.state / "server.pem"), b"")
        self.assertEqual(self.answer(self.net.state / "store" / "store.pem"), b"")
        # Tokens.
        key = bytes.fromhex((self.net.state / "store" / "token.key").read_text())
        makes = store_peer.token
        self.assertIn(b"not enrolled", self.answer(good, shown=makes(key, "laptop")))  # as to the rest
        self.assertIn(b"has expired", self.answer(good, shown=makes(key, "laptop", lives=-1)))
        self.assertIn(b"was not made by this server",
                      self.answer(good, shown=makes(bytes(32), "laptop")))
        self.assertIn(b"only for the agent", self.answer(good, shown=makes(key, "second")))

    def test_the_programs_keep_others_out(self):
        self.net.wait_for_run(self.order(self.tree(1, size=4000)), "succeeded")
        busy = 5
        self.net.run([STORE, "run", "--state", self.net.state], codes=(busy,))
        self.assertEqual(self.net.store.stop(), 0)
        # What is handed over is no secret of the authority.
        handed = sorted(path.name for path in (self.net.state / "store").iterdir())
        self.assertEqual(handed, ["agents", "authority.pem", "lock", "store.ini", "store.pem",
                                  "token.key"])
        # It reads that, and can put nothing else in its place; the rest of the state it cannot even read.
        mode = lambda name: (self.net.state / name).stat().st_mode & 0o777
        self.assertEqual(mode("store"), 0o750)
        self.assertEqual(mode("repositories"), 0o770)
        for name in handed:
            if name not in ("lock", "store.ini"):
                self.assertEqual(mode(f"store/{name}"), 0o640, name)
        for name in ("authority.key", "server.pem", "server.db", "server.db-wal"):
            self.assertEqual(mode(name), 0o600, name)


if __name__ == "__main__":
    PROGRAMS, words = network.programs(sys.argv[1:])
    STORE, COMPARE = words[:2]
    unittest.main(argv=[sys.argv[0], *words[2:]])
