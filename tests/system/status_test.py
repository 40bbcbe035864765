#!/usr/bin/env python3
"""Status, metrics, the event stream with leases and the logs of runs, by the real programs.

Usage: status_test.py SERVER AGENT COFFER WORKER
"""

import importlib.util
import os
import sys

if importlib.util.find_spec("prometheus_client") is None and sys.executable != "/usr/bin/python3":
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

import json
import ssl
import unittest
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

import network

PROGRAMS = None


class Status(unittest.TestCase):
    def setUp(self):
        self.net = network.Network(PROGRAMS).__enter__()
        self.addCleanup(lambda: self.net.__exit__(None, None, None))
        self.data = self.net.folder / "data"
        self.data.mkdir()
        (self.data / "file").write_bytes(os.urandom(300_000))
        self.repository = self.net.add_repository()
        self.net.add_agent("laptop")

    def backup(self, code=0):
        self.net.coffer("backup", f"laptop:{self.data}", "--wait-proven", codes=(code,))

    def status(self, code, *words):
        return self.net.json("status", *words, codes=(code,))

    def settings(self, text):
        self.net.server.stop()
        with open(self.net.state / "server.ini", "a", encoding="utf-8") as settings:
            settings.write(text)
        self.net.server.start()
        self.net.login()

    # Status.

    def test_a_source_through_its_states(self):
        bare = self.status(1)
        self.assertEqual((bare["state"], bare["sources"][0]["agent"]), ("unprotected", "laptop"))
        facts = self.net.json("agents")[0]["facts"]
        disks = [value.split()[2] for name, value in facts.items() if name.startswith("filesystem")]
        self.assertEqual([each["mountPoint"] for each in bare["uncovered"]], sorted(disks))
        self.backup()
        good = self.status(0)
        self.assertEqual((good["state"], good["total"]), ("protected", 1))
        self.assertEqual(good["sources"][0]["paths"], [str(self.data)])
        self.data.rename(self.net.folder / "moved")
        self.backup(code=1)
        bad = self.status(1, "--component", "laptop")["sources"][0]
        self.assertEqual(bad["state"], "failing")
        self.assertIn("no such file", bad["cause"])
        self.assertIn("coffer run show 2", bad["action"])
        self.assertEqual(self.net.coffer("status", codes=(1,)).stdout.split(b":")[0], b"failing")

        self.net.coffer("status", "acknowledge", bad["id"], "--reason", "it moves")
        self.assertEqual(self.status(0)["sources"][0]["more"]["acknowledgedReason"], "it moves")
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        self.assertEqual(self.status(0)["state"], "protected")
        self.net.coffer("status", "withdraw", bad["id"])
        self.assertEqual(self.status(1)["state"], "failing")
        self.net.coffer("status", "drop", bad["id"])
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        self.assertEqual(self.status(1)["sources"][0]["paths"], [])
        (self.net.folder / "moved").rename(self.data)
        self.backup()
        self.assertEqual(self.status(0)["total"], 1)

    # Metrics.

    def scrape(self, url, token=None, context=None):
        request = urllib.request.Request(url)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
            return answer.read().decode()

    def samples(self, text):
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(text) for sample in family.samples}

    def one(self, text, name, **labels):
        found = [value for (sample, pairs), value in self.samples(text).items()
                 if sample == name and set(labels.items()) <= set(pairs)]
        return found[0] if len(found) == 1 else None

    def refused(self, url, **options):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.scrape(url, **options)
        return caught.exception.code

    def test_metrics_are_scraped(self):
        token = self.net.folder / "token"
        token.write_text("a word of a monitor\n")
        token.chmod(0o600)
        address = network.free_address()
        self.settings(f"\n[metrics]\nlisten = {address}\ntoken-file = {token}\n")
        url = f"http://{address}/metrics"
        self.assertEqual(self.refused(url), 401)
        self.assertEqual(self.refused(url, token="another word"), 401)
        word = "a word of a monitor"
        self.assertEqual(self.refused(f"http://{address}/", token=word), 404)
        self.backup()
        text = network.eventually("the backup is counted", lambda: next(
            (each for each in [self.scrape(url, word)]
             if self.one(each, "coffer_runs_ended_total", kind="backup", state="succeeded") == 1),
            None))
        self.assertEqual(self.one(text, "coffer_source_protected", agent="laptop"), 1)
        age = self.one(text, "coffer_source_last_good_backup_age_seconds", agent="laptop",
                       source=f"laptop:{self.data}", repository="main")
        self.assertTrue(0 <= age < 120, age)
        self.assertEqual(self.one(text, "coffer_agents", state="attached"), 1)
        self.assertEqual(self.one(text, "coffer_run_bytes_total", what="bytes"), 300_000)
        self.assertGreater(self.one(text, "coffer_run_seconds_total", kind="backup"), 0)
        self.assertEqual(self.one(text, "coffer_repository_snapshots", repository="main"), 1)
        self.assertEqual(self.one(text, "coffer_repository_content_bytes"), 300_000)
        self.assertGreater(self.one(text, "coffer_repository_stored_bytes"), 300_000)
        self.assertTrue(0.5 < self.one(text, "coffer_repository_dedup_ratio") < 1)
        self.assertEqual(self.one(text, "coffer_dropped_samples"), 0)

    def test_metrics_over_tls(self):
        address = network.free_address()
        self.settings(f"\n[metrics]\nlisten = {address}\ntls = yes\n")
        context = ssl.create_default_context(cafile=str(self.net.state / "authority.pem"))
        port = address.rsplit(":", 1)[1]
        text = self.scrape(f"https://localhost:{port}/metrics", context=context)
        self.assertIn("coffer_info{", text)
        with self.assertRaises(OSError):
            self.scrape(f"http://localhost:{port}/metrics")

    def test_damage_in_the_last_good_backup(self):
        self.backup()
        self.assertEqual(self.status(0)["state"], "protected")
        packs = [each for each in (self.repository / "packs").rglob("*") if each.is_file()]
        max(packs, key=lambda each: each.stat().st_size).unlink()
        self.net.coffer("verify", "--wait", codes=(4,))
        state = lambda: self.net.json("status", codes=(0, 1))["sources"][0]
        self.assertEqual(state()["state"], "failing")
        self.assertIn("missing or damaged", state()["cause"])
        self.assertIn("coffer verify --repo main", state()["action"])
        self.net.restart()
        network.eventually("it is known again", lambda: state()["state"] == "failing")
        self.backup()
        self.assertEqual(state()["state"], "protected")
        self.net.coffer("verify", "--wait")
        kinds = [event["kind"] for event in self.events("--kind", "source-*")]
        self.assertEqual(kinds, ["source-failing", "source-recovered"])
        self.assertEqual(self.status(0)["state"], "protected")

    def test_a_repository_that_cannot_be_opened(self):
        self.backup()
        self.net.server.stop()
        [database] = self.net.state.rglob("repositories/main/databases/repo.db")
        database.write_bytes(b"no database" * 1_000)
        self.net.server.start()
        self.net.login()
        state = lambda: self.net.json("status", codes=(0, 1))["sources"][0]
        network.eventually("it is noticed", lambda: state()["state"] == "failing")
        self.assertIn("made anew from the repository", state()["cause"])
        self.net.server.stop()
        for each in database.parent.glob("repo.db*"):  # as it says
            each.unlink()
        self.net.server.start()
        self.net.login()
        network.eventually("it is well", lambda: state()["state"] == "protected")
        self.net.coffer("verify", "--wait")

    def test_metrics_beyond_this_computer_need_protection(self):
        self.net.server.stop()
        with open(self.net.state / "server.ini", "a", encoding="utf-8") as settings:
            settings.write("\n[metrics]\nlisten = 0.0.0.0:0\n")
        done = self.net.run([PROGRAMS.server, "run", "--state", str(self.net.state)], codes=(1,))
        self.assertIn(b"metrics.tls", done.stderr)

    # Events.

    def events(self, *words):
        lines = self.net.coffer("--json", "events", *words).stdout.decode().splitlines()
        return [json.loads(line) for line in lines]

    def test_a_reader_with_a_lease_misses_nothing(self):
        first = self.events("--lease", "ticker")
        self.assertIn("agent-attached", [event["kind"] for event in first])
        self.assertEqual(self.events("--lease", "ticker"), [])
        self.backup()
        self.net.server.kill()
        self.net.server.start()
        self.net.login()
        network.eventually("it is back", lambda: self.net.is_attached("laptop"))
        second = self.events("--lease", "ticker", "--kind", "run-*")
        kinds = [event["kind"] for event in second]
        if "run-committed" in kinds:  # unless what it stored was verified by then
            kinds.remove("run-committed")
        self.assertEqual(kinds, ["run-ordered", "run-started", "run-ended"])
        self.assertGreater(second[0]["number"], first[-1]["number"])
        self.assertEqual(self.events("--lease", "ticker", "--kind", "run-*"), [])
        # All of them are still there for who asks otherwise.
        self.assertEqual([event["subject"] for event in self.events("--kind", "run-ended")], ["1"])
        self.assertEqual(self.events("--subject", "none"), [])
        of_agent = self.events("--component", "laptop")
        self.assertIn("run-ended", [event["kind"] for event in of_agent])
        self.assertNotIn("repository-created", [event["kind"] for event in of_agent])

    # Logs of runs.

    def test_the_log_of_a_run(self):
        (self.data / "hidden").write_text("x")
        self.backup()
        entries = self.net.json("run", "log", 1)
        # It may be verified before its agent has told the end.
        codes = [entry["code"] for entry in entries if entry["code"] != "run-committed"]
        self.assertEqual(codes, ["run-ordered", "run-started", "run-ended"])
        self.assertEqual(entries[-1]["level"], "info")
        self.net.coffer("backup", f"laptop:{self.data}/none", "--wait", codes=(1,))
        errors = self.net.json("run", "log", 2, "--level", "error")
        self.assertEqual([entry["code"] for entry in errors], ["run-ended"])
        self.assertIn("no such file", errors[0]["message"])
        text = self.net.coffer("run", "log", 2, "--text", "no such file").stdout.decode()
        self.assertEqual(len(text.splitlines()), 1)
        self.net.coffer("run", "log", 99, codes=(1,))


if __name__ == "__main__":
    PROGRAMS, _ = network.programs(sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
