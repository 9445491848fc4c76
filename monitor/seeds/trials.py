"""Tests for a draft, in new words: the facts of a topic turned round, and what must stay silent.

Sentences are made from patterns of our own and the names of the article; none is a sentence of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DraftTest:
    """A text with the decision that is wanted."""

    fires: bool
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """A relation of the article with another verb of its kind."""

    subject: tuple[str, ...]
    verb: str
    target: tuple[str, ...]
    kind: str
    fact: str


#: Verbs that a test can bend, with their third person and participle.
VERBS = {
    "transfer": ("transfers", "transferred"), "deliver": ("delivers", "delivered"),
    "supply": ("supplies", "supplied"), "send": ("sends", "sent"), "ship": ("ships", "shipped"),
    "sell": ("sells", "sold"), "export": ("exports", "exported"), "offer": ("offers", "offered"),
    "hand": ("hands", "handed"), "give": ("gives", "given"), "buy": ("buys", "bought"),
    "purchase": ("purchases", "purchased"), "acquire": ("acquires", "acquired"),
    "obtain": ("obtains", "obtained"), "order": ("orders", "ordered"),
    "import": ("imports", "imported"), "inspect": ("inspects", "inspected"),
    "examine": ("examines", "examined"), "display": ("displays", "displayed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """The names that tests speak with; states are (name, adjective, capital), as far as known."""

    shape: str
    thing: str
    place: str
    site: str
    giver: tuple[str, ...]
    taker: tuple[str, ...]
    host: tuple[str, ...]
    guest: tuple[str, ...]
    mask: str
    turned: tuple[Turned, ...]
    facts: tuple[str, ...]
    deeds: tuple[str, ...] = ()  #: the actions of the draft, in their plain form


def tests_of(said: Wording) -> tuple[DraftTest, ...]:
    """Return the tests of a draft, those that fire first."""
    made = {"transfer": _transfer, "place": _place, "market": _market}.get(said.shape, _general)
    found = dict.fromkeys(made(said))
    return tuple(sorted(found, key=lambda one: not one.fires))


def _adjective(state: tuple[str, ...]) -> str:
    return state[1] if len(state) > 1 else state[0]


def _capital(state: tuple[str, ...]) -> str:
    return state[2] if len(state) > 2 else state[0]


def _head(text: str) -> str:
    return text[:1].upper() + text[1:]


def _many(thing: str) -> str:
    if thing.endswith("y") and thing[-2:-1] not in "aeiou":
        return thing[:-1] + "ies"
    return thing if thing.endswith("s") else thing + "s"


def _facts(said: Wording) -> Iterator[DraftTest]:
    """Yield each relation in the passive or with its ends exchanged, in another verb."""
    things = _many(said.thing)
    for one in said.turned:
        third, done = VERBS[one.verb]
        subject, target = one.subject, one.target
        if one.kind in {"core", "give"}:
            text = f"{_head(things)} are {done} to {_capital(target)} by {subject[0]}"
        elif one.kind == "take":
            text = f"{_adjective(target)} {things} {done} by {_capital(subject)}, say two diplomats"
        elif one.kind == "show":
            text = f"In {target[0]}, {things} are {done} by guests from {_capital(subject)}"
        else:
            text = f"{subject[0]} {third} {things} together with {target[0]}"
        yield DraftTest(True, text, one.fact)


def _transfer(said: Wording) -> Iterator[DraftTest]:
    things = _many(said.thing)
    facts = ", ".join(said.facts)
    if not (said.giver and said.taker):
        yield DraftTest(True, f"Army takes delivery of new {things}", facts)
        yield DraftTest(False, "Ministers agree on visas for tourists", "no thing")
        return
    giver, taker = said.giver, said.taker
    yield from _facts(said)
    yield DraftTest(True, f"{taker[0]} takes delivery of {_adjective(giver)} {things}", facts)
    yield DraftTest(True, f"{_head(things)} bought from {giver[0]} reach {_capital(taker)}", facts)
    yield DraftTest(
        True,
        f"Supply of {things} to {_adjective(taker)} forces is denied in {_capital(giver)}",
        facts,
    )
    yield DraftTest(
        True,
        f"Buyers from {_capital(taker)} inspect a shipment"
        f" / The {things} were built in {giver[0]}.",
        facts,
    )
    yield DraftTest(
        False, f"{giver[0]} and {taker[0]} agree on visas for tourists", f"no {said.thing}"
    )
    yield DraftTest(False, f"Farmers buy {things} to look after their fields", "no states")
    yield DraftTest(
        False, f"{giver[0]} shows new {things} on its national day", f"nothing about {taker[0]}"
    )
    if said.mask:
        yield DraftTest(
            False,
            f"{_head(said.mask)} draws a crowd in {_capital(taker)}"
            f" / Guests came from {_capital(giver)}.",
            "a mask",
        )


def _place(said: Wording) -> Iterator[DraftTest]:
    facts = ", ".join(said.facts)
    site = said.site or "site"
    yield DraftTest(True, f"Blast heard near {said.place} {site}", facts)
    yield DraftTest(True, f"{said.place} {site} is open again, officials say", facts)
    if said.host and said.guest:
        yield DraftTest(
            True, f"{_adjective(said.guest)} crews are seen again at {said.place} {site}", facts
        )
    yield DraftTest(False, f"Earthquake shakes {said.place} and villages around it", f"no {site}")
    yield DraftTest(False, f"A museum of the old {site} opens in another country", "another place")


#: Headlines about a good, each with the action that a draft must hold to fire on it.
_HEADLINES = (
    ("price", "{Thing} prices climb as buyers look elsewhere"),
    ("export", "Exports of {thing} fall for a third month"),
    ("deal", "Two states sign a deal on {thing} until 2040"),
    ("cost", "Cost of {thing} doubles within a month"),
    ("attack", "Attack on {thing} near the coast"),
    ("protest", "Protest against {thing} in the capital"),
    ("rise", "{Thing} may rise again, traders say"),
    ("permit", "{Thing} permit is under review"),
)


def _market(said: Wording) -> Iterator[DraftTest]:
    facts = ", ".join(said.facts)
    thing = said.thing
    fitting = [text for word, text in _HEADLINES if word in said.deeds]
    for text in fitting[:4]:
        yield DraftTest(True, text.format(thing=thing, Thing=_head(thing)), facts)
    yield DraftTest(False, "Ministers agree on visas for tourists", f"no {thing}")
    if said.mask:
        yield DraftTest(False, f"A word about {said.mask} at the town meeting", "a mask")


def _general(said: Wording) -> Iterator[DraftTest]:
    facts = ", ".join(said.facts)
    who = said.host[0] if said.host else "Parliament"
    what = (
        f"{who} may {said.deeds[0]} {said.thing}"
        if said.deeds
        else f"{said.thing} in the news again"
    )
    yield DraftTest(True, f"{what}, two diplomats say", facts)
    yield DraftTest(False, "Ministers agree on visas for tourists", "nothing of the topic")
