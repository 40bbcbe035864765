"""Back end of omniidl for Combat, the ORB in Tcl: writes the type information of an IDL file and of
all that it includes as a Tcl script.

    omniidl -p tools/combat_idl -bcombat_be idl/management.idl >coffer_idl.tcl

Combat wants nested lists: {struct {IDL:Coffer/Setting:1.0 Setting 1.0} {{name string} …} {}}. What
Coffer's IDL does not use (unions, Any, value types…) is refused.
"""

import sys

from omniidl import idlast, idltype

BASIC = {
    idltype.tk_void: "void",
    idltype.tk_boolean: "boolean",
    idltype.tk_octet: "octet",
    idltype.tk_char: "char",
    idltype.tk_short: "short",
    idltype.tk_ushort: "unsigned short",
    idltype.tk_long: "long",
    idltype.tk_ulong: "unsigned long",
    idltype.tk_longlong: "long long",
    idltype.tk_ulonglong: "unsigned long long",
    idltype.tk_float: "float",
    idltype.tk_double: "double",
}
DIRECTIONS = ("in", "out", "inout")


class Unsupported(Exception):
    """Something in the IDL that this back end cannot say."""


def tcl(value):
    """A word or a list as Tcl reads it."""
    if isinstance(value, (list, tuple)):
        return "{" + " ".join(tcl(part) for part in value) + "}"
    text = str(value)
    return "{" + text + "}" if text == "" or " " in text else text


def header(node):
    """Repository id, name and version of a declaration."""
    repository_id = node.repoId()
    return [repository_id, node.identifier(), repository_id.rsplit(":", 1)[1]]


def type_of(type_):
    kind = type_.kind()
    if kind in BASIC:
        return BASIC[kind]
    if kind == idltype.tk_string:
        return ["string", type_.bound()] if type_.bound() else "string"
    if kind == idltype.tk_sequence:
        bound = [type_.bound()] if type_.bound() else []
        return ["sequence", type_of(type_.seqType()), *bound]
    if isinstance(type_, idltype.Declared):
        return type_.decl().repoId()
    raise Unsupported(f"type of kind {kind}")


def declared(type_, declarator):
    """The type of a declarator, which may be an array of it."""
    result = type_of(type_)
    for size in reversed(declarator.sizes()):
        result = ["array", result, size]
    return result


def members(node):
    if any(member.constrType() for member in node.members()):
        raise Unsupported(f"{node.identifier()}: a type within a type")
    return [[declarator.identifier(), declared(member.memberType(), declarator)]
            for member in node.members() for declarator in member.declarators()]


def module(node):
    return [["module", header(node), contents(node.definitions())]]


def forward(node):
    return [["interface", header(node)]]


def interface(node):
    bases = [base.repoId() for base in node.inherits()]
    return [["interface", header(node), bases, contents(node.contents())]]


def constant(node):
    return [["const", header(node), type_of(node.constType()), node.value()]]


def typedef(node):
    if node.constrType():
        raise Unsupported("a type within a typedef")
    return [["typedef", header(declarator), declared(node.aliasType(), declarator)]
            for declarator in node.declarators()]


def struct(node):
    return [["struct", header(node), members(node), []]]


def exception(node):
    return [["exception", header(node), members(node), []]]


def enum(node):
    return [["enum", header(node), [value.identifier() for value in node.enumerators()]]]


def attribute(node):
    access = ["readonly"] if node.readonly() else []
    return [["attribute", header(declarator), type_of(node.attrType()), *access]
            for declarator in node.declarators()]


def operation(node):
    parameters = [[DIRECTIONS[parameter.direction()], parameter.identifier(),
                   type_of(parameter.paramType())] for parameter in node.parameters()]
    raises = [raised.repoId() for raised in node.raises()]
    oneway = ["oneway"] if node.oneway() else []
    return [["operation", header(node), type_of(node.returnType()), parameters, raises, *oneway]]


WRITERS = {
    idlast.Module: module,
    idlast.Forward: forward,
    idlast.Interface: interface,
    idlast.Const: constant,
    idlast.Typedef: typedef,
    idlast.Struct: struct,
    idlast.Exception: exception,
    idlast.Enum: enum,
    idlast.Attribute: attribute,
    idlast.Operation: operation,
}


def contents(declarations):
    result = []
    for node in declarations:
        writer = WRITERS.get(type(node))
        if writer is None:
            raise Unsupported(f"{type(node).__name__} in {node.file()}, line {node.line()}")
        result += writer(node)
    return result


def run(tree, _arguments):
    """Called by omniidl."""
    try:
        information = contents(tree.declarations())
    except Unsupported as error:
        sys.exit(f"combat_be: cannot write {error}")
    print("# Type information of Coffer's IDL for Combat; made by omniidl, not to be edited.\n"
          "package require combat\n"
          "combat::ir add {")
    for part in information:
        print("    " + tcl(part))
    print("}")
