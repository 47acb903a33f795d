"""`python app.py`: migrate, seed, then web and worker together in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from btm.config import Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0


def main(arguments: list[str] | None = None) -> int:
    """Serve. Returns the exit code: 0 after being asked to stop, 1 where it could not start or a part kept dying."""
    options = _parse(arguments)
    if not os.environ.get("BTM_PUBLIC_URL"):  # for the worker, which must never fetch its own service
        os.environ["BTM_PUBLIC_URL"] = f"http://{_spelt(options.host)}:{options.port}"
    try:
        settings = read_settings()
        os.environ["BTM_DATA_DIR"] = str(settings.data_dir)  # for the parts, which run in another folder
        _check_port(options.host, options.port)
        _prepare(settings)
    except SQLAlchemyError as error:
        return _give_up(
            f"the database of BTM_DATABASE_URL does not answer. {getattr(error, 'orig', None) or error}"
        )
    except (ValueError, OSError) as error:
        return _give_up(str(error))
    signal.signal(signal.SIGTERM, _interrupt)
    parts = {"web": _web(options, settings), "worker": _worker()}
    try:
        _announce(options, parts)
        return _watch(parts)
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _stop(parts)


def _give_up(why: str) -> int:
    print(f"Cannot start: {' '.join(why.split())}", file=sys.stderr)  # noqa: T201
    return 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run Beat the Machine: web and worker together.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on (default 8000)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; ports go from 1 to 65535")
    return int(text)


def _spelt(host: str) -> str:
    """A host as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(
                f"{host}:{port} is taken or not ours ({error.strerror}). Try --port {port + 1}."
            ) from error


def _prepare(settings: Settings) -> None:
    """Bring the database up to date, add what ships, and make the first admin."""
    from flask_migrate import upgrade

    from btm.factory import create_app
    from btm.services import roles, seed_challenges

    now = datetime.now(UTC)
    with create_app(settings).app_context():
        upgrade()
        seed_challenges.seed_challenges(now=now, new_salt=lambda: secrets.token_hex(16))
        password = secrets.token_urlsafe(12)
        if roles.make_first_admin("admin", password, now=now):
            _say(
                f"\n  The first admin is made. Name: admin   One-time password: {password}\n  It is not shown again.\n"
            )


def _web(options: argparse.Namespace, settings: Settings) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"{_spelt(options.host)}:{options.port}", "--workers", str(settings.web_workers),
        "--threads", str(settings.web_threads), "--worker-class", "gthread", "--timeout", "60",
        "--graceful-timeout", "5", "--log-level", "warning", "--logger-class", "btm.logs.GunicornLogger", "app:app",
    ]  # fmt: skip
    return _start(command, **_shared_figures(settings))


def _shared_figures(settings: Settings) -> dict[str, str]:
    """Where several web processes add up how long requests took, for /metrics."""
    if settings.web_workers == 1:
        return {}
    folder = settings.data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _worker() -> subprocess.Popen[bytes]:
    return _start([sys.executable, "-m", "btm.worker"])


def _start(command: list[str], **more: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, **more, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environ, preexec_fn=_die_with_parent, start_new_session=True
    )


def _die_with_parent() -> None:
    """On Linux, have the kernel end this child when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _announce(options: argparse.Namespace, parts: dict[str, subprocess.Popen[bytes]]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)  # noqa: S104  # nosec B104
    url = f"http://{host}:{options.port}/"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and parts["web"].poll() is None:
        try:
            urllib.request.urlopen(f"{url}healthz", timeout=2)  # noqa: S310  # nosec B310
            break
        except OSError:
            time.sleep(0.1)
    _say(f"Beat the Machine is at {url}  (Ctrl-C stops it)")


def _watch(parts: dict[str, subprocess.Popen[bytes]]) -> int:
    """Wait. A worker that dies is started again, at most once in five seconds; without the web there is nothing to serve."""
    while True:
        if parts["web"].poll() is not None:
            _say("The web server has stopped.")
            return 1
        if parts["worker"].poll() is not None:
            _say("The worker died; starting another one. Nothing was lost.")
            parts["worker"] = _worker()
            time.sleep(4)
        time.sleep(1)


def _stop(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    for part in parts.values():
        part.terminate()
    for part in parts.values():
        try:
            part.wait(timeout=10)
        except subprocess.TimeoutExpired:
            part.kill()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
