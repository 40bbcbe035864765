"""Prepares the data sets and replaces one version of a tree by another in place.

A data set is a folder with two versions of a tree, `1` and `2`, and `manifest.json`, written
last: a folder without it is incomplete and made anew.
"""

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KERNEL_PACKAGE = "linux-source-6.1"
OTHER_KERNEL_PACKAGE = "linux-source-6.12"  # second version where the archive holds only one
QUICK_KERNEL_FOLDER = "fs"
BINARY_MINIMUM = 1 << 20
BINARY_CAP = 2_000_000_000
QUICK_BINARY_CAP = 150_000_000


@dataclass
class DataSet:
    name: str
    folder: Path
    manifest: dict

    def version(self, number):
        return self.folder / str(number)


def prepare(name, data_root, quick):
    """Returns the data set `name` ("source" or "binaries"), made on the first call."""
    folder = data_root / (name + ("-quick" if quick else ""))
    manifest = folder / "manifest.json"
    if not manifest.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"preparing data set {folder.name}", flush=True)
        content = {"source": prepare_source, "binaries": prepare_binaries}[name](folder, quick)
        manifest.write_text(json.dumps(content, indent=2) + "\n")
    return DataSet(name, folder, json.loads(manifest.read_text()))


def prepare_source(folder, quick):
    packages = kernel_packages()
    for number, (package, version) in enumerate(packages, start=1):
        unpack_kernel(folder / str(number), package, version, quick)
    labels = [f"{package} {version}" for package, version in packages]
    return {"version 1": labels[0], "version 2": labels[1], **tree_facts(folder)}


def kernel_packages():
    """The oldest and the newest kernel source package the archive offers, oldest first."""
    versions = available_versions(KERNEL_PACKAGE)
    if not versions:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        versions = available_versions(KERNEL_PACKAGE)
    if len(versions) > 1:
        return [(KERNEL_PACKAGE, versions[-1]), (KERNEL_PACKAGE, versions[0])]
    others = available_versions(OTHER_KERNEL_PACKAGE)
    if not versions or not others:
        raise SystemExit("the package archive offers no two versions of the kernel source")
    return [(KERNEL_PACKAGE, versions[0]), (OTHER_KERNEL_PACKAGE, others[0])]


def available_versions(package):
    """Newest first."""
    lines = subprocess.run(["apt-cache", "madison", package], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return list(dict.fromkeys(line.split("|")[1].strip() for line in lines))


def unpack_kernel(destination, package, version, quick):
    download = destination.with_suffix(".deb")
    download.mkdir()
    subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root",
                    f"{package}={version}"], cwd=download, check=True)
    archive = next(download.glob("*.deb"))
    destination.mkdir()
    member = f"{package}/{QUICK_KERNEL_FOLDER}" if quick else package
    pipe = (f"dpkg-deb --fsys-tarfile '{archive}' | tar xO ./usr/src/{package}.tar.xz"
            f" | tar xJ --strip-components=1 -C '{destination}' {member}")
    subprocess.run(["bash", "-o", "pipefail", "-c", pipe], check=True)
    shutil.rmtree(download)


def prepare_binaries(folder, quick):
    """Version 1: large files of /usr, chosen by the digest of their path up to a cap.

    Version 2 stands in for an upgrade, which has no two versions here: of every twenty files one
    is gone, one is new and two are changed (4 KiB overwritten in the middle and 1,000 bytes
    inserted after the first third). What stays the same is hard-linked to version 1.
    """
    first, second = folder / "1", folder / "2"
    cap = QUICK_BINARY_CAP if quick else BINARY_CAP
    for position, path in enumerate(choose_binaries(cap)):
        name = path.relative_to("/")
        kind = position % 20
        if kind != 1:
            copy_file(path, first / name)
        if kind == 1:
            copy_file(path, second / name)
        elif kind in (2, 3):
            copy_changed(first / name, second / name)
        elif kind != 0:
            (second / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(first / name, second / name)
    return {"version 1": f"files of /usr over 1 MiB, at most {cap:,} bytes",
            "version 2": "of 20 files: 1 gone, 1 new, 2 changed", **tree_facts(folder)}


def choose_binaries(cap):
    paths = {}
    for directory, _, names in os.walk("/usr"):
        for path in (Path(directory, name) for name in names):
            if not path.is_symlink() and path.is_file():
                status = path.stat()
                if BINARY_MINIMUM < status.st_size <= cap // 4:
                    paths[status.st_dev, status.st_ino] = (path, status.st_size)
    total = 0
    for path, size in sorted(paths.values(), key=lambda entry: digest_of(entry[0])):
        if total + size <= cap:
            total += size
            yield path


def digest_of(path):
    return hashlib.sha256(os.fsencode(path)).digest()


def copy_changed(source, destination):
    content = source.read_bytes()
    third, half = len(content) // 3, len(content) // 2
    noise = hashlib.shake_256(os.fsencode(source.name)).digest(4096 + 1000)
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.write_bytes(content[:third] + noise[4096:] + content[third:half] + noise[:4096]
                            + content[half + 4096:])


def copy_file(source, destination):
    """Copies content, owner, mode and times; an existing destination becomes a new inode."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.unlink(missing_ok=True)
    status = source.lstat()
    shutil.copyfile(source, destination, follow_symlinks=False)
    os.chown(destination, status.st_uid, status.st_gid, follow_symlinks=False)
    shutil.copystat(source, destination, follow_symlinks=False)


def tree_facts(folder):
    facts = {}
    for number in ("1", "2"):
        files = [entry for entry in entries(folder / number).values()
                 if entry.is_file(follow_symlinks=False)]
        facts[f"files {number}"] = len(files)
        facts[f"bytes {number}"] = sum(entry.stat(follow_symlinks=False).st_size
                                       for entry in files)
    return facts


def entries(root):
    """Every entry below `root`, by relative path; a folder stands before what it holds."""
    found = {}
    waiting = [Path()]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as listing:
            for entry in listing:
                found[str(folder / entry.name)] = entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(folder / entry.name)
    return found


def replace_tree(live, wanted):
    """Makes `live` equal to `wanted`; an unchanged file keeps its inode and its times.

    Returns how many files were added, changed and removed.
    """
    old, new = entries(live), entries(wanted)
    counts = {"added": 0, "changed": 0, "removed": 0}
    for name in reversed(list(old)):
        if name not in new or kind_of(old[name]) != kind_of(new[name]):
            counts["removed"] += kind_of(old[name]) != "folder"
            remove(old.pop(name))
    for name, entry in new.items():
        if kind_of(entry) == "folder":
            if name not in old:
                (live / name).mkdir()
                shutil.copystat(entry.path, live / name)
        elif name not in old or not same_file(old[name], entry):
            counts["changed" if name in old else "added"] += 1
            copy_file(Path(entry.path), live / name)
    return counts


def remove(entry):
    if kind_of(entry) == "folder":
        os.rmdir(entry.path)
    else:
        os.unlink(entry.path)


def kind_of(entry):
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "file"


def same_file(left, right):
    if left.is_symlink():
        return os.readlink(left.path) == os.readlink(right.path)
    return filecmp.cmp(left.path, right.path, shallow=False)
