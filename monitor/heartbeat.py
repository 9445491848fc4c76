"""Asks one address that a monitoring service gave us: "we are well". Its silence is the alarm.

One GET, no redirect, a short time limit. The address is a secret: no error or log line shows it.
"""

from __future__ import annotations

import aiohttp
from yarl import URL

_TIMEOUT_S = 15


class Heartbeat:
    """The address to ask; raises ValueError when it is no http or https address."""

    def __init__(self, address: str) -> None:
        url = URL(address.strip())
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("is no http or https address (it is not shown here)")
        self._url = url

    async def beat(self) -> str:
        """Ask once; return what went wrong, empty when it was heard (status 2xx)."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        headers = {"User-Agent": "newsmonitor", "Accept-Encoding": "identity"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=False,
                                      cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):  # fmt: skip
                return "" if answer.status // 100 == 2 else f"answered {answer.status}"
        except TimeoutError:
            return f"no answer within {_TIMEOUT_S} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"not reached ({type(error).__name__})"
