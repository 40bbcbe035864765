"""Runs a daemon that stays in the foreground: supervise.py PROGRAM ARGUMENT…

Every process that it leaves behind becomes a child of this one and is waited for here, so that its
CPU time stays in this tree (processes.py). SIGTERM is passed on to the daemon; what is not gone ten
seconds later is killed. Ends when the last of them has.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE = 10  # seconds


def main():
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    daemon = subprocess.Popen(sys.argv[1:], start_new_session=True)

    def stop(_number, _frame):
        signal.alarm(GRACE)
        daemon.send_signal(signal.SIGTERM)

    def kill(_number, _frame):
        signal.alarm(1)
        for pid in descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, kill)
    status = 0
    while True:
        try:
            pid, ended = os.waitpid(-1, 0)
        except ChildProcessError:
            sys.exit(status)
        if pid == daemon.pid:
            daemon.returncode = os.waitstatus_to_exitcode(ended)
            status = min(abs(daemon.returncode), 255)
            signal.alarm(GRACE)  # for what it left behind


def descendants():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import processes
    return [pid for pid in processes.trees([os.getpid()]) if pid != os.getpid()]


if __name__ == "__main__":
    main()
