"""Keys are found again whole, however many and however alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matching.bulk.tables import _MIX, MOST_STEPS, KeyTable

NUMBERS = st.integers(1, 2**64 - 1)


def found(table: KeyTable, keys: list[tuple[int, ...]]) -> list[int]:
    columns = [np.array(column, np.uint64) for column in zip(*keys, strict=True)]
    return table.find(columns).tolist()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), unique=True, min_size=2, max_size=100))
@settings(max_examples=60, deadline=None)
def test_what_is_stored_is_found_and_nothing_else(keys) -> None:
    """Half of the keys are stored: they have their values, the others have none."""
    table = KeyTable(2, 8)
    stored = keys[: len(keys) // 2]
    values = [n if table.add(key, n) else 0 for n, key in enumerate(stored, 1)]
    assert found(table, stored) == values
    assert not any(found(table, keys[len(keys) // 2 :]))


def test_keys_chosen_to_collide_end_the_search_soon() -> None:
    """Keys that all want one place fill a few places, and the others are simply not stored."""
    undo = pow(_MIX[0], -1, 2**64)
    keys = [((n + 1) * undo % 2**64,) for n in range(MOST_STEPS + 40)]
    table = KeyTable(1, 20)
    stored = [table.add(key, n) for n, key in enumerate(keys, 1)]
    assert stored == [True] * MOST_STEPS + [False] * 40
    assert found(table, keys) == [*range(1, MOST_STEPS + 1), *[0] * 40]


def test_a_full_table_takes_no_more() -> None:
    """Beyond half of its places a table is full, so that looking up stays short."""
    table = KeyTable(1, 8)
    taken = [table.add((n,), n) for n in range(1, 200)]
    assert table.is_full
    assert sum(taken) <= 128


def test_a_table_of_many_keys_grows_until_it_holds_all() -> None:
    """Keys that must not be lost are all there, also those that collide."""
    undo = pow(_MIX[0], -1, 2**64)
    keys = [(n + 1) * undo % 2**64 for n in range(60)] + list(range(1, 3_000))
    distinct = list(dict.fromkeys(keys))
    table = KeyTable.of(distinct, range(1, len(distinct) + 1))
    assert found(table, [(key,) for key in distinct]) == list(range(1, len(distinct) + 1))
