"""Runs commands one after the other and measures them, to the end of all their processes.

A program of its own, because a process inherits the peak memory of the one that starts it: this
one stays small. Reads {"commands": [[arguments, folder], ...], "environment", "log", "services"}
from standard input; writes the figures of `measure.run` and the exit status as JSON.
"""

import ctypes
import json
import os
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import processes  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
SAMPLE = 0.2  # seconds between two looks at the memory
QUIET = 0.5  # seconds of services doing nothing after which they have come to rest
RESTLESS = 600  # seconds after which they are taken as they are


def main():
    task = json.load(sys.stdin)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    services = task["services"]
    figures = {"cpu user": 0.0, "cpu system": 0.0, "peak memory": 0, "status": 0}
    sampler = Sampler([*services, os.getpid()]) if services else None
    before = processes.cpu_of(services)
    busy, start = machine_busy(), time.perf_counter()
    run_commands(task, figures)
    figures["wall"] = time.perf_counter() - start
    figures["cpu"] = figures["cpu user"] + figures["cpu system"]
    if services:
        figures["behind"] = wait_for_rest(services)
        figures["services cpu"] = processes.cpu_of(services) - before
        figures["cpu"] += figures["services cpu"]
        sampler.stop()
        figures["peak memory"] = sampler.peak
        figures["largest process"] = sampler.largest
    figures["other cpu"] = max(0.0, machine_busy() - busy - figures["cpu"])
    json.dump(figures, sys.stdout)


def run_commands(task, figures):
    with open(task["log"], "ab", buffering=0) as log:
        for arguments, folder in task["commands"]:
            log.write(f"$ {' '.join(arguments)}\n".encode())
            child = subprocess.Popen(arguments, cwd=folder, env=task["environment"], stdout=log,
                                     stderr=log, stdin=subprocess.DEVNULL)
            figures["status"] = wait_for_all(child.pid, figures)
            child.returncode = figures["status"]
            if figures["status"] != 0:
                break


def wait_for_all(first, figures):
    """Waits for every process left, orphans too; returns the exit status of `first`."""
    result = 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return result
        if pid == first:
            result = os.waitstatus_to_exitcode(status)
        figures["cpu user"] += usage.ru_utime
        figures["cpu system"] += usage.ru_stime
        figures["peak memory"] = max(figures["peak memory"], usage.ru_maxrss * 1024)


def wait_for_rest(services):
    """Waits until the services have nothing more to do; returns for how long they still had."""
    start = last = time.perf_counter()
    seen = processes.cpu_of(services)
    while (now := time.perf_counter()) - last < QUIET and now - start < RESTLESS:
        time.sleep(0.05)
        used = processes.cpu_of(services)
        if used - seen >= 0.02:  # two ticks: less is what an idle daemon takes
            seen, last = used, time.perf_counter()
    return last - start


class Sampler:
    """Looks at the memory of some trees of processes, all together, again and again."""

    def __init__(self, roots):
        self.roots = roots
        self.peak = 0  # of all together
        self.largest = 0  # of one process
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while True:
            sizes = processes.memory_of(self.roots)
            self.peak = max(self.peak, sum(sizes))
            self.largest = max(self.largest, *sizes, 0)
            if self.end.wait(SAMPLE):
                return

    def stop(self):
        self.end.set()
        self.thread.join()


def machine_busy():
    """CPU seconds of the whole machine so far, without idle and waiting time."""
    with open("/proc/stat", encoding="ascii") as stream:
        fields = stream.readline().split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
