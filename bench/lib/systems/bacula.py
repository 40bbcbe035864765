"""Bacula: director, storage daemon and file daemon with TLS between them; catalogue in SQLite."""

import sqlite3
import sys
from pathlib import Path

from services import free_port, listens, make_certificate
from systems import bacula_config
from systems.system import PASSWORD, NetworkSystem, output_of

SCHEMA = Path("/usr/share/dbconfig-common/data/bacula-director-sqlite3/install/sqlite3")
JOB = Path(__file__).with_name("bacula_job.py")
DAEMONS = {"storage": "bacula-sd", "file": "bacula-fd", "director": "bacula-dir"}


class NetworkBacula(NetworkSystem):
    name = "bacula"
    packages = {"bacula-dir": "bacula-director", SCHEMA: "bacula-director-sqlite3",
                "bacula-sd": "bacula-sd", "bacula-fd": "bacula-fd",
                "bconsole": "bacula-console"}

    def __init__(self, folder, log):
        super().__init__(folder, log)
        self.jobs = 0  # numbers of jobs are given in order, from 1

    @staticmethod
    def version():
        return "Bacula " + output_of(["dpkg-query", "-W", "-f", "${Version}", "bacula-director"])

    def settings(self):
        return ("TLS between all parts, catalogue in SQLite; stored neither encrypted nor "
                "compressed nor deduplicated, as is its default")

    def start(self):
        for name in ("director", "storage", "file", "run", "repository"):
            (self.folder / name).mkdir()
        make_certificate(self.folder)
        ports = {name: free_port() for name in DAEMONS}
        bacula_config.write(self.folder, ports, PASSWORD, f"<{self.folder}/tree")
        with sqlite3.connect(self.folder / "director/bacula.db") as catalogue:
            catalogue.executescript(SCHEMA.read_text())
        for name, program in DAEMONS.items():
            self.services.start(
                program, [f"/usr/sbin/{program}", "-f", "-c", self.folder / f"{name}.conf"],
                lambda name=name: listens(ports[name]))

    def job(self, *commands):
        self.jobs += len(commands)
        return ([sys.executable, "-I", "-S", JOB, self.folder / "console.conf",
                 self.folder / "messages", *commands], self.folder)

    def backup(self, tree, label):
        """The director reads what to back up from a list when the job begins."""
        (self.folder / "tree").write_text(f"{tree}\n")
        level = "Full" if label == "first" else "Incremental"
        return self.job(f"run job=backup level={level} yes")

    def restore(self, tree, target):
        return self.job(f"restore client=bench-fd fileset=Tree where={target} select current all "
                        "done yes")

    def verify(self):
        return self.job(*(f"run job=verify jobid={number} yes" for number in (1, 2, 3)))
