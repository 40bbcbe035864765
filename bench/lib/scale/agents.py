"""Many agents at one server: real ones, each a process with a certificate and a connection of its
own."""

import concurrent.futures
import json
import os
import resource
import time

import processes
from scale import bar
from scale.network_of import answers, ask, begin
from scale.workers import make_data

ENROLLING = 4  # at a time
BACKUPS = 8
RUNS_A_SECOND = 2
PAUSE_MS = 5  # between two management calls
COMMITTED = ("verifying", "succeeded")
LOST = ("warnings", "failed", "cancelled")


def measure(place, count, seconds, octets):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with begin(place) as net:
        net.add_repository()
        names = [f"agent-{number}" for number in range(count)]
        with concurrent.futures.ThreadPoolExecutor(ENROLLING) as pool:
            list(pool.map(lambda name: net.add_agent(name, start=False), names))
        for name in names:
            net.agents[name].start(ready=False)
        wait_for_all(net, count)
        results = [idle(net, seconds), at_work(place, net, names, seconds, octets), storm(net, count)]
        peak = peak_memory(net.server.pid)
    results.append({"what": f"the server with {count:,} agents", "peak memory": peak,
                    "bars": [bar("250 MB", peak <= 250e6)]})
    return results


def wait_for_all(net, count):
    def attached():
        return sum(agent["state"] == "attached" for agent in net.json("agents")) == count

    while not attached():
        time.sleep(0.2)


def idle(net, seconds):
    """What agents cost that do nothing but beat."""
    time.sleep(5)
    before = processes.cpu_of([net.server.pid])
    time.sleep(seconds)
    cores = (processes.cpu_of([net.server.pid]) - before) / seconds
    return {"what": "idle", "cores": cores, "bars": [bar("0.5 cores", cores <= 0.5)]}


def at_work(place, net, names, seconds, octets):
    """Management calls while some agents back up much, and others, at random, little."""
    small = net.folder / "small"
    make_data(small, 1000)
    trees = [net.folder / f"large-{number}" for number in range(BACKUPS)]
    for tree in trees:
        make_data(tree, octets)
    os.sync()
    busy = [net.start_coffer("backup", f"{name}:{tree}", "--wait")
            for name, tree in zip(names, trees)]
    load = ask(place, net, seconds, PAUSE_MS, small, RUNS_A_SECOND)
    figures = json.loads(answers(load))
    still = sum(one.poll() is None for one in busy)
    if any([one.wait() for one in busy]):
        raise RuntimeError("a backup failed")
    for number in figures["runs"]:
        # What was received is verified when others leave a core: long behind them here.
        if net.wait_for_run(number, *COMMITTED, *LOST)["state"] not in COMMITTED:
            raise RuntimeError(f"run {number} failed")
    calls = figures["all"]
    what = f"{len(busy)} backups, {len(figures['runs'])} small ones; {still} went on"
    return {"what": what, "calls": calls["count"], "median ms": calls["p50"],
            "p99 ms": calls["p99"], "most ms": calls["most"], "by name": figures["calls"],
            "bars": [bar("p99 50 ms", calls["p99"] <= 50)]}


def storm(net, count):
    """From the start of the server until all have come back to it."""
    net.server.stop()
    start = time.perf_counter()
    net.server.start()
    net.login()
    wait_for_all(net, count)
    wall = time.perf_counter() - start
    return {"what": "all attached after a restart", "wall": wall, "bars": [bar("30 s", wall <= 30)]}


def peak_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
