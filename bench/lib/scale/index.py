"""The chunk index, filled with made-up chunks and asked, in batches of 128."""

import json
import subprocess

from scale import bar

PROGRAM = "bench/index-bench"


def measure(place, chunks):
    with open(place.log, "ab") as log:
        output = subprocess.run([place.build / PROGRAM, place.folder / "index", str(chunks)],
                                check=True, stdout=subprocess.PIPE, stderr=log).stdout
    figures = json.loads(output)

    def rate(name):
        return {"per second": figures[f"{name} per second"],
                "per CPU second": figures[f"{name} per CPU second"]}

    return [
        {"what": "inserts", **rate("inserts"), "slowest pack": figures["slowest pack"],
         "bars": [bar("100,000/s", figures["inserts per second"] >= 100_000)]},
        {"what": "inserts, the last million", **rate("last million inserts"),
         "bars": [bar("100,000/s", figures["last million inserts per second"] >= 100_000)]},
        {"what": "look-ups of known chunks", **rate("hits"),
         "bars": [bar("200,000/s", figures["hits per second"] >= 200_000)]},
        {"what": "look-ups of unknown chunks", **rate("misses"),
         "bars": [bar("200,000/s", figures["misses per second"] >= 200_000)]},
        {"what": "opening", "wall": figures["opening"], "peak memory": figures["peak memory"],
         "bars": [bar("1 s", figures["opening"] <= 1),
                  bar("200 MB", figures["peak memory"] <= 200e6)]},
        {"what": "on disk", "stored": figures["octets"],
         "write amplification": figures["write amplification"], "bars": []},
    ]
