"""Starts the daemons of a networked system on loopback and ends them, each by its process id."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SUPERVISOR = Path(__file__).with_name("supervise.py")
START_LIMIT = 30  # seconds
STOP_LIMIT = 30


class Services:
    """The daemons of one system. `pids` are the roots of their trees of processes."""

    def __init__(self, log, environment):
        self.log = log
        self.environment = environment
        self.running = {}  # name -> Popen of the supervisor
        self.begins = {}  # name -> where the log began to be its own, too

    @property
    def pids(self):
        return [process.pid for process in self.running.values()]

    def start(self, name, command, ready):
        """Starts a daemon that stays in the foreground and waits until `ready()` is true."""
        command = [str(word) for word in command]
        with open(self.log, "ab", buffering=0) as log:
            log.write(f"$ {' '.join(command)} &\n".encode())
            self.begins[name] = log.tell()
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", SUPERVISOR, *command], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.running[name] = process
        end = time.monotonic() + START_LIMIT
        while not ready():
            if process.poll() is not None:
                raise RuntimeError(f"{name} has ended with status {process.returncode}, "
                                   f"see {self.log}")
            if time.monotonic() > end:
                raise RuntimeError(f"{name} was not ready in {START_LIMIT} seconds")
            time.sleep(0.002)

    def printed(self, name):
        """What the log got since the daemon was started."""
        with open(self.log, "rb") as log:
            log.seek(self.begins[name])
            return log.read().decode(errors="replace")

    def stop(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self):
        """The last started goes first."""
        for name in reversed(list(self.running)):
            self.stop(name)


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port):
    """Tells whether something accepts connections at a port of loopback, without making one."""
    wanted = f"{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[1].endswith(":" + wanted):
                return True
    return False


def make_certificate(folder):
    """A key and a self-signed certificate of localhost: one PEM file each in `folder`."""
    key, certificate = folder / "tls.key", folder / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, certificate
