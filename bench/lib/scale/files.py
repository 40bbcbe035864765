"""A million small files: a backup when nothing, 1 %, 10 % and all of them have changed."""

import os

import measure as measuring
from scale import bar
from systems.coffer import Coffer

FILES_PER_FOLDER = 20
FOLDERS_PER_FOLDER = 200
CHANGES = (0.01, 0.1, 1.0)


def measure(place, files):
    tree = place.folder / "tree"
    count = make_tree(tree, files)
    coffer = Coffer(place.folder / "coffer", place.log)
    coffer.prepare(lambda commands: measuring.run(commands, coffer.environment(), place.log))

    def backup(what):
        read_metadata(tree)
        os.sync()
        figures = measuring.run([coffer.backup(tree, what)], coffer.environment(), place.log)
        return {"what": what, **figures, "bars": []}

    results = [backup(f"first backup of {count:,} files"), backup("unchanged")]
    unchanged = results[-1]
    whole = count == 1_000_000
    unchanged["bars"] = [bar("5 s", unchanged["wall"] <= 5)] if whole else []
    for round_number, share in enumerate(CHANGES, start=1):
        changed = change(tree, count, share, round_number)
        result = backup(f"{share:.0%} changed ({changed:,} files)")
        more = result["cpu"] - unchanged["cpu"]
        result["CPU µs for each"] = 1e6 * more / changed
        results.append(result)
    for result in results:
        result["bars"].append(bar("150 MB", result["peak memory"] <= 150e6))
    return results


def path_of(tree, number):
    folder = number // FILES_PER_FOLDER
    return f"{tree}/{folder // FOLDERS_PER_FOLDER}/{folder % FOLDERS_PER_FOLDER}/{number}"


def content_of(number, version):
    return f"file {number} version {version} ".encode() * 4


def make_tree(tree, files):
    for number in range(files):
        if number % FILES_PER_FOLDER == 0:
            os.makedirs(os.path.dirname(path_of(tree, number)))
        write(tree, number, 0)
    return files


def change(tree, files, share, version):
    numbers = range(0, files, round(1 / share))
    for number in numbers:
        write(tree, number, version)
    return len(numbers)


def write(tree, number, version):
    descriptor = os.open(path_of(tree, number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(descriptor, content_of(number, version))
    os.close(descriptor)


def read_metadata(tree):
    for _, _, names, descriptor in os.fwalk(tree):
        for name in names:
            os.stat(name, dir_fd=descriptor)
