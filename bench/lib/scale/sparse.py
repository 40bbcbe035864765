"""An image file that is nearly all holes, beside a file of its data alone."""

import hashlib
import os

import measure as measuring
from scale import bar
from systems.coffer import Coffer

PIECE = 4 << 20
FACTOR_ALLOWED = 1.5  # over a file without holes


def measure(place, size, data):
    dense, image = place.folder / "dense", place.folder / "image"
    for folder in (dense, image):
        folder.mkdir()
    make(dense / "file", data, data)
    make(image / "file", size, data)
    coffer = Coffer(place.folder / "coffer", place.log)

    def run(command):
        os.sync()
        return measuring.run([command], coffer.environment(), place.log)

    coffer.prepare(lambda commands: measuring.run(commands, coffer.environment(), place.log))
    results = []
    for tree, what in ((dense, f"{data / 1e9:.1f} GB without holes"),
                       (image, f"the same amount in {size / 1e9:.0f} GB")):
        data_of(tree / "file")  # now it is in the page cache
        results.append({"what": "backup of " + what, **run(coffer.backup(tree, what)), "bars": []})
    limit = FACTOR_ALLOWED * results[0]["cpu"]
    results[1]["bars"] = [bar("CPU follows the data", results[1]["cpu"] <= limit)]
    target = place.folder / "target"
    target.mkdir()
    restored = {"what": "restore of the latter", **run(coffer.restore(image, target))}
    file = coffer.restored_tree(target, image) / "file"
    if file.stat().st_size != size or data_of(file) != data_of(image / "file"):
        raise RuntimeError("the restored image differs")
    allocated = 512 * file.stat().st_blocks
    restored["on disk"] = allocated
    restored["bars"] = [bar("holes are holes", allocated <= 1.1 * data + (1 << 20))]
    return [*results, restored]


def make(path, size, data):
    """Pieces of data at equal distances, of octets that neither repeat nor compress."""
    pieces = data // PIECE
    with open(path, "wb") as stream:
        stream.truncate(size)
        for number in range(pieces):
            stream.seek(number * (size // pieces) // 4096 * 4096)
            stream.write(os.urandom(PIECE))


def regions(descriptor, size):
    end = 0
    while end < size:
        try:
            begin = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:  # no more data
            return
        end = os.lseek(descriptor, begin, os.SEEK_HOLE)
        yield begin, end


def data_of(path):
    """A digest of all that is no hole, with its place (zeros count as holes)."""
    digest = hashlib.sha256()
    for offset, block in blocks(path):
        if block.count(0) != len(block):
            digest.update(offset.to_bytes(8, "big") + block)
    return digest.digest()


def blocks(path):
    with open(path, "rb", buffering=0) as stream:
        for begin, end in list(regions(stream.fileno(), path.stat().st_size)):
            for offset in range(begin, end, 4096):
                yield offset, os.pread(stream.fileno(), 4096, offset)

