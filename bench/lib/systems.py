"""The systems compared: how each is called. All encrypt; none asks anything."""

import os
import shutil
import subprocess
from pathlib import Path

PASSWORD = "comparison"


class System:
    """One system with a fresh repository in `folder`. A command is a pair (arguments, cwd)."""

    name = ""
    package = ""

    def __init__(self, folder):
        self.folder = folder
        self.repository = folder / "repository"
        (folder / "tmp").mkdir(parents=True)
        self.password_file = folder / "password"
        self.password_file.write_text(PASSWORD + "\n")

    def environment(self):
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder),
                "TMPDIR": str(self.folder / "tmp")}

    def settings(self):
        """What was chosen for this system, for the report."""
        return "defaults"

    def restored_tree(self, target, tree):
        return target / tree.relative_to("/")


class Restic(System):
    name = "restic"
    package = "restic"

    @staticmethod
    def version():
        return output_of(["restic", "version"])

    def settings(self):
        return "repository format 2, compression auto"

    def call(self, *arguments):
        return (["restic", "--quiet", "--repo", self.repository, "--password-file",
                 self.password_file, "--cache-dir", self.folder / "cache", *arguments],
                self.folder)

    def setup(self):
        return [self.call("init", "--repository-version", "2")]

    def backup(self, tree, label):
        return self.call("backup", "--tag", label, tree)

    def restore(self, tree, target):
        return self.call("restore", "latest", "--target", target)

    def verify(self):
        return self.call("check", "--read-data")


class Borg(System):
    name = "borg"
    package = "borgbackup"

    def __init__(self, folder):
        super().__init__(folder)
        # Borg's manual: BLAKE2b is the faster choice where the processor has no SHA extension.
        has_sha = " sha_ni " in Path("/proc/cpuinfo").read_text()
        self.encryption = "repokey" if has_sha else "repokey-blake2"
        self.latest = ""

    @staticmethod
    def version():
        return output_of(["borg", "--version"])

    def settings(self):
        return f"encryption {self.encryption}, compression lz4"

    def environment(self):
        return {**super().environment(), "BORG_BASE_DIR": str(self.folder / "base"),
                "BORG_PASSPHRASE": PASSWORD,
                "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
                "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}

    def setup(self):
        return [(["borg", "init", "--encryption", self.encryption, self.repository],
                 self.folder)]

    def backup(self, tree, label):
        self.latest = f"{self.repository}::{label}"
        return (["borg", "create", self.latest, tree], self.folder)

    def restore(self, tree, target):
        return (["borg", "extract", self.latest], target)

    def verify(self):
        return (["borg", "check", "--verify-data", self.repository], self.folder)


class Coffer(System):
    name = "coffer"
    program = Path()

    @classmethod
    def version(cls):
        return output_of([cls.program, "--version"])

    def call(self, *arguments):
        return ([self.program, "--repo", self.repository, "--state", self.folder / "state",
                 *arguments], self.folder)

    def setup(self):
        kit = self.folder / "recovery-kit"
        return [self.call("init"), self.call("recovery-kit", "export", kit),
                self.call("recovery-kit", "confirm", kit)]

    def backup(self, tree, label):
        return self.call("backup", tree)

    def restore(self, tree, target):
        return self.call("restore", f"latest:{tree}", "--to", target)

    def verify(self):
        return self.call("verify")

    def restored_tree(self, target, tree):
        places = (target / tree.relative_to("/"), target / tree.name, target)
        return next(place for place in places if place.is_dir())


SYSTEMS = {system.name: system for system in (Coffer, Restic, Borg)}


def install(names):
    """Installs the packages of the chosen systems that are missing."""
    packages = [SYSTEMS[name].package for name in names
                if name != "coffer" and not shutil.which(name)]
    if packages:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        if subprocess.run(command).returncode != 0:
            subprocess.run(["apt-get", "update", "-qq"], check=True)
            subprocess.run(command, check=True)


def output_of(command):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    lines = result.stdout.strip().splitlines()
    return lines[0] if result.returncode == 0 and lines else "version not told"
