"""The product's entry. `python app.py` runs web and worker together; gunicorn and flask find `app` here."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from btm.serve import main

    sys.exit(main())

from btm.config import read_settings
from btm.factory import create_app
from btm.logs import set_up_logs

settings = read_settings()
set_up_logs(settings)
app = create_app(settings)
