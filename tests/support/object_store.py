"""A store that speaks S3, on loopback: moto's server in this process, with one bucket named `btm`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
"""What the store asks for: anything will do."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of a fresh store, until the block ends. Its keys are in the environment meanwhile."""
    from moto.server import ThreadedMotoServer

    before = {name: os.environ.get(name) for name in KEYS}
    os.environ.update(KEYS)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        url = f"http://{host}:{port}"
        client(url).create_bucket(Bucket="btm")
        yield url
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def client(url: str) -> Any:
    """Amazon's own client, to look behind the product's back."""
    import boto3

    return boto3.client("s3", endpoint_url=url)
