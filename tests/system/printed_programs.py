#!/usr/bin/env python3
"""Checks that programs printed in a document are the files they are said to be.

    <!-- program: examples/scripting/client.tcl -->
    ```tcl
    …
    ```

Usage: printed_programs.py DOCUMENT            fails when they differ
       printed_programs.py --write DOCUMENT    prints the files into the document
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = re.compile(r"(<!-- program: (\S+) -->\n```\w+\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)


def main(words):
    write = words[0] == "--write"
    document = pathlib.Path(words[-1])
    text = document.read_text(encoding="utf-8")
    programs = PROGRAM.findall(text)
    right = PROGRAM.sub(lambda found: found[1] + (ROOT / found[2]).read_text(encoding="utf-8") +
                        found[4], text)
    if write:
        document.write_text(right, encoding="utf-8")
    elif not programs:
        sys.exit(f"{document}: prints no program")
    elif right != text:
        wrong = [name for _, name, printed, _ in programs
                 if printed != (ROOT / name).read_text(encoding="utf-8")]
        sys.exit(f"{document}: not as in {', '.join(wrong)}; printed_programs.py --write prints them")


if __name__ == "__main__":
    main(sys.argv[1:])
