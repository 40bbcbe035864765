#!/usr/bin/env python3
"""Mail, webhooks and syslog by real receivers: what comes, and what does not, whoever is down.

Usage: notify_test.py SERVER AGENT COFFER WORKER
"""

import importlib.util
import os
import sys

if importlib.util.find_spec("aiosmtpd") is None and sys.executable != "/usr/bin/python3":
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

import datetime
import secrets
import sqlite3
import unittest

import authority
import network
import receivers

PROGRAMS = None
DAY = 86_400


class Notifications(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.secret, self.password = secrets.token_hex(16), secrets.token_hex(8)
        self.http = receivers.HttpReceiver(self.secret, failures=2)
        self.addCleanup(self.http.stop)
        self.syslog = receivers.SyslogReceiver()
        self.addCleanup(self.syslog.stop)
        self.authority = authority.Authority(self.net.folder / "mail-ca")
        self.mail_port = int(network.free_address().rsplit(":", 1)[1])
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "file").write_text("content")
        self.set_up_server()
        self.net.add_repository()
        self.net.add_agent("laptop")

    def secret_file(self, name, text):
        file = self.net.folder / name
        file.write_text(text + "\n")
        file.chmod(0o600)
        return file

    def set_up_server(self):
        self.net.server.stop()
        with open(self.net.state / "server.ini", "a", encoding="utf-8") as settings:
            settings.write(f"""
[panel]
url = https://panel.example/
[mail]
server = localhost:{self.mail_port}
user = coffer
password-file = {self.secret_file("mail.password", self.password)}
from = coffer@example.org
to = ann@example.org, bob@example.org
ca-file = {self.authority.file}
digest-at = 00:00
[webhook]
urls = {self.http.url}
secret-file = {self.secret_file("webhook.secret", self.secret)}
least = info
[syslog]
to = udp:{self.syslog.address}
""")
        self.net.server.start()
        self.net.login()

    def start_mail(self, host="localhost", password=None):
        mail = receivers.MailServer(self.mail_port, self.authority.context(host), "coffer",
                                    password or self.password)
        self.addCleanup(mail.stop)
        return mail

    def backup(self, code=0):
        self.net.coffer("backup", f"laptop:{self.data}", "--wait", codes=(code,))

    def break_source(self):
        self.data.rename(self.net.folder / "moved")

    def mend_source(self):
        (self.net.folder / "moved").rename(self.data)

    def change_database(self, statement):
        """While the server is down, as if time had passed."""
        self.net.server.stop()
        with sqlite3.connect(self.net.state / "server.db") as database:
            database.execute(statement)
        database.close()
        self.net.server.start()
        self.net.login()

    def subjects(self, mail):
        return [subject for subject, _, _ in mail.texts()]

    def expect_mail(self, mail, words):
        return network.eventually(f"mail with '{words}' among {self.subjects(mail)}", lambda: next(
            ((subject, body, whole) for subject, body, whole in mail.texts()
             if words in subject + body), None))

    def test_failures_are_told_whoever_is_down(self):
        self.backup()
        self.break_source()
        self.backup(code=1)
        failing = network.eventually("the webhook tells", lambda: next(
            (event for event in self.http.events if event["kind"] == "source-failing"), None))
        # It failed twice before; nothing was lost or forged, and all came in order.
        self.assertGreaterEqual(self.http.attempts, len(self.http.events) + 2)
        self.assertEqual(self.http.forged, [])
        numbers = [event["number"] for event in self.http.events]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertIn("run-ended", self.http.kinds())
        self.assertEqual(failing["severity"], "error")
        self.assertEqual(failing["more"]["agent"], "laptop")
        self.assertEqual(failing["panel"], "https://panel.example")
        self.assertIn("no such file", failing["text"])

        line = network.eventually("syslog tells", lambda: next(
            (line for line in self.syslog.lines if " source-failing " in line), None))
        self.assertRegex(line, r"^<27>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+ coffer-server - "
                               r"source-failing - \ufefflaptop:")

        # Who has the wrong certificate gets neither password nor mail.
        impostor = self.start_mail("elsewhere.example")
        log = self.net.folder / "server.log"
        network.eventually("the certificate is refused", lambda: "ertificate" in log.read_text())
        self.assertEqual((impostor.logins, impostor.mails), ([], []))
        impostor.stop()

        # Nor one that does not take the password.
        stranger = self.start_mail(password="another")
        network.eventually("the login fails", lambda: stranger.logins)
        self.assertEqual(stranger.mails, [])
        stranger.stop()

        mail = self.start_mail()
        subject, body, whole = self.expect_mail(mail, "fails")
        self.assertIn("laptop:", subject)
        self.assertIn("What to do: see 'coffer run show", body)
        self.assertIn("https://panel.example/", body)
        self.assertEqual(whole["to"], "ann@example.org, bob@example.org")
        self.assertTrue(mail.mails[0][1])  # logged in

        self.mend_source()
        self.backup()
        self.expect_mail(mail, "is protected again")
        self.assertEqual(sum("fails" in each for each in self.subjects(mail)), 1)
        self.assertNotIn(self.password, log.read_text())
        self.assertNotIn(self.secret, log.read_text())

    def test_a_restart_repeats_nothing_and_late_is_told(self):
        mail = self.start_mail()
        self.backup()
        network.eventually("the webhook has all", lambda: "run-ended" in self.http.kinds())
        before = len(self.http.events)
        # As the server learns it from the run when it begins.
        self.change_database(f"UPDATE runs SET ended=ended-{3 * DAY}*1000000000,committed="
                             f"CASE committed WHEN 0 THEN 0 ELSE committed-{3 * DAY}*1000000000 END")
        self.expect_mail(mail, "is late: the last good backup was 3 days ago")
        network.eventually("the webhook tells it", lambda: "source-late" in self.http.kinds())
        numbers = [event["number"] for event in self.http.events]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertGreater(len(numbers), before)
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        self.backup()
        self.expect_mail(mail, "is protected again")
        self.assertEqual(sum("is late" in each for each in self.subjects(mail)), 1)

    def test_tasks_tell_whom_they_name(self):
        mail = self.start_mail()
        mail.refused = "nobody@example.org"

        def add(name, *settings):
            self.net.coffer("task", "add", name, f"source=laptop:{self.data}", *settings)

        add("quiet", "mail=carol@example.org")
        add("wrong", "mail=nobody@example.org", "mail-when=always")
        add("loud", "mail=carol@example.org", "mail=nobody@example.org", "mail=dora@example.org",
            "mail-when=always")
        for name in ("quiet", "wrong", "loud"):
            self.net.coffer("task", "run", name, "--wait")

        def of_tasks():
            """Addresses and texts, without mail to those that look after the server."""
            return [(envelope.rcpt_tos, text)
                    for (envelope, _), text in zip(mail.mails, mail.texts())
                    if "ann@example.org" not in envelope.rcpt_tos]

        network.eventually("the task's mails", lambda: len(of_tasks()) > 1)
        self.assertEqual([to for to, _ in of_tasks()],
                         [["carol@example.org"], ["dora@example.org"]])
        subject, body, whole = of_tasks()[0][1]
        self.assertEqual(whole["to"], "carol@example.org")
        self.assertIn("succeeded", subject)
        self.assertIn("https://panel.example/", body)
        network.eventually("the refused one is told, of both tasks",
                           lambda: self.http.kinds().count("notification-dropped") == 2)
        self.assertIn("nobody@example.org: 550", next(
            event["text"] for event in self.http.events
            if event["kind"] == "notification-dropped"))
        self.break_source()
        self.net.coffer("task", "run", "quiet", "--wait", codes=(1,))
        network.eventually("mail of the failure", lambda: len(of_tasks()) > 2)
        to, text = of_tasks()[2]
        self.assertEqual(to, ["carol@example.org"])
        self.assertIn("failed", text[0])

    def test_the_digest_comes_once_a_day(self):
        mail = self.start_mail()
        self.backup()
        today = (datetime.datetime.now().date() - datetime.date(1970, 1, 1)).days
        self.change_database(f"REPLACE INTO notify_state VALUES(CAST('digest' AS BLOB),{today - 1})")
        subject, body, _ = self.expect_mail(mail, "As of")
        self.assertRegex(subject, "^Coffer: ")
        self.assertRegex(body, rf"protected +laptop:{self.data}")
        self.net.server.stop()
        self.net.server.start()
        self.net.login()
        self.break_source()
        self.backup(code=1)
        self.expect_mail(mail, "fails")
        self.assertEqual(sum("As of" in text for _, text, _ in mail.texts()), 1)

    def test_settings_that_give_secrets_away_are_refused(self):
        self.net.server.stop()
        (self.net.folder / "mail.password").chmod(0o644)
        done = self.net.run([PROGRAMS.server, "run", "--state", str(self.net.state)], codes=(1,))
        self.assertIn(b"mail.password", done.stderr)
        (self.net.folder / "mail.password").chmod(0o600)
        self.net.server.start()


if __name__ == "__main__":
    PROGRAMS, _ = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
