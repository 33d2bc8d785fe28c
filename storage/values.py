"""Values: frozen dataclasses at a seventh of the price (docs/adr/0063-what-a-start-does-without.md).

The library writes and compiles six functions for a frozen class. Here it compiles one; comparison, hash and text are
closures over the names of the fields. That nobody changes a value is for mypy to see, which reads the decorator as the
library's.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, *, frozen=False, eq=True):
        """Make a class a dataclass; `eq=False`: each of its values equals itself alone."""
        if cls is None:
            return partial(dataclass, frozen=frozen, eq=eq)
        if not frozen:
            return dataclasses.dataclass(cls, eq=eq)
        own = set(vars(cls))
        cls.__doc__ = cls.__doc__ or cls.__name__  # the library would word one from the signature
        made = dataclasses.dataclass(cls, eq=False, repr=False)
        fields = dataclasses.fields(made)
        methods = {"__repr__": _text([field.name for field in fields if field.repr])}
        if eq:
            methods |= _comparison([field.name for field in fields if field.compare])
        for name in methods.keys() - own:
            setattr(made, name, methods[name])
        return made

    def _text(names):
        def text(self):
            values = (f"{name}={getattr(self, name)!r}" for name in names)
            return f"{type(self).__qualname__}({', '.join(values)})"

        return text

    def _comparison(names):
        compared = attrgetter(*names) if names else type

        def equal(self, other):
            return compared(self) == compared(other) if type(self) is type(other) else NotImplemented

        def hashed(self):
            return hash(compared(self))

        return {"__eq__": equal, "__hash__": hashed}
