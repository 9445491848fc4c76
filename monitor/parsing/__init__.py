"""The door to the parser: feed documents are read in processes that can be killed."""

from monitor.parsing.pool import Cage, ParserPool

__all__ = ["Cage", "ParserPool"]
