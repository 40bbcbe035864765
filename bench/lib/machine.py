"""What a measurement ran on."""

import os
import platform
from pathlib import Path


def facts(folder):
    processor = next((line.split(":")[1].strip()
                      for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {"distribution": platform.freedesktop_os_release()["PRETTY_NAME"],
            "kernel": platform.release(), "processor": processor,
            "cores": len(os.sched_getaffinity(0)), "memory": f"{memory:.1f} GiB",
            "work folder": str(folder), "load at start": "%.2f %.2f %.2f" % os.getloadavg()}
