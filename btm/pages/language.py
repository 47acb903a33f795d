"""Which language a text is in, offline. Used by the worker itself: it needs NumPy, which the reading child does without."""

from __future__ import annotations

import re
import threading

from btm.pages.clean import letters

_SAMPLE = 4000
_ENOUGH = 30
_HINT = re.compile(r"[a-z]{2,3}(?=$|[-_])")
_lock = threading.Lock()


def language(text: str, hint: str = "") -> str:
    """The ISO 639-1 code of the text's language; for too little text, what the page says (`hint`), or `und`."""
    if letters(text[:_SAMPLE]) < _ENOUGH:
        found = _HINT.match(hint.strip().lower())
        return found[0] if found else "und"
    import py3langid  # loads a model: only where it is needed

    with _lock:
        code, _ = py3langid.classify(text[:_SAMPLE])
    return str(code)


def warm_up() -> None:
    """Load the model now rather than for the first page."""
    language("An ordinary sentence, long enough to be classified at all.")
