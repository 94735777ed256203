import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from jobs import preparation, serving, web

ROOT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)",
]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_children_are_stopped_and_one_that_refuses_is_killed(monkeypatch):
    monkeypatch.setattr(serving, "STOP_WITHIN", 1)
    children = [serving.start(SLEEP), serving.start(STUBBORN)]
    time.sleep(0.5)
    assert not serving.dead(children)
    serving.stop(children)
    assert [child.returncode for child in children] == [-signal.SIGTERM, -signal.SIGKILL]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_does_not_outlive_a_parent_that_was_killed():
    program = f"from jobs import serving; print(serving.start({SLEEP!r}).pid, flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    assert serving.wait_until(lambda: not is_running(child), 5)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text(encoding="utf-8")


def test_a_port_in_use_is_noticed_before_anything_is_started(port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert serving.is_taken("127.0.0.1", port)
    assert not serving.is_taken("127.0.0.1", port)


def test_there_is_something_to_prepare_until_it_is_noted_and_again_once_code_or_database_changed(
    app, tmp_path, monkeypatch
):
    settings = app.extensions["minqing.settings"]
    preparation.note(settings).unlink(missing_ok=True)
    assert not preparation.is_prepared(settings)
    preparation.note_prepared(settings)
    assert preparation.is_prepared(settings)
    with app.app_context():
        from models import db

        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'old'")
    assert not preparation.is_prepared(settings)
    preparation.note_prepared(settings)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "units.py").write_text("")
    monkeypatch.setattr(preparation, "ROOT", tmp_path)
    assert not preparation.is_prepared(settings)
    preparation.note(settings).unlink()


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> dict[str, str]:
    """The environment of an installation of its own."""
    folder = tmp_path_factory.mktemp("installed")
    environment = os.environ | {"MINQING_DATA_DIR": str(folder), "MINQING_DATABASE_URL": "", "FLASK_APP": "app"}
    subprocess.run([sys.executable, "-m", "flask", "init"], cwd=ROOT, env=environment, check=True)
    return environment


@contextmanager
def started(environment: Mapping[str, str], port: int, until: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    given = {**environment, "MINQING_PORT": str(port)}
    command = [sys.executable, "-m", "jobs.serving"]
    with subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, start_new_session=True) as served:
        try:
            assert serving.wait_until(until, 60)
            yield served
        finally:
            for pid in running_in(environment):
                os.kill(pid, signal.SIGKILL)


def running_in(environment: Mapping[str, str], module: str = "") -> list[int]:
    """Every process of the installation, whoever is its parent by now; with `module` those that run it."""
    mark, found = environment["MINQING_DATA_DIR"].encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes() and module.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(pid for pid in found if is_running(pid))


def test_web_server_and_scheduler_run_together_and_end_together(installed, port):
    with started(installed, port, until=lambda: answers(port)) as served:
        assert serving.wait_until(lambda: len(children_of(served.pid)) == 3, 10)
        children = [int(pid) for pid in children_of(served.pid)]
        os.kill(children[1], signal.SIGKILL)
        assert served.wait(30) == 1
        assert "ended by itself" in served.stdout.read().decode()
        assert running_in(installed) == []
    assert not serving.is_taken("127.0.0.1", port)


def test_a_worker_of_imports_that_dies_is_started_anew_and_the_console_goes_on(installed, port):
    with started(installed, port, until=lambda: answers(port)) as served:
        assert serving.wait_until(lambda: len(children_of(served.pid)) == 3, 10)
        dead = children_of(served.pid)[2]
        os.kill(int(dead), signal.SIGKILL)
        again = children_of
        assert serving.wait_until(lambda: dead not in again(served.pid) and len(again(served.pid)) == 3, 10)
        assert answers(port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_worker_that_is_still_loading_is_stopped_as_well(installed, port, number):
    with started(installed, port, until=lambda: len(running_in(installed, "jobs.web")) > web.WORKERS) as served:
        os.kill(served.pid, number)
        assert serving.wait_until(lambda: running_in(installed) == [], web.FINISH_WITHIN - 3)
        assert served.wait(1) == 0


def test_ctrl_c_ends_every_worker_and_the_scheduler(installed, port):
    with started(installed, port, until=lambda: answers(port)) as served:
        os.killpg(served.pid, signal.SIGINT)
        assert serving.wait_until(lambda: running_in(installed) == [], web.FINISH_WITHIN - 3)
        assert served.wait(1) == 0


def test_workers_do_not_outlive_a_web_server_that_was_killed(installed, port):
    with started(installed, port, until=lambda: answers(port)) as served:
        os.kill(int(children_of(served.pid)[0]), signal.SIGKILL)
        assert serving.wait_until(lambda: running_in(installed) == [], 4 * serving.STOP_WITHIN)
        assert served.wait(1) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_workers_do_not_outlive_all_above_them_being_killed_at_once(installed, port):
    with started(installed, port, until=lambda: answers(port)) as served:
        for pid in (served.pid, int(children_of(served.pid)[0])):
            os.kill(pid, signal.SIGKILL)
        assert serving.wait_until(lambda: running_in(installed) == [], web.FINISH_WITHIN)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
