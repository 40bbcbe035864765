"""Turns the raw figures into the printed tables."""

from statistics import median

# Wall time of the best of the others over Coffer's, by shape and data. "proven" is the first backup
# until the server has verified what it received.
BARS = {
    "local": {"source": {"first": 2.5, "unchanged": 8.0, "restore": 2.0, "verify": 2.0}},
    "network": {"source": {"first": 2.0, "unchanged": 5.0, "changed": 3.0, "restore": 2.0,
                           "verify": 2.0}},
    "apart": {"source": {"first": 3.0, "proven": 2.0, "unchanged": 10.0, "changed": 4.0,
                         "restore": 2.5, "verify": 3.0},
              "binaries": {"first": 1.6, "proven": 1.2, "unchanged": 3.0, "restore": 1.3,
                           "verify": 1.5}},
}
STORED_BARS = {"source": 0.85, "binaries": 1.0}  # Coffer's over restic's
PEAK_BAR = 150e6  # octets of a worker
FLOOR_BAR = 1.3  # CPU over the floor
LATENCY_BAR = 0.3  # seconds
MEGABYTE = 1e6


def print_report(record):
    print_heading(record)
    for data in record["data"]:
        print_table(data, record)
        print_ratios(data, record)
        print_size_and_peak(data, record)
        print_floor(data, record)
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
    network = record["shape"] != "local"
    print(f"\n{'step':10} {'system':8} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} "
          f"{'stored MB':>10} {'local MB':>9} {'other CPU s':>12}"
          + (f" {'behind s':>9}" if network else ""))
    for (step, system), results in grouped(data, record).items():
        def middle(name, results=results):
            return median_of(results, name)
        print(f"{step:10} {system:8} {middle('wall'):8.2f} {middle('cpu'):8.2f} "
              f"{middle('peak memory') / MEGABYTE:8.0f} "
              f"{middle('stored') / MEGABYTE:10.1f} {middle('local') / MEGABYTE:9.1f} "
              f"{middle('other cpu'):12.2f}"
              + (f" {middle('behind'):9.2f}" if "behind" in results[0] else ""))


def print_ratios(data, record):
    for line in ratios(data, record):
        verdict = ""
        if line["bar"]:
            verdict = f"bar {line['bar']:.1f}x: " + ("met" if line["met"] else "MISSED")
        print(f"  coffer {line['step']:10} {line['ratio']:6.2f}x as fast as {line['rival']:7} "
              f"{verdict}")


def print_size_and_peak(data, record):
    groups = grouped(data, record)
    if "coffer" not in record["systems"] or record["quick"]:
        return
    if ("first", "restic") in groups:
        ratio = (median_of(groups["first", "coffer"], "stored")
                 / median_of(groups["first", "restic"], "stored"))
        print(f"  coffer stores     {ratio:7.3f} of what restic does  "
              f"bar {STORED_BARS[data]}: " + ("met" if ratio <= STORED_BARS[data] else "MISSED"))
    peaks = [result["largest process"] for results in groups.values() for result in results
             if result["system"] == "coffer" and "largest process" in result]
    if peaks:
        print(f"  coffer, largest process {max(peaks) / MEGABYTE:.0f} MB  "
              f"bar {PEAK_BAR / MEGABYTE:.0f}: " + ("met" if max(peaks) <= PEAK_BAR else "MISSED"))


def print_floor(data, record):
    """Coffer's CPU seconds over those of the stages alone. A server verifies what it receives, and
    that is in a first backup's CPU seconds."""
    groups = grouped(data, record)
    floor = record.get("floor", {}).get(data, {})
    for step in ("first", "restore", "verify"):
        if step not in floor or (step, "coffer") not in groups:
            continue
        stages = dict(floor[step])
        if step == "first" and "behind" in groups[step, "coffer"][0]:
            stages["verify"] = sum(floor["verify"].values())
        alone, took = sum(stages.values()), median_of(groups[step, "coffer"], "cpu")
        print(f"  floor of {step:8} {alone:6.2f} CPU s; coffer {took:6.2f}: {took / alone:.2f}x, "
              f"bar {FLOOR_BAR}: " + ("met" if took <= FLOOR_BAR * alone else "MISSED"))
        print("    " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items()))


def print_latency(record):
    if parts := record.get("latency"):
        total = sum(parts.values())
        print(f"\n  coffer, small backup: {1000 * parts['attach']:.0f} ms from start of the agent to "
              f"attached + {1000 * parts['first byte']:.0f} ms from order to first byte at the store "
              f"= {1000 * total:.0f} ms; bar {1000 * LATENCY_BAR:.0f} ms: "
              + ("met" if total <= LATENCY_BAR else "MISSED"))


def ratios(data, record):
    """Wall time of the fastest of the other systems over Coffer's, for each step."""
    walls = {key: median_of(results, "wall") for key, results in grouped(data, record).items()}
    if first := [result for result in grouped(data, record).get(("first", "coffer"), [])
                 if "behind" in result]:
        walls["proven", "coffer"] = median(each["wall"] + each["behind"] for each in first)
    lines = []
    for step in dict.fromkeys(step for step, _ in walls):
        compared = "first" if step == "proven" else step
        rivals = [system for (other, system) in walls if other == compared and system != "coffer"]
        if (step, "coffer") in walls and rivals:
            rival = min(rivals, key=lambda system: walls[compared, system])
            ratio = walls[compared, rival] / walls[step, "coffer"]
            bar = None if record["quick"] else BARS[record["shape"]].get(data, {}).get(step)
            lines.append({"data": data, "step": step, "rival": rival, "ratio": ratio,
                          "bar": bar, "met": ratio >= bar if bar else None})
    return lines


def median_of(results, name):
    return median(result[name] for result in results)


def grouped(data, record):
    groups = {}
    for result in record["results"]:
        if result["data"] == data:
            groups.setdefault((result["step"], result["system"]), []).append(result)
    return groups
