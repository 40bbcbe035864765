"""What a tree of files is, as text: content and every attribute that a restore brings back.

A line of JSON for each entry, in the order of their paths. Of folders with very many entries one line
tells their number and a digest.
"""
import array
import fcntl
import hashlib
import json
import os
import stat

MOST_LINES = 1000  # of entries of one folder
GET_FLAGS, NO_ATIME = 0x80086601, 0x80
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "character-device", stat.S_IFBLK: "block-device"}


def shown(octets):
    return octets.decode("utf-8", "surrogateescape").encode("unicode_escape").decode()


def digest(path):
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            whole.update(piece)
    return whole.hexdigest()


def attributes_of(path):
    values = {name: os.getxattr(path, name, follow_symlinks=False)
              for name in os.listxattr(path, follow_symlinks=False)}
    return {name.encode("unicode_escape", "surrogateescape").decode():
            value.hex() if len(value) <= 64 else hashlib.sha256(value).hexdigest()
            for name, value in sorted(values.items())}


def keeps_no_atime(path):
    with open(path, "rb") as file:
        flags = array.array("I", [0, 0])
        try:
            fcntl.ioctl(file, GET_FLAGS, flags)
        except OSError:  # no flags there
            return False
        return bool(flags[0] & NO_ATIME)


def entry_of(root, path, names):
    """`names` has the first path of each file with several."""
    whole = os.path.join(root, path)
    at = os.lstat(whole)
    kind = KINDS[stat.S_IFMT(at.st_mode)]
    entry = {"path": shown(path), "kind": kind, "uid": at.st_uid, "gid": at.st_gid,
             "modified": at.st_mtime_ns}
    if kind != "symlink":
        entry["mode"] = f"{stat.S_IMODE(at.st_mode):04o}"
    else:
        entry["target"] = shown(os.readlink(whole))
    if kind == "file":
        entry["size"], entry["sha256"] = at.st_size, digest(whole)
        if keeps_no_atime(whole):
            entry["noAtime"] = True
    if kind.endswith("device"):
        entry["device"] = f"{os.major(at.st_rdev)}:{os.minor(at.st_rdev)}"
    if kind != "folder" and at.st_nlink > 1:
        entry["first"] = shown(names.setdefault((at.st_dev, at.st_ino), path))
    if found := attributes_of(whole):
        entry["attributes"] = found
    return entry


def entries(root):
    """All entries below a folder, by path."""
    root, names, found = os.fsencode(root), {}, []
    for folder, folders, files in os.walk(root):
        folders.sort()
        found += [os.path.relpath(os.path.join(folder, name), root) for name in folders + files]
    return [entry_of(root, path, names) for path in sorted(found)]


def listing(root):
    """The lines."""
    found, numbers = entries(root), {}
    for entry in found:
        folder = os.path.dirname(entry["path"])
        numbers[folder] = numbers.get(folder, 0) + 1
    lines, sums = [], {}
    for entry in found:
        line = json.dumps(entry, sort_keys=True)
        folder = os.path.dirname(entry["path"])
        if numbers[folder] > MOST_LINES:
            sums.setdefault(folder, hashlib.sha256()).update(line.encode())
        else:
            lines.append(line)
    lines += [json.dumps({"folder": folder, "entries": numbers[folder], "sha256": whole.hexdigest()})
              for folder, whole in sums.items()]
    return lines
