"""The seeds room: from an article to draft watchlists, and from an archive to better ones. Pure.

``read_article`` cuts a text into numbered passages, ``study`` finds names, phrases, relations and
topics in it, ``draft_of`` and ``write_draft`` turn a topic into YAML. What it knows of aliases
comes in as plain data; it knows no matcher, no database and no clock.
"""

from monitor.seeds.domains import Domain, Domains, load_domains
from monitor.seeds.drafts import Draft, DraftGroup, draft_of
from monitor.seeds.gathering import DraftTerm
from monitor.seeds.knowledge import AliasSpellings, Knowledge
from monitor.seeds.passages import Article, Passage, read_article
from monitor.seeds.study import Study, study
from monitor.seeds.topics import Topic
from monitor.seeds.trials import DraftTest
from monitor.seeds.writing import TermNote, write_draft

__all__ = [
    "AliasSpellings",
    "Article",
    "Domain",
    "Domains",
    "Draft",
    "DraftGroup",
    "DraftTerm",
    "DraftTest",
    "Knowledge",
    "Passage",
    "Study",
    "TermNote",
    "Topic",
    "draft_of",
    "load_domains",
    "read_article",
    "study",
    "write_draft",
]
