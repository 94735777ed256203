"""Runs web server, scheduler and worker together: all stop when asked, and the first two not without each other."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import settings as config
from jobs.preparation import ROOT, is_prepared
from settings import Settings

READY_WITHIN = 180
STOP_WITHIN = 15
ESSENTIAL = 2
"""The web server and the scheduler."""

Child = subprocess.Popen[bytes]


def serve(settings: Settings) -> int:
    """Until Ctrl-C or SIGTERM. Returns the exit status."""
    stopped: list[int] = []
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda number, frame: stopped.append(number))
    if is_taken(settings.host, settings.port):
        print(f"Port {settings.port} is in use: stop what uses it, or choose another with MINQING_PORT.")
        return 1
    if not is_prepared(settings) and (status := prepare()):
        return status
    children = [start(python("jobs.web"))]
    try:
        answered = wait_until(lambda: bool(stopped) or dead(children) or answers(settings), READY_WITHIN)
        if not answered or stopped:
            return 0 if stopped else 1
        if not dead(children):
            print(greeting(settings), flush=True)
            children += [start(python("flask", "jobs", "run")), start(WORKER)]
        return attend(children, stopped)
    finally:
        stop(children)


def prepare() -> int:
    return subprocess.run(python("flask", "init", "--samples"), cwd=ROOT, env=environment(), check=False).returncode


def attend(children: list[Child], stopped: list[int]) -> int:
    """The worker, which comes last, is started anew when it ends: a file that kills it must not take the rest along."""
    while not stopped and not dead(children[:ESSENTIAL]):
        time.sleep(0.2)
        if dead(children[ESSENTIAL:]):
            time.sleep(1)
            children[ESSENTIAL:] = [start(WORKER)]
    if stopped:
        return 0
    print("The web server or the scheduler ended by itself; what it said stands above.")
    return 1


def python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


WORKER = python("flask", "jobs", "work")


def start(words: list[str]) -> Child:
    """In a process group of its own, so that Ctrl-C reaches it through us alone."""
    die = dying_with_parent() if sys.platform == "linux" else None
    return subprocess.Popen(words, cwd=ROOT, env=environment(), process_group=0, preexec_fn=die)


def environment() -> dict[str, str]:
    return os.environ | {"FLASK_APP": "app", "PYTHONUNBUFFERED": "1"}


def dying_with_parent() -> Callable[[], None]:
    """However the parent ends, the kernel then ends the child: no server is left holding the port."""
    set_death_signal = 1
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(set_death_signal, signal.SIGTERM)


def stop(children: list[Child]) -> None:
    """Together with what they started themselves: a web server that is killed leaves its workers behind."""
    for child in children:
        child.terminate()
    if wait_until(lambda: not any(map(is_there, children)), STOP_WITHIN):
        return
    for child in filter(is_there, children):
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def is_there(child: Child) -> bool:
    """It, or anything of its process group."""
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True


def dead(children: list[Child]) -> bool:
    return any(child.poll() is not None for child in children)


def is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def answers(settings: Settings) -> bool:
    try:
        with urlopen(f"{address(settings)}/healthz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}"


def greeting(settings: Settings) -> str:
    table = settings.sign_ins.read_text(encoding="utf-8") if settings.sign_ins.exists() else ""
    return f"\n民情台 Minqing  {address(settings)}\n{table}\nCtrl-C 停止 / stops it"


if __name__ == "__main__":
    sys.exit(serve(config.load()))
