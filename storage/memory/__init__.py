"""A database in memory for what is thrown away: the statements of storage, run on Python's own values.

`Memory` stands where a connection to SQLite or PostgreSQL stands otherwise, so core and storage are the same there. It
executes what storage says as a database would, but for what a replay of the past does not need: it holds no CHECK
and no foreign key, has no transaction to take back, and what it does not know is a NotImplementedError.
"""

from storage.memory.connection import Memory

__all__ = ["Memory"]
