"""CPU time and memory of whole trees of processes, from /proc."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def trees(roots):
    """The processes of the trees that begin at `roots`, as {pid: (cpu, parent)}.

    `cpu` is in seconds and holds that of the children a process has waited for already, so that the
    sum over a tree loses nothing as long as each process is waited for inside of it.
    """
    every = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := stat_of(name)):
            every[int(name)] = (sum(map(int, fields[11:15])) / TICKS, int(fields[1]))
    found, waiting = {}, [pid for pid in roots if pid in every]
    children = {}
    for pid, (_, parent) in every.items():
        children.setdefault(parent, []).append(pid)
    while waiting:
        pid = waiting.pop()
        found[pid] = every[pid]
        waiting.extend(children.get(pid, ()))
    return found


def stat_of(pid):
    """The fields of /proc/PID/stat from the state on; None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            return stream.read().rpartition(b")")[2].split()
    except OSError:
        return None


def cpu_of(roots):
    return sum(cpu for cpu, _ in trees(roots).values())


def memory_of(roots):
    """Proportional set (bytes) of each process below `roots`, without the roots themselves."""
    return [proportional_set(pid) for pid in trees(roots) if pid not in roots]


def proportional_set(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as stream:
            for line in stream:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:  # gone, or has no memory any more
        pass
    return 0
