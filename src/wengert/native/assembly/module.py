"""Blocks of lines, functions, global variables, and the module that they make up."""

from __future__ import annotations

from typing import Any

from wengert.native.assembly.types import Constant, FunctionType, Value, VoidType


class Block:
    """Lines, of which the last one leaves. `lines` are text, or something with `written()`."""

    __slots__ = ("function", "is_terminated", "lines", "ref")

    def __init__(self, function: Function, name: str) -> None:
        self.function, self.ref = function, name
        self.lines: list[Any] = []
        self.is_terminated = False

    def written(self) -> str:
        """The block as text."""
        lines = [line if type(line) is str else line.written() for line in self.lines]
        return "\n ".join([f"{self.ref}:", *lines])


class Argument(Value):
    """What a function is given."""

    __slots__ = ("attributes",)

    def __init__(self, kind: Any, ref: str) -> None:
        super().__init__(kind, ref)
        self.attributes: list[str] = []

    def add_attribute(self, name: str) -> None:
        """Say more about it."""
        self.attributes.append(name)

    def written(self) -> str:
        """As it stands in the first line of the function."""
        return " ".join([str(self.type), *self.attributes, self.ref])


class Function(Value):
    """A function, with its lines or, if it has none, of somebody else's. `shared`: with which lines, and further
    numbers that it is given, it stands for others too."""

    def __init__(self, module: Module, kind: FunctionType, name: str) -> None:
        super().__init__(kind.as_pointer(), f'@"{name}"')
        self.module, self.name, self.function_type = module, name, kind
        self.args = tuple([Argument(t, f"%a{k}") for k, t in enumerate(kind.args)])
        self.attributes: set[str] = set()
        self.linkage = ""
        self.basic_blocks: list[Block] = []
        self.count = 0
        self.shared: tuple[str, tuple[str, ...]] | None = None
        module.add(self, name)

    def append_basic_block(self, name: str = "") -> Block:
        """A block after those that there are."""
        block = Block(self, f"{name or 'b'}.{len(self.basic_blocks)}")
        self.basic_blocks.append(block)
        return block

    def written(self) -> str:
        """The function as text."""
        attributes = " ".join(sorted(self.attributes))
        given, result = self.function_type.args, self.function_type.return_type
        if not self.basic_blocks:
            return f"declare {result} {self.ref}({', '.join(map(str, given))}) {attributes}"
        own = [a.written() for a in self.args]
        if self.shared is None:
            lines, more = [block.written() for block in self.basic_blocks], []
        else:
            lines, more = [self.shared[0]], list(self.shared[1])
        first = f"define {self.linkage} {result} {self.ref}({', '.join([*own, *more])}) {attributes}"
        return "\n".join([f"{first} {{", *lines, "}"])


class GlobalVariable(Value):
    """Memory of the module's."""

    def __init__(self, module: Module, kind: Any, name: str) -> None:
        super().__init__(kind.as_pointer(), f'@"{name}"')
        self.initializer: Constant | None = None
        self.linkage = ""
        self.global_constant = False
        module.add(self, name)

    def written(self) -> str:
        """Its line."""
        assert self.initializer is not None
        return (
            f"{self.ref} = {self.linkage} {'constant' if self.global_constant else 'global'} {self.initializer.typed}"
        )


class Module:
    """Functions and variables by name. `single`: functions that are called at one place, and the call."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {}
        self.single: list[tuple[Function, Call]] = []
        self.triple = ""

    @property
    def functions(self) -> list[Function]:
        """The functions, in the order in which they were begun."""
        return [x for x in self.globals.values() if isinstance(x, Function)]

    def add(self, x: Any, name: str) -> None:
        """Let the module have something of this name."""
        if name in self.globals:
            raise ValueError(f"two of the name {name!r} in one module")
        self.globals[name] = x

    def get_unique_name(self, name: str) -> str:
        """The name, with a number if there is something of that name."""
        full, k = name, 0
        while full in self.globals:
            full, k = f"{name}.{k}", k + 1
        return full

    def __str__(self) -> str:
        head = [f'target triple = "{self.triple}"'] if self.triple else []
        return "\n".join([*head, *[x.written() for x in self.globals.values()], UNLIKELY, ""])


UNLIKELY = '!0 = !{!"branch_weights", i32 1, i32 99}'
"""What a branch refers to that is seldom taken."""


class Phi(Value):
    """A value that depends on the block from which one comes."""

    __slots__ = ("incoming",)

    def __init__(self, kind: Any, ref: str, parent: Block) -> None:
        super().__init__(kind, ref, parent)
        self.incoming: list[tuple[Value, Block]] = []

    def add_incoming(self, x: Value, block: Block) -> None:
        """Coming from the block it is x."""
        self.incoming.append((x, block))

    def written(self) -> str:
        """Its line."""
        ways = ", ".join([f"[{x.ref}, %{block.ref}]" for x, block in self.incoming])
        return f"{self.ref} = phi {self.type} {ways}"


class Room(Value):
    """Memory on the stack, for `count` of a type."""

    __slots__ = ("align", "count")

    def __init__(self, kind: Any, ref: str, parent: Block, count: int) -> None:
        super().__init__(kind.as_pointer(), ref, parent)
        self.count, self.align = count, 0

    def written(self) -> str:
        """Its line."""
        count = f", i32 {self.count}" if self.count != 1 else ""
        return f"{self.ref} = alloca {self.type.pointee}{count}{f', align {self.align}' if self.align else ''}"


class Call(Value):
    """A call."""

    __slots__ = ("attributes", "text")

    def __init__(self, kind: Any, ref: str, parent: Block, text: str) -> None:
        super().__init__(kind, ref, parent)
        self.text = text
        self.attributes: set[str] = set()

    def written(self) -> str:
        """Its line."""
        line = f"{self.text} {' '.join(sorted(self.attributes))}"
        return line if isinstance(self.type, VoidType) else f"{self.ref} = {line}"
