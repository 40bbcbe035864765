"""The systems compared, by the shape they have: how each is called."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from systems.bacula import NetworkBacula
from systems.borg import Borg, NetworkBorg
from systems.coffer import Coffer
from systems.coffer_network import NetworkCoffer
from systems.restic import NetworkRestic, Restic

SHAPES = {
    "local": {system.name: system for system in (Coffer, Restic, Borg)},
    "network": {system.name: system for system in (NetworkCoffer, NetworkRestic, NetworkBorg,
                                                   NetworkBacula)},
    "apart": {system.name: system for system in (NetworkCoffer, Restic, Borg)},
}
POLICY = Path("/usr/sbin/policy-rc.d")


def install(systems):
    """Installs the packages of the chosen systems that are missing; their services do not start."""
    missing = [package for system in systems for program, package in system.packages.items()
               if not (shutil.which(program) or Path(program).is_absolute() and program.exists())]
    if missing:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends",
                   *dict.fromkeys(missing)]
        with no_services():
            if subprocess.run(command).returncode != 0:
                subprocess.run(["apt-get", "update", "-qq"], check=True)
                subprocess.run(command, check=True)


@contextlib.contextmanager
def no_services():
    """Debian's way to keep packages from starting what they install."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
