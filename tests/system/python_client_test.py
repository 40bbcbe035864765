#!/usr/bin/env python3
"""Checks a Python client against the IDL where no omniORBpy can run it: it compiles, and every
operation, field and constant that it names is there, with that many arguments.

Usage: python_client_test.py CLIENT
"""

import ast
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLIENT = pathlib.Path(sys.argv.pop(1)).read_text(encoding="utf-8")
SEQUENCE = re.compile(r"sequence<(\w+)>")


class Idl:
    """Of an interface its operations: (number of arguments, types of what comes back); of a struct or
    exception the types of its fields; of a sequence the type of its elements."""

    def __init__(self):
        text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "idl").glob("*.idl"))
        text = re.sub(r"\bunsigned |\blong long\b", "long ", re.sub(r"//.*", "", text))
        self.constants = set(re.findall(r"const \w+ (\w+)", text))
        self.elements = dict(reversed(pair) for pair in re.findall(r"typedef sequence<(\w+)> (\w+);", text))
        self.fields = {}
        for name, body in re.findall(r"(?:struct|exception) (\w+) \{(.*?)\};", text, re.DOTALL):
            self.fields[name] = {field: kind for kind, field in re.findall(r"(\w+) +(\w+);", body)}
        self.operations = {}
        for name, base, body in re.findall(r"interface (\w+)(?: : (\w+))? \{(.*?)\n\};", text, re.DOTALL):
            found = dict(self.operations.get(base, {}))
            for kind, operation, words in re.findall(r"(\w+) +(\w+)\(([^)]*)\)(?: *\s*raises|;)", body):
                parts = [part.split() for part in words.split(",") if part.strip()]
                given = sum(part[0] != "out" for part in parts)
                back = ([] if kind == "void" else [kind]) + [p[1] for p in parts if p[0] != "in"]
                found[operation] = (given, back)
            self.operations[name] = found
        self.all = self.constants | set(self.elements) | set(self.fields) | set(self.operations)


class Checker(ast.NodeVisitor):
    """Follows the types from the objects of the IDL that a client begins with. A parameter has the
    type that is called like it: `session` is a Session."""

    def __init__(self, idl):
        self.idl = idl
        self.names = {name.lower(): name for name in idl.operations}
        self.faults = []
        self.checked = 0

    def fault(self, node, text):
        self.faults.append(f"line {node.lineno}: {text}")

    def visit_FunctionDef(self, node):
        self.known = {word.arg: self.names.get(word.arg) for word in node.args.args}
        self.generic_visit(node)

    def visit_Assign(self, node):
        self.generic_visit(node)
        kind = self.type_of(node.value)
        target = node.targets[0]
        if isinstance(target, ast.Name):
            self.known[target.id] = kind
        elif isinstance(target, ast.Tuple) and isinstance(kind, list):
            if len(target.elts) != len(kind):
                self.fault(node, f"{len(kind)} values come back")
            for name, part in zip(target.elts, kind):
                self.known[name.id] = part

    def visit_For(self, node):
        if isinstance(node.target, ast.Name):
            self.known[node.target.id] = self.idl.elements.get(self.type_of(node.iter))
        self.generic_visit(node)

    def visit_Call(self, node):
        self.generic_visit(node)
        kind, name = self.called(node)
        if kind is None or name == "_narrow":
            return
        self.checked += 1
        if name not in self.idl.operations[kind]:
            self.fault(node, f"{kind} has no operation {name}")
        elif self.idl.operations[kind][name][0] != len(node.args):
            self.fault(node, f"{kind}::{name} takes {self.idl.operations[kind][name][0]} arguments")

    def visit_Attribute(self, node):
        self.generic_visit(node)
        kind = self.type_of(node.value)
        if isinstance(node.value, ast.Name) and node.value.id == "Coffer":
            self.checked += 1
            if node.attr not in self.idl.all:
                self.fault(node, f"Coffer has no {node.attr}")
        elif isinstance(kind, str) and kind in self.idl.fields:
            self.checked += 1
            if node.attr not in self.idl.fields[kind]:
                self.fault(node, f"{kind} has no field {node.attr}")

    def called(self, node):
        """Interface and operation of a call; nothing for other calls."""
        if not isinstance(node.func, ast.Attribute):
            return None, None
        kind = self.type_of(node.func.value)
        return (kind, node.func.attr) if kind in self.idl.operations else (None, node.func.attr)

    def type_of(self, node):
        """A type of the IDL, a list of those that come back together, or None."""
        if isinstance(node, ast.Name):
            return getattr(self, "known", {}).get(node.id)
        if isinstance(node, ast.Attribute):
            kind = self.type_of(node.value)
            return self.idl.fields.get(kind, {}).get(node.attr) if isinstance(kind, str) else None
        if not isinstance(node, ast.Call):
            return None
        kind, name = self.called(node)
        if name == "_narrow" and isinstance(node.args[0], ast.Attribute):
            return node.args[0].attr
        back = self.idl.operations.get(kind, {}).get(name, (0, []))[1]
        return back[0] if len(back) == 1 else back or None


def check(text):
    checker = Checker(Idl())
    checker.visit(ast.parse(text))
    return checker


class PythonClient(unittest.TestCase):
    def test_compiles(self):
        compile(CLIENT, "client.py", "exec")

    def test_names_only_what_is_there(self):
        checker = check(CLIENT)
        self.assertEqual(checker.faults, [])
        self.assertGreater(checker.checked, 20)

    def test_finds_what_is_wrong(self):
        for right, wrong, said in [
                (".agents().list()", ".agents().all()", "AgentManager has no operation all"),
                ("folder.list(1000)", "folder.list()", "Folder::list takes 1 arguments"),
                ("entries, rest = folder", "entries, rest, more = folder", "2 values come back"),
                ("Coffer.Gate)", "Coffer.Door)", "Coffer has no Door"),
                ('"main", [])', '"main")', "RunManager::startBackup takes 5 arguments"),
                ("run.state", "run.status", "RunInfo has no field status"),
                ("agent.state", "agent.status", "AgentInfo has no field status")]:
            with self.subTest(wrong=wrong):
                self.assertIn(right, CLIENT)
                self.assertIn(said, " ".join(check(CLIENT.replace(right, wrong)).faults))


if __name__ == "__main__":
    unittest.main()
