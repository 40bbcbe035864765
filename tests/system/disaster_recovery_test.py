#!/usr/bin/env python3
"""Runs the commands of docs/disaster-recovery.md word for word, section by section.

Usage: disaster_recovery_test.py DOCUMENT COFFER_SOLO COFFER_RESCUE TREE_COMPARE
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

DOCUMENT, SOLO, RESCUE, COMPARE = (os.path.abspath(path) for path in sys.argv[1:5])


def sections():
    """Title -> list of its command blocks."""
    found = {}
    with open(DOCUMENT) as file:
        for part in re.split(r"^## ", file.read(), flags=re.M)[1:]:
            title, text = part.split("\n", 1)
            found[title] = re.findall(r"^```\n(.*?)^```", text, flags=re.M | re.S)
    return found


class Site:
    """A machine with a folder of data, backed up, and its kit kept elsewhere."""

    def __init__(self, base):
        self.env = {**os.environ, "HOME": base, "PATH": f"{base}/bin:{os.environ['PATH']}"}
        for name in ("REPO", "DATA", "TARGET", "KIT"):
            self.env[name] = os.path.join(base, name.lower())
        self.env["COFFER_STATE"] = self.env["STATE"] = os.path.join(base, "state")
        os.makedirs(os.path.join(base, "bin"))
        os.symlink(SOLO, os.path.join(base, "bin", "coffer-solo"))
        os.symlink(RESCUE, os.path.join(base, "bin", "coffer-rescue"))
        os.makedirs(os.path.join(self.env["DATA"], "sub"))
        for number in range(40):
            with open(os.path.join(self.env["DATA"], "sub", f"file {number}"), "wb") as file:
                file.write(os.urandom(number * 5000))
        self.run("coffer-solo --repo $REPO init\n"
                 "coffer-solo --repo $REPO recovery-kit export $KIT\n"
                 "coffer-solo --repo $REPO recovery-kit confirm $KIT\n"
                 "coffer-solo --repo $REPO backup $DATA")

    def run(self, block, expect=0):
        run = subprocess.run(["bash", "-ec", block], env=self.env, capture_output=True, text=True)
        if run.returncode != expect:
            sys.exit(f"exit {run.returncode} instead of {expect}:\n{block}\n{run.stdout}{run.stderr}")
        return run.stdout + run.stderr

    def expect_restored(self):
        run = subprocess.run([COMPARE, self.env["DATA"], self.env["TARGET"]], capture_output=True,
                             text=True)
        if run.returncode != 0:
            sys.exit(run.stdout + run.stderr)


def machine_lost(site, blocks):
    shutil.rmtree(site.env["STATE"])
    site.run(blocks[0])
    site.expect_restored()


def only_files(site, blocks):
    inside = site.run("coffer-rescue --kit $KIT restore $REPO latest --to $REPO/new", expect=1)
    inside += site.run("coffer-solo --repo $REPO restore latest --to $REPO/packs/new", expect=1)
    inside += site.run("coffer-solo --repo $REPO rehearse --scratch $REPO", expect=1)
    inside += site.run("coffer-solo --repo $REPO restore latest --to $STATE/new", expect=1)
    inside += site.run("coffer-solo --repo $REPO rehearse --scratch $STATE", expect=1)
    if inside.count(" lies in the ") != 5 or os.path.exists(site.env["REPO"] + "/new"):
        sys.exit("restored into the repository or the state:\n" + inside)
    shutil.rmtree(site.env["STATE"])
    before = subprocess.check_output(["find", site.env["REPO"], "-printf", "%P %T@ %s\n"])
    output = site.run(blocks[0])
    site.expect_restored()
    after = subprocess.check_output(["find", site.env["REPO"], "-printf", "%P %T@ %s\n"])
    if before != after:
        sys.exit("coffer-rescue has changed the repository")
    if "sub" not in output:
        sys.exit("ls did not list the folder:\n" + output)


def databases_gone(site, blocks):
    site.run(blocks[0])
    site.run("coffer-solo --repo $REPO restore latest:$DATA --to $TARGET")
    site.expect_restored()


def repository_damaged(site, blocks):
    pack = max(glob.glob(site.env["REPO"] + "/packs/*/*"), key=os.path.getsize)
    with open(pack, "r+b") as file:
        file.seek(os.path.getsize(pack) // 2)
        octet = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([octet[0] ^ 0x20]))
    output = site.run(blocks[0], expect=4)
    if os.path.basename(pack) not in output:
        sys.exit("verify does not name the damaged pack:\n" + output)
    found = json.loads(site.run("coffer-solo --repo $REPO --json damage", expect=4))
    if found["damagedPacks"] != [os.path.basename(pack)] or not found["entries"]:
        sys.exit(f"damage does not tell what it touches: {found}")
    for entry in found["entries"]:
        if f"{entry['path']}: " not in output or found["snapshots"][0][:8] not in output:
            sys.exit(f"verify does not name {entry['path']} and its snapshot:\n{output}")
    expect_lost(site, {entry["path"] for entry in found["entries"]})
    site.run(blocks[1])
    site.run("coffer-solo --repo $REPO damage")
    shutil.rmtree(site.env["TARGET"])
    site.run("coffer-solo --repo $REPO restore latest:$DATA --to $TARGET")
    site.expect_restored()


def expect_lost(site, lost):
    """A restore brings back all files but these."""
    site.run("coffer-solo --repo $REPO restore latest:$DATA --to $TARGET", expect=3)
    data = os.path.join(site.env["DATA"], "sub")
    came = set(os.listdir(os.path.join(site.env["TARGET"], "sub")))
    missing = {os.path.join(data, name) for name in set(os.listdir(data)) - came}
    if missing != lost:
        sys.exit(f"lost are {missing}, damage named {lost}")


def right_kit(site, blocks):
    shutil.rmtree(site.env["STATE"])
    site.run(blocks[0])
    keys = site.env["REPO"] + "/keys/00000000"
    with open(keys, "rb") as file:
        sound = file.read()
    for damaged in (sound[:100], sound[:200] + b"x" + sound[201:], None):
        os.remove(keys)
        if damaged:
            with open(keys, "wb") as file:
                file.write(damaged)
        elif os.path.exists(keys):
            sys.exit("the key object is still there")
        if "does not open it" not in site.run(blocks[0], expect=1):
            sys.exit("a kit that opens nothing passes")
        with open(keys, "wb") as file:
            file.write(sound)
    with open(site.env["KIT"]) as file:
        text = file.read()
    with open(site.env["KIT"], "w") as file:
        file.write(text.replace("K2: ", "K2: X", 1))
    site.run(blocks[0], expect=1)


SCENARIOS = {
    "The machine is lost, the repository is not": machine_lost,
    "Only files are wanted, quickly, from any machine": only_files,
    "The state folder is gone or damaged, the machine is not": databases_gone,
    "The repository is damaged": repository_damaged,
    "Is my recovery kit the right one?": right_kit,
}


def main():
    for title, blocks in sections().items():
        if not blocks:
            continue
        with tempfile.TemporaryDirectory(prefix="coffer-disaster-") as base:
            SCENARIOS[title](Site(base), blocks)
        print("ok:", title)


main()
