#!/usr/bin/env python3
"""What a run leaves out, how it gives way, and hooks around it, with the real programs.

Usage: options_test.py SERVER AGENT COFFER WORKER COFFER-SOLO
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

import network

PROGRAMS = None
SOLO = None

HOOKS = {
    "write": 'echo "$COFFER_HOOK $COFFER_TASK $COFFER_KIND ${COFFER_RESULT:-none}" >>"$1"; echo written',
    "fail": "echo about to fail; exit 3",
    "hang": "echo begun; sleep 600 & sleep 600",
    "print": "head -c 1000000000 /dev/zero | tr '\\0' x; echo; echo the end",
    "stay": "setsid sleep 20 & echo over",
    "environment": "env",
}


def put(path, content="x", age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    when = time.time() - age
    os.utime(path, (when, when))


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = network.Network(PROGRAMS).__enter__()
        cls.addClassCleanup(lambda: cls.net.__exit__(None, None, None))
        cls.net.add_repository()
        cls.hooks = cls.net.folder / "hooks"
        cls.hooks.mkdir(mode=0o755)
        for name, script in HOOKS.items():
            (cls.hooks / name).write_text(f"#!/bin/sh\n{script}\n")
            (cls.hooks / name).chmod(0o755)
        cls.agent = cls.net.add_agent("laptop", allow=f"hooks = {cls.hooks}/*\n")
        cls.data = cls.net.folder / "data"
        cls.count = 0

    def setUp(self):
        shutil.rmtree(self.data, ignore_errors=True)
        put(self.data / "a.odt", "letter")
        put(self.data / "sub/b.tmp")
        put(self.data / "sub/deep/c.odt", "other letter")
        put(self.data / "sub/deep/large.odt", "x" * 50_000)
        put(self.data / "old.odt", "old", age=90 * 86_400)
        self.notes = self.net.folder / f"notes-{self.id().split('.')[-1]}"

    def task(self, *settings, edit=False):
        """Makes a task (or changes it), runs it and gives its run at the end."""
        if not edit:
            type(self).count += 1
            self.net.coffer("task", "add", f"task-{self.count}", f"source=laptop:{self.data}", *settings)
        else:
            self.net.coffer("task", "edit", f"task-{self.count}", *settings)
        [number] = self.net.json("task", "run", f"task-{self.count}")["runs"]
        return self.net.wait_for_run(number)

    def log(self, run, *filters):
        return [entry["message"] for entry in self.net.json("run", "log", run["number"], *filters)]

    def restored(self, run):
        """The files that come back, each compared with the source."""
        self.assertEqual(run["state"], "succeeded", run)
        back = self.net.folder / "back"
        shutil.rmtree(back, ignore_errors=True)
        self.net.coffer("restore", run["snapshot"], self.data, "--to", f"laptop:{back}", "--wait")
        for name in files_in(back):
            self.assertEqual((back / name).read_bytes(), (self.data / name).read_bytes())
        return files_in(back)

    def test_filters_and_their_change(self):
        everything = files_in(self.data)
        run = self.task("include=*.odt", "exclude-larger-than=10K", "exclude-older-than=30d")
        self.assertEqual(self.restored(run), ["a.odt", "sub/deep/c.odt"])
        [kept] = [each for each in self.net.json("snapshots") if each["id"] == run["snapshot"]]
        self.assertEqual(kept["filters"], ["include=*.odt", "exclude-larger-than=10000",
                                           "exclude-older-than=2592000s"])
        # What is left out now goes, what is not any more comes, and nothing else is read again.
        run = self.task("exclude-larger-than=", "exclude-older-than=", edit=True)
        self.assertEqual(self.restored(run), ["a.odt", "old.odt", "sub/deep/c.odt",
                                              "sub/deep/large.odt"])
        self.assertEqual(run["counts"]["changedFiles"], 2)
        run = self.task("include=", "exclude=deep/", edit=True)
        self.assertEqual(self.restored(run), ["a.odt", "old.odt", "sub/b.tmp"])
        run = self.task("exclude=", edit=True)
        self.assertEqual(self.restored(run), everything)
        run = self.task(f"include={self.data}/sub/", "include=!*.tmp", edit=True)
        self.assertEqual(self.restored(run), ["sub/deep/c.odt", "sub/deep/large.odt"])

    def test_filters_of_verbs(self):
        options = ["--include", "*.odt", "--exclude-larger-than", "10K", "--exclude-older-than", "30d"]
        run = self.net.json("backup", f"laptop:{self.data}", *options, "--wait-proven")
        self.assertEqual(self.restored(run), ["a.odt", "sub/deep/c.odt"])
        solo = [SOLO, "--repo", self.net.folder / "solo", "--state", self.net.folder / "solo-state"]
        kit = self.net.folder / "solo.kit"
        self.net.run([*solo, "init"])
        self.net.run([*solo, "recovery-kit", "export", kit])
        self.net.run([*solo, "recovery-kit", "confirm", kit])
        self.net.run([*solo, "backup", self.data, *options, "--bandwidth", "50M", "--read-rate", "50M"])
        self.net.run([*solo, "restore", f"latest:{self.data}", "--to", self.net.folder / "solo-back"])
        self.assertEqual(files_in(self.net.folder / "solo-back"), ["a.odt", "sub/deep/c.odt"])

    def test_rates_and_priority(self):
        put(self.data / "noise.odt")
        (self.data / "noise.odt").write_bytes(os.urandom(3_000_000))
        begun = time.monotonic()
        self.net.coffer("backup", f"laptop:{self.data}", "--read-rate", "1M", "--wait")
        self.assertGreater(time.monotonic() - begun, 2.5)
        (self.data / "noise.odt").write_bytes(os.urandom(100_000))
        number = self.net.json("backup", f"laptop:{self.net.folder}/data", "--include", "noise.odt",
                               "--bandwidth", "1", "--nice", "15", "--ionice", "idle")["run"]
        self.net.wait_for_run(number, "running")
        worker = network.eventually("the worker gives way", lambda: self.nice_worker(15))
        if shutil.which("ionice"):
            def gives_way_on_disks():
                asked = subprocess.run(["ionice", "-p", worker], capture_output=True, text=True)
                return asked.stdout.strip() == "idle"

            network.eventually("the worker gives way on disks", gives_way_on_disks)
        self.net.coffer("cancel", number)
        self.net.wait_for_run(number, "cancelled", "succeeded")

    def test_a_backup_gives_way_unless_it_is_told_not_to(self):
        (self.data / "noise.odt").write_bytes(os.urandom(100_000))
        for words, nice in [([], 10), (["--nice", "0"], 0)]:
            number = self.net.json("backup", f"laptop:{self.net.folder}/data", "--bandwidth", "1",
                                   *words)["run"]
            network.eventually(f"the worker has nice {nice}", lambda: self.nice_worker(nice))
            self.net.coffer("cancel", number)
            self.net.wait_for_run(number, "cancelled", "succeeded")

    def nice_worker(self, nice):
        """The number of a worker of which all threads have this nice."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if not (process / "exe").readlink().name.startswith("coffer-worker"):
                    continue
                stats = [(task / "stat").read_text() for task in (process / "task").iterdir()]
                if all(stat.rsplit(")", 1)[1].split()[16] == str(nice) for stat in stats):
                    return process.name
            except OSError:
                continue
        return None

    def test_hooks_that_work(self):
        run = self.task(f"hook-before={self.hooks}/write '{self.notes}'",
                        f"hook-after-success={self.hooks}/write {self.notes}",
                        f"hook-after-failure={self.hooks}/fail")
        self.assertEqual(run["state"], "succeeded", run)
        name = f"task-{self.count}"
        self.assertEqual(self.notes.read_text().splitlines(),
                         [f"before {name} backup none", f"after-success {name} backup succeeded"])
        log = self.log(run, "--code", "hook")
        self.assertEqual(log, ["hook-before: exit code 0; 8 octets of output", "written",
                               "hook-after-success: exit code 0; 8 octets of output", "written"])
        self.assertEqual(run["problems"], 0, run)
        run = self.task(f"hook-before={self.hooks}/environment")
        variables = {line.split("=", 1)[0] for line in self.log(run, "--code", "hook")[1:]}
        self.assertLessEqual(variables, {"PATH", "PWD", "SHLVL", "_", "COFFER_RUN", "COFFER_ATTEMPT",
                                         "COFFER_KIND", "COFFER_TASK", "COFFER_HOOK"})

    def test_hooks_that_fail(self):
        run = self.task(f"hook-before={self.hooks}/fail",
                        f"hook-after-failure={self.hooks}/write {self.notes}")
        self.assertEqual(run["state"], "failed")
        self.assertIn("hook-before", run["message"])
        self.assertIn("exit code 3", run["message"])
        self.assertIn("about to fail", self.log(run))
        self.assertEqual(self.notes.read_text(), f"after-failure task-{self.count} backup failed\n")
        run = self.task(f"hook-after-success={self.hooks}/fail")
        self.assertEqual(run["state"], "warnings")
        self.assertIsNotNone(run["snapshot"])
        self.assertEqual(len(self.log(run, "--code", "hook-failed")), 1)

    def test_hooks_that_are_not_allowed(self):
        def refused(program, why):
            run = self.task(f"hook-before={program}",
                            f"hook-after-failure={self.hooks}/write {self.notes}")
            self.assertEqual(run["state"], "failed")
            self.assertIn(why, run["message"])

        refused("/usr/bin/touch /tmp/should-not-be", "allow.hooks does not include /usr/bin/touch")
        (self.hooks / "open").write_text("#!/bin/sh\n")
        (self.hooks / "open").chmod(0o777)
        refused(f"{self.hooks}/open", "is writable for others")
        (self.hooks / "link").symlink_to(self.hooks / "fail")
        refused(f"{self.hooks}/link", "is a symbolic link")
        self.assertEqual(len(self.notes.read_text().splitlines()), 3)
        self.assertFalse(pathlib.Path("/tmp/should-not-be").exists())
        done = self.net.coffer("task", "add", "bad", f"source=laptop:{self.data}", "hook-before=dump",
                               codes=(1,))
        self.assertIn("absolute path of a program", done.stderr.decode())

    def test_hooks_that_do_not_end(self):
        run = self.task(f"hook-before={self.hooks}/hang", "hook-time-limit=1s")
        self.assertEqual(run["state"], "failed")
        self.assertIn("its time limit", run["message"])
        self.assertIn("begun", self.log(run))
        run = self.task(f"hook-before={self.hooks}/stay")
        self.assertEqual(run["state"], "succeeded")

        self.net.coffer("task", "edit", f"task-{self.count}", f"hook-before={self.hooks}/hang")
        [number] = self.net.json("task", "run", f"task-{self.count}")["runs"]
        network.eventually("the hook hangs", lambda: self.processes("hang"))
        self.net.coffer("cancel", number)
        self.assertEqual(self.net.wait_for_run(number)["state"], "cancelled")
        network.eventually("no hook is left", lambda: not self.processes("hang"))

    def processes(self, hook):
        def is_hook(process):
            try:
                return f"{self.hooks}/{hook}".encode() in (process / "cmdline").read_bytes()
            except OSError:
                return False

        return [each for each in pathlib.Path("/proc").glob("[0-9]*") if is_hook(each)]

    def test_a_hook_that_prints_much(self):
        run = self.task(f"hook-before={self.hooks}/print")
        self.assertEqual(run["state"], "succeeded", run)
        log = self.log(run, "--code", "hook")
        self.assertIn("1000000009 octets of output", log[0])
        self.assertEqual(log[-1], "the end")
        self.assertLess(sum(map(len, log)), 70_000)

    def test_hooks_of_each_attempt(self):
        """An attempt that is cut has both of its hooks, and so does the one that goes on."""
        task = f"task-{self.count + 1}"
        type(self).count += 1
        self.net.coffer("task", "add", task, f"source=laptop:{self.data}", "bandwidth=1",
                        f"hook-before={self.hooks}/write {self.notes}",
                        f"hook-after-failure={self.hooks}/write {self.notes}",
                        f"hook-after-success={self.hooks}/write {self.notes}")
        [number] = self.net.json("task", "run", task)["runs"]
        self.net.wait_for_run(number, "running")
        network.eventually("the hook has run", self.notes.exists)
        self.agent.stop()
        self.agent.start()
        network.eventually("it is tried again",
                           lambda: len(self.notes.read_text().splitlines()) == 3)
        self.net.coffer("cancel", number)
        self.net.wait_for_run(number, "cancelled")
        said = [line.split() for line in self.notes.read_text().splitlines()]
        self.assertEqual([(line[0], line[3]) for line in said],
                         [("before", "none"), ("after-failure", "interrupted"), ("before", "none"),
                          ("after-failure", "cancelled")])


if __name__ == "__main__":
    PROGRAMS, rest = network.programs(sys.argv[1:])
    SOLO = rest.pop(0)
    unittest.main(argv=[sys.argv[0], *rest])
