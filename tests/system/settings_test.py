#!/usr/bin/env python3
"""Settings of a server that runs: what counts at once and what after a start, conflicting edits, texts,
bad values, history, and a server that is killed in between.

Usage: settings_test.py SERVER AGENT COFFER WORKER
"""

import json
import os
import signal
import sqlite3
import sys
import unittest

import network

PROGRAMS = None
FAILED = 1


class Settings(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(*sys.exc_info()))
        self.ini = self.net.state / "server.ini"

    def settings(self, *words, code=0, **options):
        return self.net.coffer("settings", *words, codes=(code,), **options).stdout.decode()

    def refused(self, *words):
        return self.net.coffer("settings", *words, codes=(FAILED,)).stderr.decode()

    def shown(self, name):
        return self.net.json("settings", "show", name)

    def stand(self, name):
        setting = self.shown(name)
        return setting["value"], setting["inForce"], setting["origin"]

    def server(self, *words, codes=(0,)):
        return self.net.run([PROGRAMS.server, *words, "--state", self.net.state], codes=codes)

    def restart(self):
        self.net.server.stop()
        self.net.server.start()
        self.net.login()

    def file(self, text):
        path = self.net.folder / "settings.ini"
        path.write_text(text)
        return path

    def test_a_setting_counts_at_once_or_after_the_next_start(self):
        self.assertEqual(self.stand("password.shortest"), ("12", "12", "default"))
        self.assertEqual(self.shown("server.listen")["origin"], "file")
        new = "sixteen letters!"
        self.settings("set", "password.shortest", "30")
        refused = self.net.coffer("passwd", "--password-file", "-", codes=(FAILED,),
                                  stdin=f"{self.net.password}\n{new}\n").stderr.decode()
        self.assertIn("30", refused)
        self.assertIn("at once", self.settings("reset", "password.shortest"))
        self.net.coffer("passwd", "--password-file", "-", stdin=f"{self.net.password}\n{new}\n")
        self.net.password = new

        self.assertIn("after the next start", self.settings("set", "runs.verifications", "3"))
        self.assertEqual(self.stand("runs.verifications"), ("3", "2", "panel"))
        self.assertTrue(self.shown("runs.verifications")["pending"])
        self.restart()
        self.assertEqual(self.stand("runs.verifications"), ("3", "3", "panel"))
        self.assertFalse(self.shown("runs.verifications")["pending"])

    def test_b_limit_of_runs_counts_at_once(self):
        self.net.add_repository()
        self.net.add_agent("laptop")
        data = self.net.folder / "data"
        data.mkdir()
        (data / "noise").write_bytes(os.urandom(60_000_000))
        self.settings("set", "runs.at-once", "1")
        first, second = (self.net.json("backup", f"laptop:{data}", "--read-rate", "500K")["run"]
                         for _ in range(2))  # for two minutes each
        self.net.wait_for_run(second, "waiting")
        self.settings("set", "runs.at-once", "2")
        self.net.wait_for_run(second, "running")
        self.assertEqual(self.net.json("run", "show", first)["state"], "running")
        for run in (first, second):
            self.net.coffer("cancel", run)
            self.net.wait_for_run(run, "cancelled")

    def test_c_conflicting_edits_are_seen(self):
        first = self.shown("runs.kept")["version"]
        self.settings("set", "runs.kept", "500", "--version-is", first)
        said = self.refused("set", "runs.kept", "600", "--version-is", first)
        self.assertIn("changed by admin", said)
        self.assertEqual(self.stand("runs.kept"), ("500", "500", "panel"))
        self.settings("set", "runs.kept", "600", "--version-is", self.shown("runs.kept")["version"])

    def test_d_texts(self):
        exported = self.settings("export")
        self.assertIn("\nat-once = 100\n", exported)
        self.assertNotIn("[ldap]", exported)
        same = self.file(exported)
        self.assertEqual(self.net.json("settings", "import", same)["settings"], [])
        changed = self.file("[runs]\nat-once = 7\nkept = 900\n")
        dry = self.net.json("settings", "import", changed, "--dry-run")
        self.assertEqual((dry["done"], dry["settings"][0]),
                         (False, {"name": "runs.at-once", "before": ["100"], "after": ["7"]}))
        self.assertEqual(self.stand("runs.at-once"), ("100", "100", "default"))
        bad = self.file("[runs]\nat-once = 7\nkept = 1\n")
        self.assertIn("100 to 10000000", self.refused("import", bad))
        self.assertEqual(self.stand("runs.at-once"), ("100", "100", "default"))
        self.settings("import", self.file("[runs]\nat-once = 7\nkept = 900\n"))
        self.assertEqual(self.stand("runs.at-once"), ("7", "7", "panel"))
        audit = [record["subject"] for record in self.net.lines("audit", "export")
                 if record["action"] == "setting-changed"]
        self.assertEqual(audit, ["runs.at-once", "runs.kept"])

    def test_e_bad_values_are_refused(self):
        self.assertIn("1 to 10000", self.refused("set", "runs.at-once", "0"))
        self.assertIn("1 to 10000", self.refused("set", "runs.at-once", "many"))
        self.assertIn("no setting", self.refused("set", "runs.at-wonce", "1"))
        self.assertIn("server.ini alone", self.refused("set", "mail.password-file", "hunter2"))
        self.assertIn("server.ini alone", self.refused("set", "retention.grace-days", "0"))
        self.assertEqual(self.net.json("settings", "history"), [])
        self.assertNotIn("hunter2", self.net.coffer("audit", "export").stdout.decode())
        self.assertNotIn("hunter2", self.net.server.log.read_text())

    def test_f_history(self):
        self.settings("set", "log.level", "debug")
        self.settings("reset", "log.level")
        history = self.net.json("settings", "history", "log.level")
        self.assertEqual([(each["user"], each["before"], each["after"], each["origin"])
                          for each in history],
                         [("admin", "debug", "info", "default"), ("admin", "info", "debug", "panel")])
        self.assertEqual(self.net.json("settings", "history", "runs.kept"), [])
        self.assertIn("log.level", self.settings("history"))

    def test_g_a_server_that_is_killed_has_the_whole_change_or_nothing(self):
        for value in range(200, 206):
            change = self.net.start_coffer("settings", "set", "runs.kept", value)
            self.net.server.kill()
            change.communicate()
            self.net.server.start()
            self.net.login()
            now = self.shown("runs.kept")
            newest = self.net.json("settings", "history", "runs.kept", "-n", "1")
            if now["origin"] == "default":
                self.assertEqual(newest, [])
            else:
                self.assertEqual((newest[0]["after"], newest[0]["number"]),
                                 (now["value"], now["version"]))
        self.settings("set", "runs.kept", "300")
        self.net.restart()
        self.assertEqual(self.stand("runs.kept"), ("300", "300", "panel"))

    def test_h_a_bad_value_in_the_database_keeps_nobody_from_starting(self):
        self.settings("set", "runs.at-once", "7")
        self.net.server.stop()
        with sqlite3.connect(self.net.state / "server.db") as database:
            database.execute("UPDATE settings SET value=? WHERE name=?", (b"many", b"runs.at-once"))
        database.close()
        checked = self.server("check", "--json", codes=(0, 1))
        finding = next(each for each in json.loads(checked.stdout)["findings"]
                       if each["subject"] == "settings that were set")
        self.assertEqual(finding["level"], "warning")
        self.assertIn("many", finding["text"])
        self.net.server.start()
        self.net.login()
        self.assertIn("setting.not-used", self.net.server.log.read_text())
        self.assertEqual(self.stand("runs.at-once"), ("100", "100", "default"))
        self.assertIn("many", self.shown("runs.at-once")["problem"])
        self.settings("set", "runs.at-once", "8")
        self.assertEqual(self.stand("runs.at-once"), ("8", "8", "panel"))

    def test_i_files_are_read_anew_and_named(self):
        before = self.ini.read_text()
        self.ini.write_text(before + "\n[runs]\nat-once = 9\nverifications = 4\n")
        self.net.server.signal(signal.SIGHUP)
        network.eventually("the file counts",
                           lambda: self.stand("runs.at-once") == ("9", "9", "file"))
        self.assertEqual(self.stand("runs.verifications"), ("4", "2", "file"))
        self.ini.write_text(before + "\n[runs]\nat-once = 0\n")
        self.net.server.signal(signal.SIGHUP)
        network.eventually("the file is refused", lambda: "server.reload-failed"
                           in self.net.server.log.read_text())
        self.assertEqual(self.stand("runs.at-once"), ("9", "9", "file"))
        self.net.server.stop()
        said = self.server("run", codes=(FAILED,)).stderr.decode()
        for part in (str(self.ini), "runs.at-once", "1 to 10000"):
            self.assertIn(part, said)
        self.ini.write_text(before)

    def test_ia_what_a_file_needs_may_have_been_set(self):
        self.assertIn("ann@example.org", self.refused("set", "mail.from", "nobody"))
        with open(self.ini, "a", encoding="utf-8") as file:
            file.write("\n[mail]\nserver = 127.0.0.1:25\nsecurity = none\n")
        self.settings("set", "mail.from", "coffer@example.org")
        self.settings("set", "mail.to", "ann@example.org")
        self.restart()
        self.assertEqual(self.stand("mail.from")[1:], ("coffer@example.org", "panel"))
        self.net.server.signal(signal.SIGHUP)
        network.eventually("the files are read anew", lambda: "server.reloaded"
                           in self.net.server.log.read_text())
        self.assertIn("mail.server", self.refused("reset", "mail.to"))

    def test_j_agents_are_given_settings(self):
        net = self.net
        net.add_repository()
        net.add_agent("given")
        net.add_agent("own", "[log]\nlevel = warning\n")
        for agent in ("given", "own"):
            net.coffer("agent", "set", agent, "log.level", "debug")
            net.coffer("agent", "set", agent, "runs.at-once", "1")
            network.eventually("it attaches anew", lambda agent=agent: net.is_attached(agent))
        facts = {each["name"]: each["facts"] for each in net.json("agents")}
        self.assertEqual(facts["given"]["runsAtOnce"], "1")
        folder = net.folder / "slow-data"
        folder.mkdir()
        (folder / "noise").write_bytes(os.urandom(6_000_000))  # a minute at 100K
        other = net.folder / "other-data"
        other.mkdir()
        first = net.json("backup", f"given:{folder}", "--read-rate", "100K")["run"]
        network.eventually("it is at work", lambda: net.json("run", "show", first)["counts"])
        second = net.json("backup", f"given:{other}")["run"]
        # The agent has one at work, so this one is begun behind it.
        self.assertEqual(net.json("run", "show", second)["counts"], {})
        net.coffer("cancel", first)
        net.wait_for_run(first, "cancelled")
        self.assertEqual(net.wait_for_run(second)["state"], "succeeded")
        net.coffer("backup", f"own:{other}", "--wait")
        self.assertIn('settings="runs.at-once=1 log.level=debug"',
                      (net.folder / "agent-given.log").read_text())
        # Its own agent.ini has the last word: it has attached anew since it was told, which is logged.
        self.assertIn("level=info event=server.attached",
                      (net.folder / "agent-given.log").read_text())
        self.assertNotIn("level=info", (net.folder / "agent-own.log").read_text())
        for words in (("allow.write", "/"), ("runs.at-once", "65"), ("log.level", "loud")):
            net.coffer("agent", "set", "given", *words, codes=(1,))
        net.coffer("agent", "set", "given", "runs.at-once", "")
        self.assertNotIn("runs.atOnce", next(each for each in net.json("agents")
                                              if each["name"] == "given")["facts"])


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    unittest.main(argv=[sys.argv[0], *rest])
