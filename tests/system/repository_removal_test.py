#!/usr/bin/env python3
"""Removes repositories from a real server: what is refused, what it means while it can be taken back,
what is left when it is gone; with kill -9 of the server at each step, and a server that is restored.
Usage: repository_removal_test.py SERVER AGENT COFFER WORKER CRASH_PRELOAD
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import network
from network import eventually

POINTS = 10**6 if "--all" in sys.argv else 24


def refused(net, *words, because, client=None):
    done = net.coffer(*words, codes=(1,), client=client)
    message = done.stderr.decode()
    if because not in message:
        raise network.Failure(f"{' '.join(words)}: {message} does not say '{because}'")


def set_ini(net, section, line):
    """Into server.ini; for the next start."""
    path = net.state / "server.ini"
    text = path.read_text()
    key = line.split("=")[0].strip()
    kept = [old for old in text.splitlines() if not old.lstrip("# ;").startswith(key)]
    at = next(i for i, old in enumerate(kept) if old.strip() == f"[{section}]")
    path.write_text("\n".join(kept[:at + 1] + [line] + kept[at + 1:]) + "\n")


def restart(net):
    net.server.stop()
    net.server.start()
    net.login()


def named(net, name):
    return next((one for one in net.json("repo", "list") if one["name"] == name), None)


def kinds(net, subject):
    return [event["kind"] for event in net.lines("--json", "events", "--subject", subject)]


def backup(net, repository, *more):
    run = net.json("backup", f"laptop:{net.source}", "--repo", repository, "--wait-proven", *more)
    if run["state"] != "succeeded":
        raise network.Failure(run)
    return run


def refusals_and_grace(net):
    """What keeps a repository; then it is removed, nobody gets in, and it is as before."""
    net.coffer("repo", "init", "fresh", str(net.folder / "repositories" / "fresh"))
    refused(net, "repo", "remove", "fresh", because="recovery kit was never confirmed")
    net.coffer("task", "add", "nightly", "kind=backup", f"source=laptop:{net.source}",
               "repository=main", "schedule=daily at 03:00")
    refused(net, "repo", "remove", "main", because="tasks name it: nightly")
    waiting = net.json("backup", f"laptop:{net.source}")["run"]
    net.wait_for_run(waiting)
    net.agents["laptop"].stop()
    eventually("the agent is away", lambda: not net.is_attached("laptop"))
    waiting = net.json("backup", f"laptop:{net.source}")["run"]
    refused(net, "repo", "remove", "main", "--despite-tasks", because=f"run {waiting} uses it")
    net.coffer("cancel", waiting)
    net.wait_for_run(waiting)
    net.agents["laptop"].start()

    until = net.json("repo", "remove", "main", "--despite-tasks")["removedUntil"]
    for words in (["repo", "recovery-kit", "export", "-"], ["snapshots"], ["find", "letter"],
                  ["backup", f"laptop:{net.source}"], ["verify"], ["prune"],
                  ["restore", "latest", "--to", f"laptop:{net.folder}/back"],
                  ["task", "run", "nightly"]):
        refused(net, *words, because=f"main is removed until {until}")
    shown = net.coffer("repo", "list").stdout.decode()
    assert f"REMOVED until {until}" in shown, shown
    assert named(net, "main")["facts"]["removedUntil"] == until
    assert net.json("repo", "info", "main")["facts"]["data"] == "stays"

    def unprotected():
        sources = net.json("status", "--all", codes=(0, 1))["sources"]
        return all(one["state"] == "unprotected" and "is removed until" in one["cause"]
                   for one in sources if one["repository"] == "main")

    eventually("its sources are unprotected", unprotected)
    refused(net, "repo", "init", "main", str(net.folder / "repositories" / "x"),
            because="there is a repository main already")
    net.server.kill()
    net.server.start()
    net.login()
    refused(net, "snapshots", because="is removed until")
    net.coffer("repo", "keep", "main")
    net.coffer("repo", "keep", "main")
    eventually("the agent is back", lambda: net.is_attached("laptop"))
    assert len(net.json("snapshots")) >= 2
    backup(net, "main")
    assert kinds(net, "main")[-2:] == ["repository-removed", "repository-kept"], kinds(net, "main")
    net.coffer("task", "remove", "nightly")


def second_person(net):
    """Two deleters: nothing is removed before the other one says so."""
    other = net.folder / "other-client"
    first = net.json("user", "add", "ben", "--role", "deleter")["password"]
    net.coffer("login", "--server", net.address, "--user", "ben", "--ca",
               str(net.state / "authority.pem"), "--password-file", "-", stdin=first + "\n",
               client=other)
    net.coffer("passwd", "--password-file", "-", stdin=f"{first}\nsomething longer 1\n", client=other)
    refused(net, "repo", "remove", "main", because="needs a second person")
    number = net.json("requests")[0]["number"]
    assert "removedUntil" not in named(net, "main")["facts"]
    refused(net, "confirm", str(number), because="another one")
    net.coffer("confirm", number, client=other)
    assert named(net, "main")["facts"]["removedUntil"]
    refused(net, "repo", "remove", "fresh", client=other, because="never confirmed")
    net.coffer("repo", "keep", "main")
    net.coffer("user", "remove", "ben")


def gone_and_back(net, folder):
    """With no grace period it goes at once; the folder and the kit are enough to have it again."""
    set_ini(net, "repositories", "grace-days = 0")
    restart(net)
    snapshots = [one["id"] for one in net.json("snapshots")]
    net.coffer("repo", "remove", "main")
    eventually("it is gone", lambda: named(net, "main") is None)
    assert not (net.state / "repositories" / "main").exists()
    assert (folder / "config").exists()
    assert kinds(net, "main")[-1] == "repository-gone"
    gone = [one for one in net.lines("--json", "audit", "list") if one["action"].startswith("repository-")]
    assert [one["action"] for one in gone][-2:] == ["repository-removed", "repository-gone"], gone
    assert gone[-1]["user"] == "coffer-server", gone[-1]
    net.coffer("audit", "verify")
    assert not any(one["repository"] == "main"
                   for one in net.json("status", "--all", codes=(0, 1))["sources"])
    net.server.kill()
    net.server.start()
    net.login()
    assert named(net, "main") is None, "it came back"
    assert not any(one["repository"] == "main"
                   for one in net.json("status", "--all", codes=(0, 1))["sources"])
    net.coffer("repo", "adopt", "main", str(folder), str(net.folder / "main.kit"))
    assert [one["id"] for one in net.json("snapshots")] == snapshots
    eventually("the agent is back", lambda: net.is_attached("laptop"))
    backup(net, "main")
    net.coffer("verify", "--wait")


def data_goes_too(net):
    folder = net.add_repository("second")
    backup(net, "second")
    (folder / "letter.txt").write_text("not the server's")
    net.coffer("repo", "remove", "second", "--delete-data")
    eventually("it is gone", lambda: named(net, "second") is None)
    assert os.listdir(folder) == ["letter.txt"], os.listdir(folder)


def killed_at_each_step(net, preload):
    """A server with a removal that is due dies before a change of a file, at one after the other from
    its start on; the next one does the rest. It is stopped at the beginning and serves at the end."""
    folder, own = net.folder / "repositories" / "third", net.state / "repositories" / "third"
    # All of them: they remember what the audit log had come to.
    kept = [(net.state, net.folder / "kept-state"),
            (net.folder / "repositories", net.folder / "kept-repositories")]
    for path, copy in kept:
        shutil.copytree(path, copy)

    def run_until_gone(settings, end):
        """Gives whether it died before anybody ended it."""
        for path, copy in kept:
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(copy, path)
        with open(net.folder / "dying.log", "ab") as log:
            victim = subprocess.Popen(
                [net.programs.server, "run", "--state", str(net.state)], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env={**net.environment(), "LD_PRELOAD": preload, **settings})
        try:
            eventually("it has died or done it", lambda: victim.poll() is not None or not own.exists())
            died = victim.poll() is not None
        finally:
            victim.send_signal(end)
            victim.wait(network.PATIENCE)
        return died

    count = net.folder / "count"
    run_until_gone({"COFFER_CRASH_COUNT": str(count)}, signal.SIGTERM)
    total = int(count.read_text())
    died = 0
    for point in range(1, total + 1, max(1, total // POINTS)):
        died += run_until_gone({"COFFER_CRASH_AT": str(point)}, signal.SIGKILL)
        net.server.start()
        net.login()
        eventually(f"it is gone after point {point}", lambda: named(net, "third") is None)
        assert not own.exists()
        assert not (folder / "config").exists() and not (folder / "packs").exists()
        net.coffer("audit", "verify")
        assert net.json("snapshots"), "the others are whole"
        net.server.kill()
    print(f"killed at {died} points of {total}")
    assert died >= POINTS // 3, died
    net.server.start()
    net.login()


def restored_server(net):
    """A server that is restored knows what is removed, and what is gone does not come back."""
    set_ini(net, "repositories", "grace-days = 7")
    restart(net)
    net.add_repository("fourth")
    until = net.json("repo", "remove", "fourth")["removedUntil"]
    net.server.stop()  # saves itself
    shutil.rmtree(net.state)
    net.run([net.programs.server, "restore", "--state", str(net.state), "--repository",
             str(net.folder / "repositories" / "main"), "--kit", str(net.folder / "main.kit")])
    net.server.start()
    net.login()
    assert named(net, "fourth")["facts"]["removedUntil"] == until
    assert named(net, "third") is None and named(net, "second") is None
    refused(net, "snapshots", "--repo", "fourth", because="is removed until")
    net.coffer("repo", "keep", "fourth")
    net.json("snapshots", "--repo", "fourth")


def main():
    programs, rest = network.programs(sys.argv[1:])
    preload = os.path.abspath(rest[0])
    with network.Network(programs) as net:
        net.source = net.folder / "source"
        net.source.mkdir()
        (net.source / "letter").write_text("dear reader")
        folder = net.add_repository()
        net.add_agent("laptop")
        backup(net, "main")
        refusals_and_grace(net)
        second_person(net)
        gone_and_back(net, folder)
        data_goes_too(net)
        net.add_repository("third")
        backup(net, "third")
        net.agents["laptop"].stop()
        # Removed and due, and nobody has begun, for the server does not run.
        set_ini(net, "repositories", "grace-days = 3650")
        restart(net)
        net.coffer("repo", "remove", "third", "--delete-data")
        net.server.stop()
        set_ini(net, "repositories", "grace-days = 0")  # else it had to be up for an hour
        with sqlite3.connect(net.state / "server.db") as database:
            database.execute("UPDATE removals SET due=made")
        database.close()
        killed_at_each_step(net, preload)
        restored_server(net)
    print("repositories are removed as they should be")


if __name__ == "__main__":
    main()
