"""How soon a Coffer agent is at work: from its start until it is attached, and from the order of a
small backup until its first byte is at the store."""

import ctypes
import os
import select
import subprocess
import time
from statistics import median

ROUNDS = 5
SMALL = 100  # files of 1,000 bytes
LIMIT = 30  # seconds
IN_MODIFY = 2


def measure(system, folder):
    """Returns the medians, in seconds, as {"attach": …, "first byte": …}. The store writes what
    it receives below the folder "tmp" of its repository first."""
    attach, first_byte = [], []
    small = folder / "small"
    small.mkdir()
    system.stop_agent()
    for number in range(ROUNDS):
        fill(small, number)
        with Agent(system) as agent:
            attach.append(agent.attached)
            first_byte.append(until_first_byte(system, small))
    return {"attach": median(attach), "first byte": median(first_byte)}


def fill(small, number):
    for index in range(SMALL):
        seed = f"{number} {index} ".encode()
        (small / str(index)).write_bytes((seed * 1000)[:1000])


def until_first_byte(system, small):
    """Backs up the folder, to the end; returns when the first write was seen."""
    arguments, folder = system.backup(small, "small")
    with open(system.log, "ab") as log, Writes(system.repository / "tmp") as writes:
        start = time.perf_counter()
        command = subprocess.Popen([str(word) for word in arguments], cwd=folder, stdout=log,
                                   stderr=log, env=system.environment())
        try:
            writes.wait(LIMIT)
            waited = time.perf_counter() - start
            if command.wait(LIMIT) != 0:
                raise RuntimeError(f"the backup of a small folder failed, see {system.log}")
        finally:
            command.kill()
            command.wait()
    return waited


class Agent:
    """The agent while it runs; `attached` is for how long it took to say so, in seconds."""

    def __init__(self, system):
        self.system = system

    def __enter__(self):
        command = [str(word) for word in self.system.agent_command()]
        start = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env=self.system.environment())
        for line in self.process.stderr:
            if self.system.ATTACHED in line:
                self.attached = time.perf_counter() - start
                return self
        raise RuntimeError(f"the agent ended with status {self.process.wait()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.close()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Writes:
    """Sees writes to files in a folder (inotify)."""

    def __init__(self, folder):
        self.folder = os.fsencode(folder)
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self):
        self.descriptor = self.libc.inotify_init1(os.O_CLOEXEC)
        if self.libc.inotify_add_watch(self.descriptor, self.folder, IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), "inotify", os.fsdecode(self.folder))
        return self

    def wait(self, limit):
        if not select.select([self.descriptor], [], [], limit)[0]:
            raise RuntimeError(f"nothing came to the store in {limit} seconds")

    def __exit__(self, *_):
        os.close(self.descriptor)
