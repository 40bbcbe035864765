#!/usr/bin/env python3
"""Whether the IDL has grown by the rules of docs/protocol.md since each level that is kept here: what
a program of that level knows is there today, and is the same on the wire.

Usage: idl_growth_test.py
"""

import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TODAY = HERE.parent.parent / "idl"
RAISED = "const long protocolLevel"  # the one thing that may become another


def declarations(folder):
    """Everything that is declared: {(interface or "", kind and name): its text in one form}."""
    found = {}
    for path in sorted(folder.glob("*.idl")):
        text = re.sub(r"//[^\n]*|#[^\n]*", "", path.read_text(encoding="utf-8"))
        body = text[text.index("{") + 1:text.rindex("}")]
        for statement in statements(body):
            interface = re.match(r"interface (\w+) ?\{(.*)\}$", statement)
            if not interface:
                found["", name_of(statement)] = statement
                continue
            found["", f"interface {interface[1]}"] = ""
            for operation in statements(interface[2]):
                found[interface[1], name_of(operation)] = operation
    return found


def statements(body):
    """The parts of a body that end with ';' outside of braces, spaces in one form."""
    depth, begin, found = 0, 0, []
    for at, letter in enumerate(body):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == ";" and depth == 0:
            found.append(" ".join(body[begin:at].split()))
            begin = at + 1
    return [each for each in found if each]


def name_of(statement):
    """"struct Moment", "typedef Octets", of an operation its name."""
    operation = re.match(r"(?:oneway )?[\w<>: ]+ (\w+) ?\(", statement)
    if operation:
        return operation[1]
    if statement.startswith("typedef"):
        return "typedef " + statement.split()[-1]
    return " ".join(re.split(r" ?[={]", statement)[0].split()[:3])


class Growth(unittest.TestCase):
    def test_what_an_older_level_knows_is_there_unchanged(self):
        today = declarations(TODAY)
        levels = sorted(HERE.glob("level-*"))
        self.assertTrue(levels)
        for level in levels:
            before = declarations(level)
            self.assertGreater(len(before), 200, level)
            for (interface, name), text in before.items():
                with self.subTest(level=level.name, interface=interface, name=name):
                    self.assertIn((interface, name), today)
                    if not text.startswith(RAISED):
                        self.assertEqual(today[interface, name], text)

    def test_every_level_that_is_served_is_kept(self):
        common = (TODAY / "common.idl").read_text(encoding="utf-8")
        level = int(re.search(rf"{RAISED} = (\d+);", common)[1])
        for served in range(max(1, level - 2), level + 1):
            self.assertTrue((HERE / f"level-{served}").is_dir(), served)

    def test_a_change_is_noticed(self):
        changed = "module Coffer { struct A { long a; }; interface B { void c(in long d); }; };"
        for text in (changed, changed.replace("long a", "short a"), changed.replace("long d", "short d")):
            with self.subTest(text=text):
                found = {name_of(each): each for each in statements(text[15:-3])}
                self.assertEqual(found["struct A"] == "struct A { long a; }", "long a" in text)
                self.assertEqual("in long d" in found["interface B"], "long d" in text)


if __name__ == "__main__":
    unittest.main()
