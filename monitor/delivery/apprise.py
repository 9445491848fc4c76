"""Hands one message to a service that Apprise knows: best effort. The home of apprise.

Apprise says only yes or no, so that a failure may have arrived all the same, and its log holds
tokens, so it is silenced. It works in a thread of its own, which cannot be stopped: after the
deadline it is left alone, and nothing else is sent until it has ended.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from monitor.delivery.slack import REPEAT_NOTE
from monitor.errors import DeliveryError
from monitor.model import Message

_LOUD = ("apprise", "urllib3", "requests")
#: Signs that some service turns into a call to people: ``@everyone``, ``<!channel>``, ``<@U1>``.
_CALLS = re.compile(r"(@|<(?=[!@#&]))(?=\S)")
_JOINER = "\u2060"  # word joiner: takes no room, and no service reads a call across it

Notify = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    """A service by its Apprise address."""

    name: str
    url: str = field(repr=False)
    timeout_s: float = 60.0
    holds: bool = False  #: what may have arrived waits for a person


class AppriseChannel:
    """One service."""

    def __init__(self, settings: AppriseSettings) -> None:
        self.name = settings.name
        self.holds = settings.holds
        self._timeout_s = settings.timeout_s
        self._notify = _service(settings)
        self._running: Future[bool] | None = None

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        """Hand over ``message`` as plain text. Every failure is temporary and uncertain."""
        if self._running is not None and not self._running.done():
            raise DeliveryError(f"channel {self.name}: an earlier call to the service still hangs")
        text = harmless(message.body, repeat=repeat)
        self._running = _in_thread(lambda: self._notify(text))
        try:
            async with asyncio.timeout(self._timeout_s):
                taken = await asyncio.shield(asyncio.wrap_future(self._running))
        except TimeoutError:
            raise self._unclear(f"no answer in {self._timeout_s:g} seconds") from None
        except Exception as error:  # noqa: BLE001 - 180 plugins, each with errors of its own
            # Neither its text nor its chain: a plugin's error may quote the address.
            raise self._unclear(type(error).__name__) from None
        if not taken:
            raise self._unclear("the service did not take it")

    def _unclear(self, said: str) -> DeliveryError:
        what = f"channel {self.name}: Apprise: {said}, the message may have arrived"
        return DeliveryError(what, uncertain=True)


def _in_thread(call: Callable[[], bool]) -> Future[bool]:
    """Run ``call`` in a thread that does not keep the program from ending, as a pool's would."""
    future: Future[bool] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
            future.set_exception(error)

    threading.Thread(target=work, name="apprise", daemon=True).start()
    return future


def harmless(body: bytes, *, repeat: bool = False) -> str:
    """Return the text in which nothing calls people, with a note if it may be a repeat."""
    text = _CALLS.sub(rf"\1{_JOINER}", body.decode("utf-8", "replace"))
    return f"{REPEAT_NOTE}\n\n{text}" if repeat else text


def _service(settings: AppriseSettings) -> Notify:
    """Open the address. Raises a permanent DeliveryError that does not show it."""
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError:
        raise DeliveryError(
            f"channel {settings.name}: Apprise is missing; pip install 'newsmonitor[apprise]'",
            permanent=True,
        ) from None
    _silence()
    asset = apprise.AppriseAsset(
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        http_redirects=False,
        async_mode=False,
        app_id="newsmonitor",
    )
    service = apprise.Apprise(asset=asset)
    if not _added(service, settings.url):
        raise DeliveryError(
            f"channel {settings.name}: Apprise knows no such address (it is not shown here); "
            "look at url_file",
            permanent=True,
        )
    return lambda text: bool(service.notify(body=text, body_format=apprise.NotifyFormat.TEXT))


def _added(service: Any, url: str) -> bool:
    try:
        return bool(service.add(url.strip()))
    except Exception:  # noqa: BLE001 - a plugin that stumbles over the address has not taken it
        return False


def _silence() -> None:
    """Keep addresses with tokens out of the log, at every level."""
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())
