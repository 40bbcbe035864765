"""A server that has done much: each list call over many runs and entries of their logs."""

import json
import sqlite3

from scale import bar
from scale.network_of import answers, ask, begin

PAUSE_MS = 1


def measure(place, runs, entries, seconds):
    with begin(place) as net:
        net.add_repository()
        net.add_agent("agent")
        tree = net.folder / "tree"
        tree.mkdir()
        (tree / "file").write_text("content\n")
        net.coffer("backup", f"agent:{tree}", "--wait")
        net.server.stop()
        fill(net.state / "server.db", runs, entries)
        net.server.start()
        net.login()
        figures = json.loads(answers(ask(place, net, seconds, PAUSE_MS)))
        kept = net.json("runs", "--count", "1")[0]["number"]
    if kept != runs:
        raise RuntimeError(f"the newest run is {kept}")
    return [{"what": f"{name} ({runs:,} runs, {entries:,} entries)", "calls": call["count"],
             "median ms": call["p50"], "p99 ms": call["p99"], "most ms": call["most"],
             "bars": [bar("p99 50 ms", call["p99"] <= 50)]}
            for name, call in figures["calls"].items()]


def fill(database, runs, entries):
    """Copies of the run that is there and of the first entry of its log."""
    with sqlite3.connect(database) as connection:
        copy_first(connection, "runs", {}, runs - 1)
        copy_first(connection, "run_log", {"run": f"1+at*{runs}/{entries}"}, entries)
    connection.close()


def copy_first(connection, table, columns, count):
    """Of `columns` the value is an expression of `at`, which runs from 0 to `count` - 1."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")][1:]
    values = [columns.get(name, name) for name in names]  # the first column is the key
    connection.execute(
        f"WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at+1 FROM n WHERE at<{count - 1})"
        f" INSERT INTO {table}({','.join(names)}) SELECT {','.join(values)}"
        f" FROM n, (SELECT * FROM {table} ORDER BY number LIMIT 1)")
