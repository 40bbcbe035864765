#!/usr/bin/env python3
"""Makes the sample of format 1 that has to restore for ever. Needs root.

Usage: make_format1_sample.py COFFER_SOLO FORMAT1_EXTRAS FOLDER

FOLDER must not be there: what is in tests/compat/format1 is never made again. It was made by this and
is kept for others to see how; a later format gets a sample and a script of its own.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import format1_tree
import tree_listing

BASE = pathlib.Path("/tmp/coffer-format1")  # stands in the snapshots
DATA = BASE / "data"
RECORDS = 480


def run(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


class Sample:
    def __init__(self, solo, folder):
        self.solo, self.folder = solo, folder
        self.snapshots = {}

    def coffer(self, *words, repository="repository"):
        printed = run(self.solo, "--repo", BASE / repository, "--state", BASE / f"{repository}.state",
                      "--json", *words)
        return json.loads(printed) if printed else None

    def make_repository(self, name):
        self.coffer("init", repository=name)
        kit = self.folder / f"{name}.kit"
        self.coffer("recovery-kit", "export", kit, repository=name)
        self.coffer("recovery-kit", "confirm", kit, repository=name)
        os.chmod(kit, 0o644)

    def backup(self, name, *words):
        self.snapshots[name] = self.coffer("backup", "--host", "laptop", DATA, *words)["id"]
        lines = tree_listing.listing(DATA)
        (self.folder / f"{name}.listing").write_text("\n".join(lines) + "\n")

    def make_snapshots(self):
        """Four states of a folder; the first is gone, the third in the trash, and what was left of the
        first one's packs lies in new ones."""
        format1_tree.make(DATA)
        self.backup("first")
        for version, words in ((2, ("--tag", "monthly", "--tag", "b\u00fcro")),
                               (3, ("--exclude", "*.tmp")), (4, ())):
            format1_tree.change(DATA, version)
            self.backup(("second", "third", "fourth")[version - 2], *words)
        self.coffer("verify")
        self.coffer("lock", self.snapshots["second"], "--until", "2036-01-01")
        self.coffer("forget", "--now", self.snapshots.pop("first"))
        (self.folder / "first.listing").unlink()
        if self.coffer("prune", "--repack-at", "1")["repacked"]["packs"] == 0:
            sys.exit("nothing was repacked")
        self.coffer("forget", self.snapshots["third"])
        for _ in range(RECORDS // 2):  # until the manifest goes on in another segment
            self.coffer("tag", self.snapshots["fourth"], "--add", "again")
            self.coffer("tag", self.snapshots["fourth"], "--remove", "again")

    def add_what_servers_write(self, extras):
        """Gives the copies, by the name of what they are copies of."""
        copied = ("second", "fourth")
        printed = run(extras, "write", BASE / "repository", BASE / "repository.state",
                      BASE / "offsite", BASE / "offsite.state",
                      *(self.snapshots[name] for name in copied))
        return dict(zip(copied, (line.split()[1] for line in printed.splitlines())))


def take(repository, to):
    """All of a repository but what no reader needs."""
    shutil.copytree(repository, to, ignore=lambda folder, names: {"tmp", "lock"} & set(names))


def write_digests(folder):
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
             for path in sorted(folder.rglob("*")) if path.is_file()]
    (folder / "digests").write_text("".join(lines))


def main():
    solo, extras, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    folder.mkdir(parents=True)
    BASE.mkdir()
    try:
        sample = Sample(solo, folder)
        for name in ("repository", "offsite"):
            sample.make_repository(name)
        sample.make_snapshots()
        copies = sample.add_what_servers_write(extras)
        sample.coffer("replicate", "--to", BASE / "replica")
        for name in ("repository", "offsite", "replica"):
            take(BASE / name, folder / name)
        if len(list((folder / "repository" / "manifest").iterdir())) < 2:
            sys.exit("the manifest has one segment")
        servers = {name: run(extras, "read", folder / name, folder / f"{name}.kit").splitlines()
                   for name in ("repository", "offsite")}
        expected = {"path": str(DATA), "snapshots": sample.snapshots, "copies": copies,
                    "marks": sample.coffer("marks"), "servers": servers}
        (folder / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
        write_digests(folder)
    finally:
        shutil.rmtree(BASE)


main()
