"""Backups by one agent, then by several at once, through one server over TLS."""

import os
import subprocess
import threading
import time

import launch
import measure as measuring
from scale import bar
from systems.coffer_network import NetworkCoffer

FILE = 1 << 20


class Agents(NetworkCoffer):
    """The networked shape with several agents."""

    def agent_folder(self, number):
        return self.folder / f"agent{number}"

    def add_agent(self, number):
        folder, token = self.agent_folder(number), self.folder / f"token{number}"
        folder.mkdir()
        config = folder / "agent.ini"
        config.write_text(f"[runs]\nworker = {self.program('worker')}\n")
        base = [self.program("agent"), "--state", folder / "state", "--config", config]
        address = (self.folder / "server/endpoint").read_text().strip()
        measuring.run([self.call("enrol-token", f"agent{number}", "--out", token),
                       ([*base, "enrol", "--server", address, "--token-file", token], self.folder)],
                      self.environment(), self.log)
        name = f"agent{number}"
        self.services.start(name, [*base, "run"],
                            lambda: self.ATTACHED in self.services.printed(name))

    def back_up(self, number, tree):
        arguments, folder = self.call("backup", f"agent{number}:{tree}", "--wait")
        with open(self.log, "ab") as log:
            subprocess.run([str(word) for word in arguments], cwd=folder, env=self.environment(),
                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)


def measure(place, workers, octets):
    network = Agents(place.folder / "network", place.log)
    try:
        network.prepare(lambda commands: measuring.run(commands, network.environment(), place.log))
        trees = [place.folder / f"data{number}" for number in range(workers + 1)]
        for number, tree in enumerate(trees):
            make_data(tree, octets)
            network.add_agent(number)
        alone = together(network, {0: trees[0]})
        at_once = together(network, dict(list(enumerate(trees))[1:]))
    finally:
        network.stop()
    one = octets / max(alone)
    all_of_them = workers * octets / max(at_once)
    return [
        {"what": "one worker", "wall": max(alone), "MB/s": one / 1e6, "bars": []},
        {"what": f"{workers} workers at once", "wall": max(at_once), "MB/s": all_of_them / 1e6,
         "first done": min(at_once), "last done": max(at_once),
         "bars": [bar("not slower than one", all_of_them >= one),
                  bar("last ≤ 2 × first", max(at_once) <= 2 * min(at_once))]}]


def together(network, trees):
    """Backs all up at once; returns after how many seconds each was done."""
    seconds, failures = [], []
    os.sync()
    start = time.perf_counter()

    def run(number, tree):
        try:
            network.back_up(number, tree)
            seconds.append(time.perf_counter() - start)
        except subprocess.CalledProcessError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=item) for item in trees.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"a backup failed: {failures[0]}")
    launch.wait_for_rest(network.pids())
    return seconds


def make_data(tree, octets):
    """Files that nothing else has, and that shrink to about half."""
    tree.mkdir()
    for number in range(max(1, octets // FILE)):
        half = os.urandom(min(FILE, octets) // 2)
        (tree / str(number)).write_bytes(half + half.hex().encode()[:len(half)])
