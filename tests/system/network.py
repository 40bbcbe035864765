"""A Coffer network on loopback, for tests that start the real programs.

    programs, rest = network.programs(sys.argv[1:])
    with network.Network(programs) as net:
        net.add_repository()                        # "main", its recovery kit confirmed
        net.add_agent("laptop")                     # enrolled and attached
        net.coffer("backup", "laptop:/etc", "--wait")
        net.json("runs")[0]["state"]                # what `coffer --json runs` prints
        net.server.kill(); net.server.start()       # kill -9, then the same state and port again
        net.agents["laptop"].stop()                 # SIGTERM

The server and the user `admin` (logged in, with a password that was changed) are there as soon as
the Network is. Everything lies in one temporary folder and listens on free ports of 127.0.0.1. At
the end of the `with` block all processes that were started are stopped, whatever happened, and the
folder is removed; the logs are printed when the block ended by an exception.
"""

import ctypes
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE = 60  # seconds until something that has to happen counts as not happening


class Programs:
    """Paths of the programs; coffer-worker is found by the agent, beside itself or by `worker`."""

    def __init__(self, server, agent, coffer, worker):
        self.server, self.agent, self.coffer, self.worker = server, agent, coffer, worker


def programs(words):
    """The programs at the front of a command line, and the rest of it."""
    return Programs(*words[:4]), words[4:]


class Failure(AssertionError):
    """A program did not do what it should have done; says what it printed."""


def eventually(what, look):
    """Waits until `look` gives something true, and gives it. Asks 50 times a second."""
    end = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"still not after {PATIENCE} s: {what}")
        time.sleep(0.02)


def compare(program, before, after):
    """Two trees, octet by octet and attribute by attribute, by tree-compare."""
    done = subprocess.run([program, before, after], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure((done.stdout + done.stderr)[-4000:])


def free_address(host="127.0.0.1"):
    """"host:port" where nobody listens."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"


def _end_with_parent():
    """Of a child: it is killed when the test is, even by SIGKILL."""
    death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


class Daemon:
    """A program that serves, in a process group of its own; its output goes to `log`."""

    def __init__(self, words, log, ready):
        self._words, self.log, self._ready = words, pathlib.Path(log), ready
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self, ready=True):
        """Starts it, and waits until it is ready."""
        if self.process is not None:
            raise Failure("it runs already")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_end_with_parent)
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self):
        def look():
            if self.process.poll() is not None:
                raise Failure(f"{self._words[0]} ended with {self.process.returncode}:\n"
                              f"{self.log.read_text(errors='replace')[-4000:]}")
            return self._ready()

        eventually(f"{self._words[0]} is ready", look)

    def signal(self, number):
        """To the daemon alone: SIGSTOP, SIGCONT, SIGHUP…"""
        self.process.send_signal(number)

    def kill(self):
        """kill -9, of the daemon alone."""
        self.process.kill()
        self._wait()

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.process.terminate()
        return self._wait()

    def _wait(self):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{self._words[0]} does not stop") from error
        self.process = None
        return code

    def end(self):
        """Whatever its state: nothing of its group is left."""
        if self.process is None:
            return
        group = self.process.pid
        try:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process = None


class Network:
    """See above. Used by one thread."""

    USER = "admin"

    def __init__(self, programs, host="127.0.0.1", parent=None):
        self.programs, self.host = programs, host
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="coffer-network-", dir=parent))
        self.state = self.folder / "server"
        self.client = self.folder / "client"  # COFFER_CONFIG of the user
        self.password = secrets.token_hex(16)
        self.agents = {}
        self.server = None
        self.address = None  # "127.0.0.1:port"
        self.fingerprint = None

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self._end(failed=True)
            raise
        return self

    def __exit__(self, kind, error, trace):
        self._end(failed=kind is not None)

    # Server and user.

    def server_words(self):
        """The words that run the server; of networks whose server runs in some other way."""
        return []

    def _begin(self):
        first = self.folder / "first-password"
        self.address = free_address(self.host)
        self.run([self.programs.server, "init", "--state", str(self.state), "--listen",
                  self.address, "--host", "localhost", "--password-file", str(first)])
        self.start_server()
        self.login(first.read_text().strip(), first_time=True)
        self.coffer("passwd", "--password-file", "-",
                    stdin=f"{first.read_text().strip()}\n{self.password}\n")

    def start_server(self):
        """The server of the state folder, for the first time."""
        endpoint = self.state / "endpoint"

        def listens():
            return endpoint.exists() and answers(self.address)

        self.server = Daemon([*self.server_words(), self.programs.server, "run", "--state",
                              str(self.state)], self.folder / "server.log", listens).start()

    def login(self, password=None, first_time=False, client=None):
        """Logs the user in; every later verb uses that session."""
        words = ["login", "--password-file", "-"]
        if first_time:
            words += ["--server", self.address, "--user", self.USER, "--ca",
                      str(self.state / "authority.pem")]
        self.coffer(*words, stdin=(password or self.password) + "\n", client=client)

    def restart(self):
        """kill -9, and the same server again, with all its agents."""
        self.server.kill()
        self.server.start()
        self.login()
        for name in self.agents:
            eventually(f"{name} is back", lambda name=name: self.is_attached(name))

    def add_repository(self, name="main"):
        """A repository at the server, ready for backups. Gives its folder."""
        folder = self.folder / "repositories" / name
        folder.parent.mkdir(exist_ok=True)
        kit = self.folder / f"{name}.kit"
        self.coffer("repo", "init", name, str(folder))
        self.coffer("repo", "recovery-kit", "export", str(kit), "--repo", name)
        self.coffer("repo", "recovery-kit", "confirm", str(kit), "--repo", name)
        return folder

    # Agents.

    def add_agent(self, name, settings="", start=True, server=None, within=(), allow=""):
        """Enrols an agent and starts it. It may read everything and write below the network's
        folder, and what further lines of [allow] say; `settings` are further sections of its
        agent.ini. It reaches the server at another
        address if `server` names one, and is run by the words `within`."""
        state = self.folder / f"agent-{name}"
        state.mkdir(mode=0o700)
        token = self.folder / f"{name}.token"
        (state / "agent.ini").write_text(
            f"[server]\naddress = {server or self.address}\n\n[allow]\nread = /\nwrite = {self.folder}\n"
            f"run = backup,restore\n{allow}\n[runs]\nworker = {self.programs.worker}\n\n{settings}")
        self.coffer("enrol-token", name, "--out", str(token))
        self.run([*within, self.programs.agent, "enrol", "--state", str(state), "--server",
                  server or self.address, "--token-file", str(token)])
        agent = Daemon([*within, self.programs.agent, "run", "--state", str(state)],
                       self.folder / f"agent-{name}.log", lambda: self.is_attached(name))
        agent.state = state
        self.agents[name] = agent
        if start:
            agent.start()
        return agent

    def is_attached(self, name):
        return any(agent["name"] == name and agent["state"] == "attached"
                   for agent in self.json("agents"))

    # The command line.

    def environment(self, client=None):
        return {**os.environ, "COFFER_CONFIG": str(client or self.client), "LC_ALL": "C.UTF-8",
                "TZ": "UTC"}

    def run(self, words, stdin="", codes=(0,), client=None, timeout=600):
        """Runs a program to its end and gives what it printed; any other exit code is a Failure."""
        words = [str(word) for word in words]
        done = subprocess.run(words, input=stdin.encode(), capture_output=True, timeout=timeout,
                              env=self.environment(client), preexec_fn=_end_with_parent)
        if codes is not None and done.returncode not in codes:
            raise Failure(f"{' '.join(words)}\nended with {done.returncode}:\n"
                          f"{done.stdout.decode(errors='replace')[-4000:]}\n"
                          f"{done.stderr.decode(errors='replace')[-4000:]}")
        return done

    def coffer(self, *words, **options):
        """Runs a verb of coffer; options as those of `run`."""
        return self.run([self.programs.coffer, *words], **options)

    def json(self, *words, **options):
        """The document that a verb prints with --json."""
        return json.loads(self.coffer("--json", *words, **options).stdout)

    def lines(self, *words, **options):
        """The documents that a verb prints, one on each line."""
        printed = self.coffer(*words, **options).stdout.decode()
        return [json.loads(line) for line in printed.splitlines()]

    def start_coffer(self, *words):
        """A verb that goes on while the test does; the test waits for it."""
        return subprocess.Popen([self.programs.coffer, *map(str, words)], env=self.environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=_end_with_parent)

    def wait_for_run(self, number, *states):
        """Waits until a run is in one of the states (any that is an end, if none) and gives it."""
        wanted = states or ("succeeded", "warnings", "failed", "cancelled")

        seen = {}

        def look():
            seen.update(self.json("run", "show", number))
            return dict(seen) if seen["state"] in wanted else None

        try:
            return eventually(f"run {number} is {' or '.join(wanted)}", look)
        except Failure as failure:
            raise Failure(f"{failure}; it is {seen}") from failure

    # The end.

    def _end(self, failed):
        for daemon in [*self.agents.values(), self.server]:
            if daemon:
                daemon.end()
        if failed:
            for log in sorted(self.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-8000:]}",
                      file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)


def answers(address):
    """Whether somebody listens there."""
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True
