"""Runs commands one after the other and measures them, to the end of all their processes.

A program of its own, because a process inherits the peak memory of the one that starts it: this
one stays small. Reads {"commands": [[arguments, folder], ...], "environment", "log"} from
standard input; writes the figures of `measure.run` and the exit status as JSON.
"""

import ctypes
import json
import os
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def main():
    task = json.load(sys.stdin)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    figures = {"cpu user": 0.0, "cpu system": 0.0, "peak memory": 0, "status": 0}
    busy, start = machine_busy(), time.perf_counter()
    with open(task["log"], "ab", buffering=0) as log:
        for arguments, folder in task["commands"]:
            log.write(f"$ {' '.join(arguments)}\n".encode())
            child = subprocess.Popen(arguments, cwd=folder, env=task["environment"], stdout=log,
                                     stderr=log, stdin=subprocess.DEVNULL)
            figures["status"] = wait_for_all(child.pid, figures)
            child.returncode = figures["status"]
            if figures["status"] != 0:
                break
    figures["wall"] = time.perf_counter() - start
    figures["cpu"] = figures["cpu user"] + figures["cpu system"]
    figures["other cpu"] = max(0.0, machine_busy() - busy - figures["cpu"])
    json.dump(figures, sys.stdout)


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


def machine_busy():
    """CPU seconds of the whole machine so far, without idle and waiting time."""
    with open("/proc/stat", encoding="ascii") as stream:
        fields = stream.readline().split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
