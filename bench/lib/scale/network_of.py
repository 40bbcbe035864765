"""The network of the system tests, for measurements: its module stands beside the tests."""

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "tests/system"))

import network  # noqa: E402


def begin(place):
    """A server with a repository "main", of the build that is measured."""
    programs = network.Programs(
        *(place.build / program for program in (
            "management_server/server/coffer-server", "workstation_agent/coffer-workstation-agent",
            "management_panel/cli/coffer", "workstation_agent/coffer-worker")))
    return network.Network(programs, parent=place.folder)


def ask(place, net, seconds, pause_ms, *more):
    """Starts management-load with the session of the network's user; `more` as its usage says."""
    words = [place.build / "bench/management-load", seconds, pause_ms, *more]
    return subprocess.Popen([str(word) for word in words], env=net.environment(), text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def answers(load):
    """What management-load printed."""
    output, _ = load.communicate()
    if load.returncode != 0:
        raise RuntimeError(f"management-load ended with {load.returncode}")
    return output
