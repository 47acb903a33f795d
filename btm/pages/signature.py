"""Near-duplicate signatures: MinHash over word shingles (Broder 1997), and bands to find candidates by equality.

Two texts whose shingle sets have Jaccard similarity J share a band with probability 1 - (1 - J^4)^32: .99 at J = .61,
.05 at .2, so that an indexed query over the bands finds near-duplicates and little else.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np
from datasketch import MinHash

from btm.pages.clean import normalised

PERMUTATIONS = 128
BANDS = 32
ROWS = PERMUTATIONS // BANDS
SHINGLE = 3
_SEED = 1
_SCHEME = "affine32"
_MAX_WORDS = 40_000
# Chinese, Japanese, Korean and Thai are written without spaces: there each character counts as a word.
_WORD = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\\W_]+")
_permutations = MinHash(num_perm=PERMUTATIONS, seed=_SEED, scheme=_SCHEME).permutations


def signature(text: str) -> bytes:
    """The signature of a text: 512 bytes, the same in every process; empty for a text without words.

    A text of fewer than SHINGLE words has one shingle, itself.
    """
    words = _WORD.findall(normalised(text))[:_MAX_WORDS]
    if not words:
        return b""
    width = min(SHINGLE, len(words))
    shingles = {" ".join(words[start : start + width]) for start in range(len(words) - width + 1)}
    sketch = MinHash(num_perm=PERMUTATIONS, seed=_SEED, permutations=_permutations, scheme=_SCHEME)
    sketch.update_batch(shingle.encode() for shingle in shingles)
    return np.asarray(sketch.hashvalues, dtype=">u4").tobytes()


def bands(signature: bytes) -> list[int]:
    """BANDS signed 64-bit integers; near-duplicates have at least one in common, which an index finds. Empty for no words."""
    size = len(signature) // BANDS
    return [
        int.from_bytes(
            hashlib.blake2b(
                signature[band * size : (band + 1) * size], digest_size=8, salt=band.to_bytes(2, "big")
            ).digest(),
            "big",
            signed=True,
        )
        for band in range(BANDS if size else 0)
    ]


def similarity(a: bytes, b: bytes) -> float:
    """The estimated share of shingles that two texts have in common, in [0, 1]; 0 where either has no words."""
    if not a or len(a) != len(b):
        return 0.0
    return float(np.mean(np.frombuffer(a, dtype=">u4") == np.frombuffer(b, dtype=">u4")))
