"""Logs in at a Coffer server, lists its agents, browses a folder of one of them, backs the folder up
and follows the run to its end:

    python3 client.py USER AGENT FOLDER <password

Server and certificates are those of the last 'coffer login'. Needs omniORBpy with its SSL transport,
and the stubs made by: omniidl -bpython idl/management.idl
"""

import os
import pathlib
import sys
import time

from omniORB import CORBA, sslTP

import Coffer


def config_folder():
    if "COFFER_CONFIG" in os.environ:
        return pathlib.Path(os.environ["COFFER_CONFIG"])
    base = os.environ.get("XDG_CONFIG_HOME") or pathlib.Path.home() / ".config"
    return pathlib.Path(base) / "coffer"


def server_of(folder):
    for line in (folder / "session").read_text().splitlines():
        word, _, value = line.partition(" ")
        if word == "server":
            return value
    raise SystemExit("log in once with 'coffer login'")


def value_of(settings, name, otherwise="0"):
    return next((setting.value for setting in settings if setting.name == name), otherwise)


def print_agents(session):
    for agent in session.agents().list():
        print(f"agent {agent.name}: {agent.state}")


def print_folder(session, agent, path):
    root = session.agents().root(agent)
    folder = root.find(os.fsencode(path[1:]))._narrow(Coffer.Folder)
    if folder is None:
        raise SystemExit(f"{path} is no folder")
    entries, rest = folder.list(1000)
    more = rest is not None
    while more:
        more, page = rest.next(1000)
        entries += page
    for line in sorted(f"{entry.kind} {os.fsdecode(entry.name)}" for entry in entries):
        print(line)


def back_up(session, agent, path):
    """Gives True when everything was backed up."""
    runs = session.runs()
    number = runs.startBackup(agent, [os.fsencode(path)], [], "main", [])
    before = None
    while True:
        run = runs.get(number)
        line = f"{run.state}, {value_of(run.counts, 'files')} files"
        if line != before:
            print(f"run {number}: {line}", flush=True)
        before = line
        if run.state in ("succeeded", "warnings", "failed", "cancelled"):
            print(f"snapshot {run.snapshot}")
            print(run.message, end="")
            return run.state == "succeeded"
        time.sleep(0.5)


def work(user, agent, path):
    folder = config_folder()
    # OpenSSL accepts no other server than one whose certificate this authority made for it.
    sslTP.certificate_authority_file(str(folder / "authority.pem"))
    sslTP.key_file(str(folder / "client.pem"))
    sslTP.key_file_password("")
    orb = CORBA.ORB_init(["client", "-ORBclientTransportRule", "* ssl", "-ORBnativeCharCodeSet",
                          "UTF-8", "-ORBgiopMaxMsgSize", "16777216"], CORBA.ORB_ID)
    reference = orb.string_to_object(f"corbaloc:ssliop:1.2@{server_of(folder)}/CofferGate")
    gate = reference._narrow(Coffer.Gate)
    session = gate.login(user, sys.stdin.readline().rstrip("\n"), Coffer.protocolLevel)
    print_agents(session)
    print_folder(session, agent, path)
    good = back_up(session, agent, path)
    session.logout()
    orb.destroy()
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python3 client.py USER AGENT FOLDER <password")
    try:
        sys.exit(work(*sys.argv[1:]))
    except Coffer.Failed as failed:
        sys.exit(f"client: {failed.message} ({failed.code})")
