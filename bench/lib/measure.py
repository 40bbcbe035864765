"""Runs a command and measures it; makes the file system a restore goes to."""

import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

STEP_LIMIT = 3600  # seconds
LAUNCHER = Path(__file__).with_name("launch.py")


def run(commands, environment, log, services=()):
    """Runs the commands one after the other, to the end of all processes they started.

    Returns wall seconds, user and system CPU seconds of all these processes, the peak memory
    (bytes) of the largest one, and the CPU seconds everything else on the machine used
    meanwhile (other programs, kernel threads, stolen time). Raises RuntimeError if one fails.

    `services` are the process ids of daemons that do a part of the work. With them, the CPU seconds
    include theirs, until they have come to rest ("behind" seconds after the commands have ended),
    the peak memory is the highest sum over all processes, and "largest process" that of one.
    """
    commands = [([str(argument) for argument in arguments], str(folder))
                for arguments, folder in commands]
    task = json.dumps({"commands": commands, "environment": environment, "log": str(log),
                       "services": list(services)})
    launcher = subprocess.Popen([sys.executable, "-I", "-S", LAUNCHER], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                start_new_session=True)
    try:
        output, _ = launcher.communicate(task, timeout=STEP_LIMIT)
    except BaseException as error:
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise RuntimeError(f"not done after {STEP_LIMIT} seconds") from error
        raise
    figures = json.loads(output) if launcher.returncode == 0 else {"status": "unknown"}
    if (status := figures.pop("status")) != 0:
        tail = Path(log).read_text(errors="replace").splitlines()[-15:]
        raise RuntimeError(f"exit status {status}:\n  " + "\n  ".join(tail))
    return figures


def read_everything(folder):
    """Brings the content and the metadata of a tree into the page cache."""
    buffer = bytearray(1 << 18)
    for directory, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                with open(path, "rb", buffering=0) as stream:
                    while stream.readinto(buffer):
                        pass


def stored_bytes(folder):
    return sum(os.lstat(os.path.join(directory, name)).st_size
               for directory, _, names in os.walk(folder) for name in names)


def touch_memory(size):
    """Has the host of a virtual machine back memory before it is needed.

    A guest gives free memory back, and the first use of each page afterwards costs system time that
    has nothing to do with the program being measured.
    """
    with mmap.mmap(-1, size) as memory:
        for page in range(0, size, mmap.PAGESIZE):
            memory[page] = 1


class RestoreTarget:
    """A freshly made ext4 in a sparse file, mounted through a loop device while in use."""

    MAKE = ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"]

    def __init__(self, folder, size):
        self.image = folder / "target.ext4"
        self.mount_point = folder / "target"
        self.size = size

    def __enter__(self):
        self.mount_point.mkdir(parents=True, exist_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(self.size)
        subprocess.run([*self.MAKE, self.image], check=True)
        subprocess.run(["mount", "-o", "loop", self.image, self.mount_point], check=True)
        destination = self.mount_point / "restored"
        destination.mkdir()
        os.sync()
        return destination

    def __exit__(self, *_):
        unmount(self.mount_point)
        self.image.unlink()


def unmount(mount_point):
    if os.path.ismount(mount_point):
        subprocess.run(["umount", mount_point], check=True)


def discard(folder):
    """Removes a folder of a run, also one that a killed run left mounted."""
    unmount(folder / "target")
    shutil.rmtree(folder, ignore_errors=True)
