"""Runs jobs of Bacula by its console, one after the other: bacula_job.py CONSOLE LOG COMMAND…

CONSOLE is the console's configuration, LOG the file that the director appends its messages to,
a COMMAND something like "run job=backup yes". A job has ended when its report is in LOG: the
console's own `wait` looks only once a second. Exit status 1 when a job did not end well.
"""

import re
import subprocess
import sys
import time

LIMIT = 3600  # seconds


def main():
    console, log, *commands = sys.argv[1:]
    for command in commands:
        with open(log, "a+", encoding="utf-8", errors="replace") as messages:
            messages.seek(0, 2)
            answer = subprocess.run(["bconsole", "-c", console], input=f"{command}\nquit\n",
                                    text=True, check=True, stdout=subprocess.PIPE).stdout
            print(answer)
            if "Job queued." not in answer:
                sys.exit(f"{command}: was refused")
            report = wait_for_report(messages)
        print(report, flush=True)
        if not re.search(r"Termination:\s+(Backup|Restore|Verify) OK\n", report):
            sys.exit(f"{command}: did not end well")


def wait_for_report(messages):
    text, end = "", time.monotonic() + LIMIT
    while "Termination:" not in text or not text.endswith("\n"):
        if time.monotonic() > end:
            sys.exit("no report")
        time.sleep(0.01)
        text += messages.read()
    return text


if __name__ == "__main__":
    main()
