"""The tree that is in the sample of format 1: every kind of entry and attribute, in four versions.

Needs root, and a file system with extended attributes and ACLs.
"""
import array
import fcntl
import os
import random
import socket
import stat
import struct

SET_FLAGS, NO_ATIME = 0x40086602, 0x80
HOUR = 3_600_000_000_000
ENTRIES = 2_100  # more than a folder has that is not cut into segments


def noise(seed, size):
    return random.Random(seed).randbytes(size)


class Tree:
    def __init__(self, root):
        self.root = os.fsencode(root)

    def at(self, path):
        return os.path.join(self.root, os.fsencode(path))

    def file(self, path, content=b""):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "wb") as file:
            file.write(content)

    def sparse(self, path, size, stretches):
        self.file(path)
        with open(self.at(path), "r+b") as file:
            for offset, content in stretches:
                file.seek(offset)
                file.write(content)
            file.truncate(size)

    def attribute(self, path, name, value):
        os.setxattr(self.at(path), name, value, follow_symlinks=False)

    def set_times(self):
        """Of all entries, inner ones first; those that have one of their own keep it."""
        number = 0
        for folder, folders, files in os.walk(self.root, topdown=False):
            for name in files + folders:
                path = os.path.join(folder, name)
                if os.path.basename(folder) == b"times":
                    continue
                number += 0 if os.path.basename(folder) == b"many" else 1
                when = 1_700_000_000_000_000_000 + number * HOUR + number * 1_001
                os.utime(path, ns=(when, when), follow_symlinks=False)


def acl(user, group):
    """A value of system.posix_acl_*: owner, one more user, group, one more group, mask, others."""
    nobody = 0xFFFFFFFF
    entries = [(0x01, 6, nobody), (0x02, 5, user), (0x04, 4, nobody), (0x08, 6, group),
               (0x10, 7, nobody), (0x20, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def make_contents(tree):
    tree.file("contents/empty")
    tree.file("contents/hello", b"hello")
    tree.file("contents/noise", noise(1, 40_000))
    tree.file("contents/goes", noise(2, 60_000))
    block = noise(3, 32_768)
    tree.file("contents/large", b"".join(b"%d" % number + block for number in range(100)))
    tree.sparse("sparse/hole at begin", 1_000_000, [(995_904, noise(4, 4_096))])
    tree.sparse("sparse/hole at end", 1_000_017, [(0, noise(4, 4_096))])
    tree.sparse("sparse/hole alone", 3_000_001, [])
    tree.sparse("sparse/one list", 50 * 16_384, [(each * 16_384, noise(5, 4_096)) for each in range(50)])
    tree.sparse("sparse/lists of lists", 600 * 16_384,
                [(each * 16_384, noise(6, 4_096)) for each in range(600)])


def make_names(tree):
    for name in (b"\xff\xfe\x80", b"new\nline", b"n" * 255, b"\xff" * 255, b"a\\b", b" ", b"-rf", b"...",
                 "\u00e9".encode(), "e\u0301".encode(), b"\xed\xa0\x80", b"\x1b[31mred", b"CASE", b"case"):
        tree.file(b"names/" + name, name)
    tree.file("deep/" + "d/" * 60 + "inner", b"deep")
    for number in range(ENTRIES):
        tree.file(f"many/{number:05}")


def make_links(tree):
    tree.file("links/first", b"a file with three names")
    os.link(tree.at("links/first"), tree.at("links/second"))
    os.link(tree.at("links/first"), tree.at("links-third"))
    for name, target in (("dangling", b"no such thing"), ("absolute", b"/etc/hostname"),
                         ("not UTF-8", b"\xff\xfe"), ("long", b"t" * 1_023), ("self", b"self")):
        os.symlink(target, tree.at("links/" + name))
    os.link(tree.at("links/dangling"), tree.at("links/dangling too"), follow_symlinks=False)


def make_special(tree):
    os.makedirs(tree.at("special"))
    os.mkfifo(tree.at("special/fifo"))
    os.link(tree.at("special/fifo"), tree.at("special/fifo too"))
    os.mknod(tree.at("special/null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(tree.at("special/block"), stat.S_IFBLK | 0o660, os.makedev(7, 300))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(tree.at("special/socket"))


def make_attributes(tree):
    tree.file("attributes/several", b"several")
    tree.attribute("attributes/several", "user.empty", b"")
    tree.attribute("attributes/several", b"user.\xff\n", b"odd name")
    for number in range(5):
        tree.attribute("attributes/several", f"user.number-{number}", noise(number, number * 7))
    tree.file("attributes/large", b"large")
    tree.attribute("attributes/large", "user.large", noise(7, 3_000))
    tree.file("attributes/trusted")
    tree.attribute("attributes/trusted", "trusted.sample", b"\0\xff")
    tree.file("attributes/capability")
    tree.attribute("attributes/capability", "security.capability", struct.pack("<5I", 0x02000001, 0x3000, 0, 0, 0))
    tree.file("attributes/acl", b"acl")
    tree.attribute("attributes/acl", "system.posix_acl_access", acl(1000, 2000))
    os.makedirs(tree.at("attributes/folder"))
    tree.attribute("attributes/folder", "system.posix_acl_default", acl(5000, 6000))
    tree.file("attributes/folder/inherits")
    tree.file("attributes/no atime", b"no atime")
    with open(tree.at("attributes/no atime"), "rb") as file:
        fcntl.ioctl(file, SET_FLAGS, array.array("I", [NO_ATIME, 0]))


def make_modes(tree):
    for mode in (0, 0o111, 0o644, 0o4755, 0o2755, 0o7777):
        for path in (f"modes/file {mode:04o}", f"modes/folder {mode:04o}/inner"):
            tree.file(path, b"%o" % mode)
        for path in (f"modes/file {mode:04o}", f"modes/folder {mode:04o}"):
            os.chown(tree.at(path), mode, mode + 1)
            os.chmod(tree.at(path), mode)  # behind the owner, which takes setuid away
    for owner in (1, 1000, 65_534, 0x7FFFFFFF, 0xFFFFFFF0):
        tree.file(f"modes/owner {owner}")
        os.chown(tree.at(f"modes/owner {owner}"), owner, 0xFFFFFFF1 - owner)


def make_times(tree):
    for seconds in (-2**31, -1, 0, 2**31, 4_102_444_800, 15_032_385_535):
        tree.file(f"times/{seconds}", b"%d" % seconds)
        when = seconds * 10**9 + 999_999_999
        os.utime(tree.at(f"times/{seconds}"), ns=(when, when))


def make(root):
    """The first version."""
    tree = Tree(root)
    for part in (make_contents, make_names, make_links, make_special, make_attributes, make_modes,
                 make_times):
        part(tree)
    tree.set_times()


def change(root, version):
    """The next one, 2 to 4."""
    tree = Tree(root)
    tree.file(f"contents/new in {version}", noise(100 + version, 3_000))
    with open(tree.at("contents/large"), "r+b") as file:
        file.seek(1_000_000 * (version - 1))
        file.write(noise(200 + version, 500))
    if version == 2:
        os.unlink(tree.at("contents/goes"))
    if version == 3:
        os.rename(tree.at("deep"), tree.at("deeper"))
        os.unlink(tree.at("links/second"))
    if version == 4:
        os.symlink("contents", tree.at("what was a name"))
        os.unlink(tree.at("many/00007"))
        tree.file("many/another", b"another")
