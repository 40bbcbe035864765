#!/usr/bin/env python3
"""Checks who includes whom: an arrow between layers only ever points down (docs/architecture.md).

Usage: layers_test.py            run the tests
       layers_test.py --list     print the arrows that are in use
"""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder -> folders its files may include, beside itself. A file belongs to the longest folder here
# that it lies in; a source file in none of them is an error, so a new layer has to be entered.
BASE = {"core/base"}
SIBLINGS = {"core/chunk", "core/codec", "core/storage", "core/source"}
REPOSITORY = BASE | (SIBLINGS - {"core/source"})
SNAPSHOT = BASE | SIBLINGS | {"core/repository"}
PIPELINE = SNAPSHOT | {"core/snapshot"}
IDL = {"idl"}
PROGRAM = PIPELINE | IDL | {"core/catalog", "core/console", "core/pipeline", "core/trust", "core/service", "core/rpc",
                            "core/rpc/store", "core/agent", "core/sync", "core/schedule", "core/update"}
LAYERS = {
    "core/base": set(),
    # What programs for people share: verbs, tables, JSON, progress.
    "core/console": BASE,
    # When something is due, and in which hours it may run.
    "core/schedule": BASE,
    "core/chunk": BASE,
    "core/codec": BASE,
    "core/storage": BASE,
    "core/source": BASE,
    "core/repository": REPOSITORY,
    "core/snapshot": SNAPSHOT,
    "core/catalog": PIPELINE,
    "core/pipeline": PIPELINE,
    "core/trust": BASE,
    "core/service": BASE,
    # Newer versions of the agent's programs: packages, and which version counts.
    "core/update": BASE | {"core/codec", "core/storage"},
    # The one place for generated stubs, beside the servants and clients of the programs.
    "core/rpc": BASE | {"core/trust", "core/service"} | IDL,
    "core/rpc/store": PIPELINE | {"core/pipeline", "core/rpc", "core/trust"} | IDL,
    "core/agent": PIPELINE | {"core/pipeline", "core/rpc", "core/trust", "core/service"} | IDL,
    # Two folders of agents are made the same.
    "core/sync": PIPELINE | {"core/pipeline", "core/agent"},
    # The store in a process of its own knows nothing of users, agents' links and runs.
    "store_server": PIPELINE | IDL | {"core/console", "core/trust", "core/service", "core/rpc", "core/rpc/store"},
    "management_server": PROGRAM,
    # Server and client in one process.
    "management_server/solo": PROGRAM | {"management_server", "management_panel"},
    "workstation_agent": PROGRAM,
    "management_panel": PROGRAM,
    # Reads a repository from the format documents alone, so that one mistake is not made twice.
    "rescue": BASE | {"core/chunk", "core/codec", "core/source"},
    # A witness against core/source shares nothing with it.
    "tools/tree_compare": BASE,
    # For those who make releases.
    "tools/update_package": BASE | {"core/codec", "core/storage", "core/update", "core/trust", "core/console"},
}
TOPS = ("core", "management_server", "store_server", "workstation_agent", "management_panel", "rescue", "tools")
GENERATED = "idl/"  # stubs; not in the source tree
SOURCES = {".h", ".cpp"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
POSIX_FILE = re.compile(r"_posix\.(cpp|h)$")
POSIX_FOLDERS = ("sys/", "linux/", "asm/", "arpa/", "bits/", "net/", "netinet/")
POSIX_HEADERS = {
    name + ".h"
    for name in "aio byteswap dirent dlfcn endian err execinfo fcntl fnmatch fstab ftw getopt glob"
    " grp iconv ifaddrs langinfo libgen malloc mntent mqueue netdb nl_types paths poll pthread pty"
    " pwd regex sched semaphore shadow spawn strings sysexits syslog termios ucontext unistd utime"
    " utmp utmpx wordexp".split()
}


def layer_of(path):
    """The layer that a path from the root lies in, or None."""
    inside = [folder for folder in LAYERS if path.startswith(folder + "/")]
    return max(inside, key=len, default=None)


def is_posix(header):
    return header.startswith(POSIX_FOLDERS) or header in POSIX_HEADERS


def source_files(root):
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                yield path.relative_to(root).as_posix()


def includes_of(root, path):
    """(line number, quote, header) of every include of a file."""
    text = (root / path).read_text(encoding="utf-8")
    for found in INCLUDE.finditer(text):
        quote, header = found.groups()
        yield text.count("\n", 0, found.start(2)) + 1, quote, header


def fault_of(root, path, quote, header):
    """What is wrong with an include, or None."""
    layer = layer_of(path)
    if is_posix(header):
        if POSIX_FILE.search(path):
            return None
        return f"<{header}> belongs in files named *_posix.cpp or *_posix.h"
    if quote == "<":
        if header.split("/")[0] in TOPS:
            return f"<{header}> is our own: use quotes"
        return None
    if header.startswith(GENERATED):
        return None if "idl" in LAYERS[layer] else f'{layer} must not know generated "{header}"'
    if not (root / header).is_file():
        return f'"{header}" is not a file, seen from the root of the project'
    target = layer_of(header)
    if target != layer and target not in LAYERS[layer]:
        return f'{layer} must not know "{header}"'
    return None


def faults(root):
    """A line for everything that is against the rules."""
    found = []
    for path in source_files(root):
        if layer_of(path) is None:
            found.append(f"{path}: lies in no layer that this test knows")
            continue
        for line, quote, header in includes_of(root, path):
            fault = fault_of(root, path, quote, header)
            if fault:
                found.append(f"{path}:{line}: {fault}")
        if path.endswith(".h") and not has_comment(root, path):
            found.append(f"{path}: says nowhere what it is for")
    return found


def has_comment(root, path):
    return "//" in (root / path).read_text(encoding="utf-8")


def arrows(root):
    """layer -> layers that it really includes."""
    used = {}
    for path in source_files(root):
        for _, quote, header in includes_of(root, path):
            target = layer_of(header)
            if quote == '"' and target and target != layer_of(path):
                used.setdefault(layer_of(path), set()).add(target)
    return used


class Layers(unittest.TestCase):
    def test_arrows_point_down(self):
        self.assertEqual(faults(ROOT), [])

    def test_core_is_there(self):
        found = {layer_of(path) for path in source_files(ROOT)}
        self.assertLessEqual({layer for layer in LAYERS if layer.startswith("core/")}, found)

    def test_rules_have_no_circle(self):
        below = {}

        def depth(layer, above=()):
            self.assertNotIn(layer, above, "a circle of layers")
            if layer not in below:
                below[layer] = max((depth(l, (*above, layer)) for l in LAYERS[layer] - IDL), default=0) + 1
            return below[layer]

        for layer in LAYERS:
            depth(layer)


class TheTestItself(unittest.TestCase):
    """Wrong includes in a copy of the sources have to be found."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        for path in source_files(ROOT):
            (cls.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, cls.root / path)
        cls.before = set(faults(cls.root))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def found(self, path, text):
        """The faults that appear with a file of this text."""
        file = self.root / path
        before = file.read_text(encoding="utf-8") if file.exists() else None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + (before or ""), encoding="utf-8")
        try:
            # Existing lines have moved; only what they say counts.
            known = {re.sub(r":\d+:", ":", line) for line in self.before}
            return [f for f in faults(self.root) if re.sub(r":\d+:", ":", f) not in known]
        finally:
            if before is None:
                file.unlink()
            else:
                file.write_text(before, encoding="utf-8")

    def assert_refused(self, path, header, says):
        found = self.found(path, f"#include {header}\n")
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":1: "), found[0])
        self.assertIn(says, found[0])

    def assert_allowed(self, path, header):
        self.assertEqual(self.found(path, f"// A file.\n#include {header}\n"), [])

    def test_upward_arrows(self):
        for path, header in [
            ("core/base/error.h", '"core/chunk/chunker.h"'),
            ("core/chunk/chunker.cpp", '"core/codec/aead.h"'),
            ("core/codec/aead.h", '"core/storage/disk.h"'),
            ("core/storage/disk.cpp", '"core/source/data_source.h"'),
            ("core/source/data_source.h", '"core/repository/ids.h"'),
            ("core/repository/ledger.h", '"core/snapshot/tree.h"'),
            ("core/repository/ledger.cpp", '"core/source/data_source.h"'),
            ("core/console/table.cpp", '"core/codec/aead.h"'),
            ("core/snapshot/tree.cpp", '"core/pipeline/journal.h"'),
            ("core/pipeline/journal.h", '"management_server/solo/context.h"'),
            ("rescue/new.cpp", '"core/repository/ids.h"'),
            ("rescue/new.cpp", '"core/storage/object_store.h"'),
            ("tools/tree_compare/main.cpp", '"core/source/attributes.h"'),
            ("management_server/new.cpp", '"tools/tree_compare/tree_compare.h"'),
            ("core/pipeline/journal.h", '"core/rpc/orb.h"'),
            ("core/pipeline/journal.h", '"idl/common.hh"'),
            ("core/rpc/orb.h", '"core/pipeline/journal.h"'),
            ("core/trust/certificate.h", '"core/rpc/orb.h"'),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_refused(path, header, "must not know")

    def test_downward_arrows(self):
        for path, header in [
            ("core/snapshot/new.h", '"core/source/attributes.h"'),
            ("core/repository/new.cpp", '"core/storage/object_store.h"'),
            ("core/pipeline/new.cpp", '"core/base/error.h"'),
            ("management_server/solo/new.cpp", '"core/pipeline/backup_job.h"'),
            ("rescue/new.cpp", '"core/codec/aead.h"'),
            ("core/rpc/new.cpp", '"idl/common.hh"'),
            ("core/base/new.cpp", "<vector>"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_allowed(path, header)

    def test_posix_headers(self):
        for header in ("<unistd.h>", "<sys/stat.h>", "<fcntl.h>", "<linux/fs.h>"):
            with self.subTest(header=header):
                self.assert_refused("core/base/error.cpp", header, "_posix")
                self.assert_allowed("core/base/new_posix.cpp", header)

    def test_odd_forms(self):
        self.assert_refused("core/base/error.cpp", "<core/base/error.h>", "use quotes")
        self.assert_refused("core/base/error.cpp", '"error.h"', "not a file")
        self.assert_refused("core/base/error.cpp", '"../chunk/chunker.h"', "not a file")
        self.assertTrue(self.found("core/base/new.cpp", '  #  include\t"core/chunk/chunker.h"\n'))

    def test_new_folder(self):
        self.assertIn("no layer", self.found("core/other/new.cpp", "")[0])
        self.assertIn("no layer", self.found("tools/other/main.cpp", "")[0])

    def test_header_without_a_word(self):
        self.assertIn("what it is for", self.found("core/base/new.h", "#pragma once\n")[0])


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for layer, used in sorted(arrows(ROOT).items()):
            print(f"{layer} -> {', '.join(sorted(used))}")
    else:
        unittest.main()
