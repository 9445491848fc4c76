"""What two web addresses have in common: identity, a link fit to be shown, host and outlet.

Decides which addresses lead to one page and which links a reader may be handed. Addresses come
from feeds and servers, so nothing here raises on junk and every length is bounded. It never
resolves a name, never fetches, and never judges whether a host may be dialled; the fetch door does.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

#: Longest address that is taken seriously; the longest honest news link seen has about 1,500.
MAX_LENGTH = 4_000

#: Query parameters that say how a reader came, never which page it is (lower-case names).
#: A name joins only when no site is likely to choose the page by it (so not ``cid``, ``ncid``,
#: ``cmpid``): a copy kept twice is a small nuisance, two pages taken for one is lost news.
TRACKING = frozenset(
    {
        # click identifiers of advertisers and social networks
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid",
        "yclid", "ysclid", "_openstat", "igshid", "igsh", "li_fat_id", "ref_src", "ref_url",
        "srsltid",
        # newsletters
        "mc_cid", "mc_eid", "mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id",
        "_hsenc", "_hsmi", "hsctatracking", "ck_subscriber_id",
        # web statistics and newsrooms' own counters
        "_ga", "_gl", "wt_mc", "wt.mc_id", "wt_zmc", "xtor", "ftag", "ito", "sr_share", "srcref",
        "srnd", "traffic_source", "guccounter", "guce_referrer", "guce_referrer_sig", "rss",
        # sessions
        "phpsessid", "jsessionid",
    }
)  # fmt: skip
#: Families of such names: Google and Matomo campaigns, AT Internet, comScore.
TRACKING_PREFIXES = (
    "utm_", "mtm_", "matomo_", "piwik_", "pk_campaign", "pk_kwd", "pk_source", "pk_medium",
    "at_bbc", "at_campaign", "at_custom", "at_format", "at_link", "at_medium", "at_ptr",
    "ns_campaign", "ns_fee", "ns_linkname", "ns_mchannel", "ns_source",
)  # fmt: skip

#: Names that choose the page on some sites, and are mere origin when the value speaks of RSS.
_ORIGIN = frozenset({"ref", "src", "source", "from", "mod", "partner", "via", "cid", "maca"})
_OF_RSS = re.compile(r"(?:.*[-_.:])?rss(?:[-_.:\d].*)?", re.DOTALL)

_OUTLET_PREFIXES = ("www.", "www2.", "feeds.", "feed.", "rss.", "m.", "mobile.", "amp.")
_DEFAULT_PORT = {"http": 80, "https": 443}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and lone surrogates
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
#: What must be escaped: all but the plain characters of RFC 3986. The quote too, since links stand
#: in attributes, and brackets, because half the feeds escape them and the other half do not.
_UNSAFE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&()*+,;=:@/?%]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_AMP = re.compile(r"^(?:amp;)+", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
_JOINERS = "\u200c\u200d"  # zero-width, meaningful inside Persian and Indic names (RFC 5892)


#: The address of most pages: nothing in it that could be written otherwise, but for "www.", a
#: closing slash and the parts of a query. No dot segment, no user, no port that may be a default.
_SIMPLE = re.compile(
    r"https?://((?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63})(:[1-5]\d{4}|:[1-9]\d{3})?"
    r"((?:/[A-Za-z0-9_~-][A-Za-z0-9\-._~]*)*/?)(\?[A-Za-z0-9\-._~=&]*)?"
)
_LONGEST_HOST = 253


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: int | None  #: None when it is the scheme's own
    path: str
    query: str
    fragment: str


def canonical(url: str) -> str | None:
    """Return the identity of a web page, equal for all addresses that surely lead to it.

    Folded: scheme, case and spelling of the host, ``www.``, default port, fragment, escapes
    (RFC 3986, 6.2.2), dot segments, a closing slash, tracking parameters. Kept: case of the path,
    every other parameter and their order. Idempotent. None for anything but a public web page.
    """
    if (simple := _simple(url)) is not None:
        name, port, path, query = simple.groups("")
        told = _tidy_query(query[1:])
        bare = f"https://{_bare(name, ('www.',))}{port}{path.rstrip('/') or '/'}"
        return f"{bare}?{told}" if told else bare
    parts = _parts(url)
    if parts is None:
        return None
    path = _tidy_path(parts.path)
    query = _tidy_query(parts.query)
    port = "" if parts.port is None else f":{parts.port}"
    if parts.scheme == "http" and parts.port == _DEFAULT_PORT["https"]:
        port = ""
    result = f"https://{_bare(parts.host, ('www.',))}{port}{path}"
    if query:
        result += f"?{query}"
    return result if len(result) <= MAX_LENGTH else None


def web_link(url: str) -> str | None:
    """Return a link that is safe to show and still leads to the same page, or None.

    ASCII only: names of hosts in their IDNA form, quotes, brackets and spaces as escapes. Addresses
    with a user name are refused, because ``https://known.example@other`` lies about its host.
    """
    simple = _simple(url)
    if simple is not None and simple[3] and simple[4] != "?":
        return url
    parts = _parts(url)
    if parts is None:
        return None
    port = "" if parts.port is None else f":{parts.port}"
    result = f"{parts.scheme}://{parts.host}{port}{_escaped(parts.path) or '/'}"
    if parts.query:
        result += f"?{_escaped(parts.query)}"
    if parts.fragment:
        result += f"#{_escaped(parts.fragment)}"
    return result if len(result) <= MAX_LENGTH else None


@lru_cache(maxsize=65_536)
def host(url: str) -> str:
    """Return the host in lower-case ASCII without port, or "" when there is none."""
    parts = _parts(url)
    return parts.host if parts else ""


def is_local(name: str) -> bool:
    """Tell whether a host's name is an address of this machine or of a private network."""
    bare = name.strip("[]")
    try:
        return not ipaddress.ip_address(bare).is_global
    except ValueError:
        return bare == "localhost" or bare.endswith(".localhost")


def outlet_of(url: str) -> str:
    """Return the host without the prefixes that tell machines apart, not publishers."""
    return _bare(host(url), _OUTLET_PREFIXES)


@lru_cache(maxsize=4_096)  # asked twice for each entry of a document
def absolute(base: str, link: str) -> str | None:
    """Return ``link`` as an absolute http(s) address, read against ``base``, or None."""
    simple = _simple(link)
    if simple is not None and simple[4] != "?":
        return link
    if not link.strip() or len(link) > MAX_LENGTH:
        return None
    try:
        joined = urljoin(base.strip(), link.strip())
    except ValueError:
        return None
    return joined if _parts(joined) else None


def is_plain(url: str) -> bool:
    """Tell whether nothing in an address could be written otherwise, and it has a path."""
    found = _simple(url)
    return found is not None and bool(found[3])


def is_front_page(url: str) -> bool:
    """Tell whether a canonical address is that of a whole site."""
    return not url.partition("://")[2].partition("/")[2]


def _simple(url: str) -> re.Match[str] | None:
    if len(url) >= MAX_LENGTH - 8:  # so that whatever is made of it is short enough as well
        return None
    found = _SIMPLE.fullmatch(url)
    return found if found and len(found[1]) <= _LONGEST_HOST else None


@lru_cache(maxsize=512)  # each link is asked for its identity, its outlet, and to be shown
def _parts(url: str) -> _Parts | None:
    """Take an http(s) address apart; None for junk, credentials, control characters."""
    url = url.strip()
    if url[:4].lower() != "http" or len(url) > MAX_LENGTH or _CONTROL.search(url):
        return None
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    scheme = split.scheme.lower()
    if scheme not in _DEFAULT_PORT or "@" in split.netloc:
        return None
    name = _ascii_host(split.netloc)
    if not name:
        return None
    port = None if port == _DEFAULT_PORT[scheme] else port
    return _Parts(scheme, name, port, split.path, split.query, split.fragment)


def _ascii_host(netloc: str) -> str:
    """Return the host as it goes over the wire, or "" when it cannot be one.

    Labels are lower-cased and put into normal form KC, as UTS 46 does. Not the codec of the
    standard library: its IDNA of 2003 turns ß into ss and drops Persian joiners, another site.
    """
    if netloc.startswith("["):
        return _ipv6_host(netloc[1:].partition("]")[0])
    name = netloc.partition(":")[0]
    if name.isascii():
        name = name.lower().removesuffix(".")
        return name if len(name) <= _LONGEST_HOST and _PLAIN_HOST.fullmatch(name) else ""
    name = unicodedata.normalize("NFKC", "".join(char.lower() for char in name))
    name = unicodedata.normalize("NFKC", "".join(char.lower() for char in name))
    labels = name.replace("\u00ad", "").replace("。", ".").removesuffix(".").split(".")
    wire = [_ascii_label(label) for label in labels]
    result = ".".join(wire)
    return result if all(wire) and len(result) <= _LONGEST_HOST else ""


def _ipv6_host(text: str) -> str:
    """Return an IPv6 literal in its one short form; scoped addresses are nobody's news."""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    return "" if address.scope_id else f"[{address.compressed}]"


def _ascii_label(label: str) -> str:
    """Return one label of a name in ASCII, or "" when it has what no name may have."""
    if not all(char in "-_" or char in _JOINERS or _wordlike(char) for char in label):
        return ""
    wire = label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
    return wire if 0 < len(wire) < 64 else ""


def _wordlike(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _bare(name: str, prefixes: tuple[str, ...]) -> str:
    """Strip prefixes from a host as long as a name with a dot remains."""
    for prefix in prefixes:
        rest = name.removeprefix(prefix)
        if rest != name and "." in rest:
            return _bare(rest, prefixes)
    return name


def _tidy_path(path: str) -> str:
    """Return the path with tidy escapes, without dot segments, session or closing slash."""
    kept: list[str] = []
    for segment in _SESSION.sub("", _normal(path)).split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept).rstrip("/") or "/"


def _tidy_query(query: str) -> str:
    """Return the query in its order, without empty parts and tracking."""
    parts = (_AMP.sub("", part) for part in _normal(query).split("&"))
    return "&".join(part for part in parts if part and not _is_tracking(part))


def _is_tracking(part: str) -> bool:
    name, _, value = part.partition("=")
    name = unquote(name).lower()
    if name in TRACKING or name.startswith(TRACKING_PREFIXES):
        return True
    return name in _ORIGIN and _OF_RSS.fullmatch(unquote(value).lower()) is not None


def _normal(text: str) -> str:
    """Return text with one spelling of each escape: unreserved plain, the rest upper-case hex."""
    escaped = _escaped(text)
    return _ESCAPE.sub(_unescape, escaped) if "%" in escaped else escaped


def _unescape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if _UNRESERVED.fullmatch(char) else match[0].upper()


def _escaped(text: str) -> str:
    """Escape what may not stand in an address; escapes that are there stay as they are."""
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
