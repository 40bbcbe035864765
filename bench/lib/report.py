"""Turns the raw figures into the printed tables."""

from statistics import median

# For the whole source tree: wall time of the best of the others over Coffer's.
BARS = {
    "local": {"first": 2.5, "unchanged": 8.0, "restore": 2.0, "verify": 2.0},
    "network": {"first": 2.0, "unchanged": 5.0, "changed": 3.0, "restore": 2.0, "verify": 2.0},
}
LATENCY_BAR = 0.3  # seconds
MEGABYTE = 1e6


def print_report(record):
    print_heading(record)
    for data in record["data"]:
        print_table(data, record)
        print_ratios(data, record)
    print_latency(record)


def print_heading(record):
    print()
    for title in ("systems", "machine", "rules"):
        for name, value in record[title].items():
            print(f"{name + ':':16} {value}")


def print_table(data, record):
    facts = record["data"][data]
    print(f"\n{data}: " + ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name}: {value}"
        for name, value in facts.items()))
    network = record["shape"] == "network"
    print(f"\n{'step':10} {'system':8} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} "
          f"{'stored MB':>10} {'local MB':>9} {'other CPU s':>12}"
          + (f" {'behind s':>9}" if network else ""))
    for (step, system), results in grouped(data, record).items():
        def middle(name):
            return median(result[name] for result in results)
        print(f"{step:10} {system:8} {middle('wall'):8.2f} {middle('cpu'):8.2f} "
              f"{middle('peak memory') / MEGABYTE:8.0f} "
              f"{middle('stored') / MEGABYTE:10.1f} {middle('local') / MEGABYTE:9.1f} "
              f"{middle('other cpu'):12.2f}"
              + (f" {middle('behind'):9.2f}" if network else ""))


def print_ratios(data, record):
    for line in ratios(data, record):
        verdict = ""
        if line["bar"]:
            verdict = f"bar {line['bar']:.1f}x: " + ("met" if line["met"] else "MISSED")
        print(f"  coffer {line['step']:10} {line['ratio']:6.2f}x as fast as {line['rival']:7} "
              f"{verdict}")


def print_latency(record):
    if parts := record.get("latency"):
        total = sum(parts.values())
        print(f"\n  coffer, small backup: {1000 * parts['attach']:.0f} ms from start of the agent to "
              f"attached + {1000 * parts['first byte']:.0f} ms from order to first byte at the store "
              f"= {1000 * total:.0f} ms; bar {1000 * LATENCY_BAR:.0f} ms: "
              + ("met" if total <= LATENCY_BAR else "MISSED"))


def ratios(data, record):
    """Wall time of the fastest of the other systems over Coffer's, for each step."""
    walls = {key: median(result["wall"] for result in results)
             for key, results in grouped(data, record).items()}
    lines = []
    for step in dict.fromkeys(step for step, _ in walls):
        rivals = [system for (other, system) in walls if other == step and system != "coffer"]
        if (step, "coffer") in walls and rivals:
            rival = min(rivals, key=lambda system: walls[step, system])
            ratio = walls[step, rival] / walls[step, "coffer"]
            whole = data == "source" and not record["quick"]
            bar = BARS[record["shape"]].get(step) if whole else None
            lines.append({"data": data, "step": step, "rival": rival, "ratio": ratio,
                          "bar": bar, "met": ratio >= bar if bar else None})
    return lines


def grouped(data, record):
    groups = {}
    for result in record["results"]:
        if result["data"] == data:
            groups.setdefault((result["step"], result["system"]), []).append(result)
    return groups
