#!/usr/bin/env python3
"""Checks that docs/protocol.md has a word on everything that the IDL and the server have."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def idl():
    text = "".join(file.read_text() for file in sorted((ROOT / "idl").glob("*.idl")))
    return re.sub(r"//.*", "", text)


def operations():
    """(interface, operation) of all interfaces."""
    for interface, body in re.findall(r"interface (\w+)[^{;]*\{(.*?)\n\};", idl(), re.DOTALL):
        for operation in re.findall(r"(\w+)\(", body):
            if operation != "raises":
                yield interface, operation


def section(title):
    return re.search(rf"^## {title}$(.*?)(^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]


def sources(*folders):
    for folder in folders:
        for file in (ROOT / folder).rglob("*.cpp"):
            yield file.read_text(encoding="utf-8")


class Protocol(unittest.TestCase):
    def test_every_interface_has_its_callers(self):
        callers = section("Who may call what")
        for interface in {interface for interface, _ in operations()}:
            self.assertIn(f"`{interface}`", callers)

    def test_every_operation_can_be_repeated_or_not(self):
        repeated = section("What may be repeated")
        for interface, operation in operations():
            said = re.search(rf"`{interface}(`|::)", repeated)
            self.assertTrue(said, interface)
            self.assertRegex(repeated, rf"[`:]{operation}`", f"{interface}::{operation}")

    def test_every_code_is_explained(self):
        codes = re.findall(r'return "([a-z-]+)";', (ROOT / "core/base/error.cpp").read_text())
        self.assertGreater(len(codes), 15)
        for code in codes:
            self.assertIn(f"| `{code}` |", section("Codes of Failed"))

    def test_every_event_is_listed(self):
        found = set()
        for text in sources("management_server"):
            found |= set(re.findall(r'events_?(?:\.|->)add\(\s*"([a-z-]+)"', text))
            found |= set(re.findall(r'return \{"(run-[a-z]+)"', text))
        self.assertGreater(len(found), 10)
        for kind in found:
            self.assertIn(f"`{kind}`", section("Events"))

    def test_every_option_is_listed(self):
        text = (ROOT / "management_server/runs/run_options.cpp").read_text()
        options = re.findall(r'^\s+\{"([a-z-]+)", "(?:backup|restore|verify)', text, re.MULTILINE)
        self.assertGreater(len(options), 4)
        listed = set()
        for row in re.findall(r"^\| (`[^|]*) \|", section("Orders"), re.MULTILINE):
            listed |= set(re.findall(r"`([a-z-]+)`", row))
        self.assertLessEqual(set(options), listed)

    def test_the_level_is_the_present_one(self):
        level = re.search(r"const long protocolLevel = (\d+);", idl())[1]
        self.assertIn(f"`protocolLevel` (`common.idl`) is {level}.", DOCUMENT)


if __name__ == "__main__":
    unittest.main()
