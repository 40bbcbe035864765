"""What all systems have in common. All encrypt what they send; none asks anything."""

import os
import subprocess

from services import Services

PASSWORD = "comparison-of-systems"


class System:
    """One system with a fresh repository in `folder`. A command is a pair (arguments, cwd)."""

    name = ""
    packages = {}  # program -> Debian package
    build = None  # folder that Coffer was built in

    @classmethod
    def own_programs(cls):
        """What has to be built."""
        return []

    def __init__(self, folder, log):
        self.folder = folder
        self.log = log
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

    def prepare(self, run):
        """Makes the repository; `run` runs a list of commands. Not measured."""
        run(self.setup())

    def setup(self):
        return []

    def pids(self):
        """The roots of what has to be measured beside the commands."""
        return []

    def stop(self):
        """Ends what prepare() started."""

    def restored_tree(self, target, tree):
        return target / tree.relative_to("/")


class NetworkSystem(System):
    """A system with daemons on loopback: start() starts them."""

    def __init__(self, folder, log):
        super().__init__(folder, log)
        self.services = Services(log, self.environment())

    def prepare(self, run):
        self.start()
        super().prepare(run)

    def start(self):
        raise NotImplementedError

    def pids(self):
        return self.services.pids

    def stop(self):
        self.services.stop_all()


def output_of(command):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    lines = result.stdout.strip().splitlines()
    return lines[0] if result.returncode == 0 and lines else "version not told"
