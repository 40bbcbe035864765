#!/usr/bin/env python3
"""Makes the sample of a server that is lost: a repository of format 1 with a real backup of its server.

Usage: make_format1_server_sample.py SERVER AGENT COFFER WORKER FOLDER

FOLDER must not be there: what is in tests/compat/format1-server is never made again. It was made by this
and is kept for others to see how.
"""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
import network  # noqa: E402


def make_data(folder):
    """Some kinds of entries that anybody can restore."""
    (folder / "letters" / "b\u00fcro").mkdir(parents=True)
    for number in range(12):
        (folder / "letters" / f"letter {number}").write_text(f"letter {number}\n" * (50 * number))
    (folder / "letters" / "b\u00fcro" / "noise").write_bytes(os.urandom(20_000))
    (folder / "letters" / "again").hardlink_to(folder / "letters" / "letter 3")
    (folder / "empty").touch()
    (folder / "link").symlink_to("letters/letter 1")


def digests_of(folder, passed_over=()):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files if path.name not in passed_over}


def main():
    programs, (folder,) = network.programs(sys.argv[1:])
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True)
    with network.Network(programs) as net:
        data = net.folder / "data"
        data.mkdir()
        make_data(data)
        repository = net.add_repository()
        net.add_agent("laptop")
        run = net.json("backup", f"laptop:{data}", "--tag", "kept", "--wait-proven")
        net.json("task", "add", "office", "kind=backup", f"source=laptop:{data}", "repository=main")
        net.agents["laptop"].stop()
        net.server.stop()  # which saves it
        shutil.copytree(repository, folder / "repository",
                        ignore=lambda at, names: {"tmp", "lock"} & set(names))
        shutil.copy(net.folder / "main.kit", folder / "main.kit")
        os.chmod(folder / "main.kit", 0o644)
        expected = {"made": int(time.time()), "password": net.password, "agents": ["laptop"],
                    "tasks": ["office"], "snapshots": [run["snapshot"]], "runs": [run["number"]],
                    "path": str(data), "files": digests_of(data), "links": {"link": "letters/letter 1"}}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
    lines = [f"{digest}  {name}\n" for name, digest in digests_of(folder).items()]
    (folder / "digests").write_text("".join(lines))


if __name__ == "__main__":
    main()
