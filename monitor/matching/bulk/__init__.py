"""Ask very many lists of many items at once. Home of numpy.

One pass over the bytes of all items finds their chunks, one look-up their letters, one walk the
letter strings, and a grid of items and lists what each list has. Decides just as one item after
the other would, only sooner: what a chunk or a string means is asked of the same rooms.
"""

from monitor.matching.bulk.engine import Asked, Bulk

__all__ = ["Asked", "Bulk"]
