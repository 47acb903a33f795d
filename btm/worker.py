"""A worker process: `python -m btm.worker`. As many may run, on as many machines, as the queue and database serve."""

from __future__ import annotations

import logging
import os
import signal
import threading

from btm.config import read_settings
from btm.factory import create_app
from btm.jobs.engine import make_huey, register_work
from btm.jobs.tasks import Worker, make_tools
from btm.logs import set_up_logs
from btm.services import warm_up

SWEEP_SECONDS = 5.0
log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    settings = read_settings()
    set_up_logs(settings)
    worker = Worker(create_app(settings), make_tools(settings))
    worker.tools.reader.start()
    with worker.app.app_context():
        warm_up.warm_up(worker.tools.machines)
    huey = make_huey(settings)
    register_work(huey, worker.work)
    stop = threading.Event()
    threading.Thread(target=_sweep_for_ever, args=(worker, stop), name="sweep", daemon=True).start()
    consumer = huey.create_consumer(
        workers=settings.worker_threads,
        periodic=False,
        initial_delay=0.05,
        backoff=1.2,
        max_delay=1.0,
        check_worker_health=True,
    )
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    consumer.run()
    stop.set()
    worker.tools.reader.close()


def _sweep_for_ever(worker: Worker, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            worker.sweep()
        except Exception:
            log.exception("the sweep failed")
        stop.wait(SWEEP_SECONDS)


if __name__ == "__main__":
    main()
