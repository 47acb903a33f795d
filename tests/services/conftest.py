from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def offline(no_sockets: None) -> None:
    """Nothing on this floor talks to the network."""
