"""One spelling for each page's address, so that the same page is recognised however it was pasted."""

from __future__ import annotations

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from btm.pages.urls import Parts, parse

_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "guce_")
_TRACKING = frozenset(
    [
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "gad_source",
        "gad_campaignid",
        "fbclid",
        "fb_action_ids",
        "fb_action_types",
        "fb_source",
        "msclkid",
        "yclid",
        "ysclid",
        "twclid",
        "ttclid",
        "li_fat_id",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "_hsenc",
        "_hsmi",
        "__hssc",
        "__hstc",
        "__hsfp",
        "hsctatracking",
        "vero_id",
        "vero_conv",
        "oly_anon_id",
        "oly_enc_id",
        "wickedid",
        "rb_clickid",
        "s_cid",
        "s_kwcid",
        "ef_id",
        "ml_subscriber",
        "ml_subscriber_hash",
        "_ga",
        "_gl",
        "_openstat",
        "epik",
        "srsltid",
        "ref_src",
        "ref_url",
        "guccounter",
        "awc",
        "irclickid",
        "cjevent",
        "cmpid",
        "xtor",
        "sc_cid",
        "wt_mc",
        "_branch_match_id",
        "_bta_tid",
        "_bta_c",
        "trk_contact",
        "trk_msg",
        "trk_module",
        "trk_sid",
    ]
)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PASSES = 20  # each decoding pass shrinks an address of bounded length, so this many always suffice


def canonical_url(url: str) -> str:
    """The normal form of an address: WHATWG spelling, lower-case host without trailing dot, no default port, no fragment, no
    tracking parameters, the rest of the query in order of its names, escapes spelt alike. Idempotent.

    Raises Refused (`bad_url`, `scheme`, `credentials`) for what is not a web address.
    """
    current = _once(url)
    for _ in range(_PASSES):
        following = _once(current)
        if following == current:
            break
        current = following
    return current


def site(url: str) -> str:
    """The registrable domain of an address (`bbc.co.uk` for `https://news.bbc.co.uk/x`), or its host where there is none.

    Offline, from the public suffix list. Raises Refused as `canonical_url` does.
    """
    parts = parse(url)
    if parts.is_literal:
        return parts.host
    return _suffixes().privatesuffix(parts.host) or parts.host


def pasted(text: str) -> str:
    """What a person meant by what they pasted: `example.com/x` without a scheme becomes an https address."""
    stripped = text.strip()
    if re.match(r"(?i)https?:", stripped) or not re.match(
        r"[^\s/:@?#]+\.[^\s/:@?#]+(:\d+)?([/?#]|$)", stripped
    ):
        return stripped
    return f"https://{stripped}"


def _once(url: str) -> str:
    parts = parse(url)
    return f"{parts.scheme}://{parts.netloc}{_unescape(parts.path)}{_query(parts)}"


def _query(parts: Parts) -> str:
    pieces = [_unescape(piece) for piece in parts.query.removeprefix("?").split("&")]
    kept = [piece for piece in pieces if piece and not _is_tracking(piece.partition("=")[0])]
    if all("=" in piece for piece in kept):  # `?a/b&c` may mean anything: leave such a query in its own order
        kept.sort(key=lambda piece: piece.partition("=")[0])
    return "?" + "&".join(kept) if kept else ""


def _is_tracking(name: str) -> bool:
    lowered = name.lower()
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)


def _unescape(text: str) -> str:
    """RFC 3986, 6.2.2: escapes of unreserved characters mean the characters; hexadecimal digits are written large."""

    def spelt(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(spelt, text)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
