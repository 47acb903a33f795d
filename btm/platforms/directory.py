"""Finds a platform by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from btm.platforms.keys import PlatformKeys
from btm.platforms.local import LocalPlatform
from btm.platforms.market import Market
from btm.platforms.platform import Platform, PlatformRefused
from btm.rules.errors import NotFound

NAMES = ("local", "link", "mturk", "prolific")
MARKETS = ("mturk", "prolific")


class HasPlatforms(Protocol):
    """Settings of an instance, as far as they matter here."""

    @property
    def platforms(self) -> PlatformKeys: ...


def platform_named(name: str, settings: HasPlatforms) -> Platform:
    """The platform called `name`, with its keys from the instance's settings. Raises NotFound for a name that there is not, and
    PlatformRefused where the instance has no keys for it."""
    if name in ("local", "link"):
        return LocalPlatform(name)
    return market_named(name, settings)


def market_named(name: str, settings: HasPlatforms) -> Market:
    """A platform that brings people. Raises as `platform_named`."""
    if name not in _MARKETS:
        raise NotFound(f"There is no platform called {name!r}. Those there are: {', '.join(NAMES)}.")
    if not is_set_up(name, settings):
        raise PlatformRefused(_MISSING[name])
    return _MARKETS[name](settings.platforms)


def is_set_up(name: str, settings: HasPlatforms) -> bool:
    """Whether the instance has keys for a platform."""
    keys = settings.platforms
    if name == "mturk":
        return bool(keys.mturk_access_key and keys.mturk_secret_key)
    return name in ("local", "link") or (name == "prolific" and bool(keys.prolific_token))


def _mturk(keys: PlatformKeys) -> Market:
    from btm.platforms.mturk import (
        MTurk,
    )  # loading its library takes a while, and most processes never need it

    return MTurk(keys)


def _prolific(keys: PlatformKeys) -> Market:
    from btm.platforms.prolific import Prolific

    return Prolific(keys)


_MARKETS: dict[str, Callable[[PlatformKeys], Market]] = {"mturk": _mturk, "prolific": _prolific}
_MISSING = {
    "mturk": "This instance has no keys for MTurk. Set BTM_MTURK_ACCESS_KEY and BTM_MTURK_SECRET_KEY, and start it again.",
    "prolific": "This instance has no token for Prolific. Set BTM_PROLIFIC_TOKEN, and start it again.",
}
