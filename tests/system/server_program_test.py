#!/usr/bin/env python3
"""coffer-server as a program: what it makes, what it refuses, how it starts and stops.

Usage: server_program_test.py SERVER AGENT COFFER WORKER
"""

import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

import network

PROGRAMS = None
FAILED, USAGE, BUSY = 1, 2, 5


class ServerProgram(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="coffer-server-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.state = self.folder / "state"
        self.password = self.folder / "password"
        self.endpoint = self.state / "endpoint"

    def server(self, *words, code=0):
        done = subprocess.run([PROGRAMS.server, "--state", self.state, *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def init(self, *words, **options):
        return self.server("init", "--listen", "127.0.0.1:0", "--host", "localhost",
                           "--password-file", self.password, *words, **options)

    def daemon(self, *words):
        daemon = network.Daemon([PROGRAMS.server, "--state", self.state, *words, "run"],
                                self.folder / "log", self.endpoint.exists)
        self.addCleanup(daemon.end)
        return daemon

    def test_init_makes_a_server(self):
        said = self.init()
        self.assertRegex(said, r"Authority: +[0-9a-f]{64}\n")
        password = self.password.read_text()
        self.assertRegex(password, r"^([2-9a-z]{4}-){4}[2-9a-z]{4}\n$")
        self.assertNotIn(password.strip(), said)
        self.assertEqual(stat.S_IMODE(self.password.stat().st_mode), 0o600)
        self.assertIn("reset-password", self.init(code=FAILED))
        self.assertEqual(self.password.read_text(), password)

    def test_a_password_goes_to_a_terminal_or_a_file(self):
        said = self.server("init", code=FAILED)
        self.assertIn("--password-file", said)
        self.assertFalse(self.state.exists())
        self.init()
        self.assertIn("--password-file", self.server("reset-password", "admin", code=FAILED))
        before = self.password.read_text()
        self.server("reset-password", "admin", "--password-file", self.password)
        self.assertNotEqual(self.password.read_text(), before)

    def test_what_is_missing_is_told(self):
        self.assertIn("coffer-server init", self.server("run", code=FAILED))
        self.init()
        (self.state / "store.key").unlink()
        self.assertIn("store.key", self.server("run", code=FAILED))
        self.server("nonsense", code=USAGE)
        self.server(code=USAGE)

    def test_settings_that_make_no_sense_are_named(self):
        self.init()
        settings = self.state / "server.ini"
        before = settings.read_text()
        settings.write_text(before + "\n[sessions]\nidle-minutes = never\n")
        self.assertIn("sessions.idle-minutes", self.server("run", code=FAILED))
        settings.write_text(before + "\n[serer]\nlisten = 127.0.0.1:1\n")
        self.assertIn("serer.listen", self.server("run", code=FAILED))
        said = self.server("run", "--config", self.folder / "absent.ini", code=FAILED)
        self.assertIn("absent.ini", said)

    def test_printed_settings_can_be_read(self):
        self.init()
        extra = self.folder / "extra.ini"
        extra.write_text(self.server("print-config"))
        self.assertEqual(self.daemon("--config", extra).start().stop(), 0)

    def test_it_serves_until_it_is_told_to_stop(self):
        self.init()
        daemon = self.daemon().start()
        host, port = self.endpoint.read_text().strip().rsplit(":", 1)
        socket.create_connection((host, int(port)), 10).close()
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(self.endpoint.exists())
        daemon.start()
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon._wait(), 0)

    def test_a_second_one_on_the_same_state_is_refused(self):
        self.init()
        daemon = self.daemon().start()
        self.assertIn(str(daemon.pid), self.server("run", code=BUSY))
        self.server("reset-password", "admin", "--password-file", self.password, code=BUSY)
        self.assertTrue(self.endpoint.exists())
        self.assertEqual(daemon.stop(), 0)

    def test_a_port_that_is_taken_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.server("init", "--listen", address, "--password-file", self.password)
            self.assertIn(address, self.server("run", code=BUSY))
            self.assertFalse(self.endpoint.exists())

    def test_it_comes_back_after_kill_9(self):
        self.init()
        daemon = self.daemon().start()
        daemon.kill()
        self.endpoint.unlink()
        daemon.start()
        self.assertEqual(daemon.stop(), 0)

    def test_sighup_reads_the_certificate_anew(self):
        self.init()
        daemon = self.daemon().start()
        certificate = self.state / "server.pem"
        sound = certificate.read_text()
        certificate.write_text("damaged")
        daemon.signal(signal.SIGHUP)
        network.eventually("a damaged one is refused",
                           lambda: "server.reload-failed" in daemon.log.read_text())
        certificate.write_text(sound)
        daemon.signal(signal.SIGHUP)
        network.eventually("a sound one is taken",
                           lambda: re.search(r"server\.reloaded", daemon.log.read_text()))
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1] + rest)
