#!/usr/bin/env python3
"""The sample of format 1 restores for ever, by everything that reads repositories. Needs root for owners
and devices; without, its files are looked at and not restored.

Usage: format1_test.py SAMPLE COFFER_SOLO COFFER_RESCUE FORMAT1_EXTRAS
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import tree_listing

SAMPLE, SOLO, RESCUE, EXTRAS = None, None, None, None
REPOSITORIES = (("repository", "repository.kit"), ("replica", "repository.kit"), ("offsite", "offsite.kit"))


class Abilities:
    """What this file system can bring back."""

    def __init__(self, folder):
        probe = folder / "probe"
        probe.touch()
        self.attributes = self.can(lambda: os.setxattr(probe, "user.probe", b"1"))
        self.lists = self.can(lambda: os.setxattr(probe, "system.posix_acl_access", bytes.fromhex(
            "0200000001000600ffffffff02000500e803000004000400ffffffff10000700ffffffff20000000ffffffff")))

    @staticmethod
    def can(work):
        try:
            work()
            return True
        except OSError:
            return False

    def keeps(self, name):
        if name == "security.selinux":  # of where it was restored
            return False
        if name.startswith("system."):
            return self.lists
        return self.attributes

    def kept(self, entry):
        entry = dict(entry)
        attributes = {name: value for name, value in entry.pop("attributes", {}).items()
                      if self.keeps(name)}
        if attributes:
            entry["attributes"] = attributes
        if not self.attributes:
            entry.pop("noAtime", None)
        return entry


def run(*words, code=0):
    done = subprocess.run([str(word) for word in words], capture_output=True)
    if done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout.decode(errors='replace')}"
                             f"{done.stderr.decode(errors='replace')}")
    return done


needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


class Format1(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = json.loads((SAMPLE / "expected.json").read_text())

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="coffer-format1-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.abilities = Abilities(self.scratch)

    def copy_of(self, repository):
        """One that may be changed."""
        return shutil.copytree(SAMPLE / repository, self.scratch / "copies" / repository)

    def solo(self, repository, *words, code=0):
        return run(SOLO, "--repo", repository, "--state", self.scratch / "state", "--json", *words,
                   code=code)

    def snapshots(self, repository):
        return self.expected["copies" if repository == "offsite" else "snapshots"]

    def expect_tree(self, name, folder):
        """Every entry is as it was, but for what cannot be brought back here."""
        lines = (SAMPLE / f"{name}.listing").read_text().splitlines()
        wanted, found = self.lines(lines), self.lines(tree_listing.listing(folder))
        self.assertEqual(len(wanted), len(found))
        for line, other in zip(wanted, found):
            self.assertEqual(line, other)
        shutil.rmtree(folder)

    def lines(self, lines):
        entries = [json.loads(line) for line in lines]
        return [json.dumps(self.abilities.kept(entry), sort_keys=True) for entry in entries]

    def test_its_files_never_change(self):
        lines = [line.split("  ", 1) for line in (SAMPLE / "digests").read_text().splitlines()]
        listed = {name: digest for digest, name in lines}
        found = {str(path.relative_to(SAMPLE)): hashlib.sha256(path.read_bytes()).hexdigest()
                 for path in SAMPLE.rglob("*") if path.is_file() and path.name != "digests"}
        self.assertEqual(found, listed)

    @needs_root
    def test_rescue_restores_each_snapshot(self):
        for repository, kit in REPOSITORIES:
            opened = ["--kit", SAMPLE / kit, SAMPLE / repository]
            listed = run(RESCUE, "list", *opened).stdout.decode()
            run(RESCUE, "check", *opened)
            for name, snapshot in self.snapshots(repository).items():
                with self.subTest(repository=repository, snapshot=name):
                    self.assertIn(snapshot[:8], listed)
                    target = self.scratch / "restored"
                    run(RESCUE, "restore", *opened, f"{snapshot}:{self.expected['path']}", "--to", target)
                    self.expect_tree(name, target)

    @needs_root
    def test_a_new_machine_takes_it_over_and_goes_on(self):
        for repository, kit in REPOSITORIES:
            with self.subTest(repository=repository):
                copy = self.copy_of(repository)
                self.solo(copy, "adopt", SAMPLE / kit)
                self.expect_marks(copy, repository)
                self.take_back(copy, repository)
                for each in json.loads(self.solo(copy, "snapshots").stdout):
                    [name] = [name for name, id in self.snapshots(repository).items() if id == each["id"]]
                    target = self.scratch / "restored"
                    self.solo(copy, "restore", f"{each['id']}:{self.expected['path']}", "--to", target)
                    self.expect_tree(name, target)
                self.go_on(copy)
                shutil.rmtree(self.scratch / "state")

    def take_back(self, copy, repository):
        """What is in the trash, unless it is due by now and forgotten with the next change."""
        wanted = set(self.snapshots(repository).values())
        for mark in self.expected["marks"] if repository != "offsite" else []:
            if not mark["due"]:
                continue
            if time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) < mark["due"]:
                self.solo(copy, "unforget", mark["id"])
            else:
                wanted.remove(mark["id"])
        found = json.loads(self.solo(copy, "snapshots").stdout)
        self.assertEqual({each["id"] for each in found}, wanted)

    def marks(self, copy):
        return json.loads(self.solo(copy, "marks").stdout)

    def expect_marks(self, copy, repository):
        """Tags and locks as they were set; in the trash is what was there, unless it is due by now."""
        found = {each["id"]: each for each in self.marks(copy)}
        if repository == "offsite":
            self.assertEqual(set(found), set(self.expected["copies"].values()))
            return
        for mark in self.expected["marks"]:
            if mark["due"] and mark["id"] not in found:
                continue
            for field in ("due", "lockedUntil", "tags"):
                self.assertEqual(found[mark["id"]][field], mark[field])

    def go_on(self, copy):
        """Verified, backed up into, pruned, and verified again."""
        more = self.scratch / "more"
        more.mkdir(exist_ok=True)
        (more / "file").write_bytes(os.urandom(10_000))
        self.assertTrue(json.loads(self.solo(copy, "verify").stdout)["sound"])
        self.solo(copy, "backup", more)
        self.solo(copy, "prune", "--repack-at", "1")
        self.assertTrue(json.loads(self.solo(copy, "verify").stdout)["sound"])

    def test_what_servers_wrote_comes_out(self):
        for repository, kit in REPOSITORIES:
            printed = run(EXTRAS, "read", SAMPLE / repository, SAMPLE / kit).stdout.decode()
            self.assertEqual(printed.splitlines(), self.expected["servers"][kit.removesuffix(".kit")])

    def test_other_formats_are_refused(self):
        for version, why in ((0, b"never released"), (2, b"newer version")):
            copy = self.copy_of("offsite")
            config = copy / "config"
            octets = bytearray(config.read_bytes())
            self.assertEqual(octets[8:10], b"\x01\x00")
            octets[8] = version
            config.chmod(0o600)
            config.write_bytes(octets)
            for done in (self.solo(copy, "adopt", SAMPLE / "offsite.kit", code=1),
                         run(RESCUE, "--kit", SAMPLE / "offsite.kit", "list", copy, code=1)):
                self.assertIn(why, done.stderr)
                self.assertIn(b"format", done.stderr)
            shutil.rmtree(copy)


if __name__ == "__main__":
    SAMPLE, SOLO, RESCUE, EXTRAS = (pathlib.Path(word).resolve() for word in sys.argv[1:5])
    unittest.main(argv=sys.argv[:1])
