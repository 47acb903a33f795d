"""The one message that a worker sends to its zygote. Apart, so that the worker loads no parser."""

import struct

REQUEST = struct.Struct("!d")  # seconds that the child may live
