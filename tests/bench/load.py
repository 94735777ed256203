"""Thirty requests a second for a minute against the server of `make run`, from a process of its own.

The schedule is fixed beforehand (an open loop): whoever answers late delays nobody's start, and a wait counts as answer
time. Nine of ten are reads of several people at work; the rest are changes of state, each step after the one before it.
"""

import json
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click

from tests.bench.changes import STEPS, fresh
from tests.bench.data import ROOT
from tests.bench.figures import Figure, Row, Table, milliseconds, whole
from tests.bench.ground import Ground
from tests.bench.serving import serving
from tests.bench.timing import NoAnswer

RATE, SECONDS = 30, 60
WRITES = 0.1
SLOWEST = 300
ROUNDS = 3
CHAIN = ("accept", "dispatch", "sign", "contact")
APART = 6.0
"""Seconds between two steps of one request."""


def measure(ground: Ground) -> list[Table]:
    table = Table("Thirty requests a second for a minute", ["p50 ms", "p95 ms", "p99 ms", "errors", "per second"])
    found = []
    with serving(ground.settings) as server:
        for number in range(1, ROUNDS + 1):
            order = plan(ground, server.settings.port, seed=number)
            found.append(run_aside(order))
            click.echo(f"  round {number}: p99 {found[-1]['p99'] * 1000:.0f} ms, {found[-1]['errors']} errors")
            for why in found[-1]["why"]:
                click.echo(f"    {why}")
        peak = server.peak_memory()
    for number, each in enumerate(found, 1):
        timed = [milliseconds(each[name]) for name in ("p50", "p95", "p99")]
        table.rows.append(Row(f"round {number}", [*timed, whole(each["errors"]), Figure(each["rate"], "")]))
    middle = {name: sorted(each[name] for each in found)[ROUNDS // 2] for name in ("p50", "p95", "p99", "rate")}
    timed = [milliseconds(middle["p50"]), milliseconds(middle["p95"]), milliseconds(middle["p99"], SLOWEST)]
    errors = sum(each["errors"] for each in found)
    table.rows.append(Row("median", [*timed, whole(errors, "errors", 0), Figure(middle["rate"], "")]))
    memory = Table("Memory of the web process under load", ["MB at its peak"], [Row("after the load", [])])
    memory.rows[0].cells = [whole(peak / 1e6, "MB", 250)]
    return [table, memory]


def plan(ground: Ground, port: int, seed: int) -> dict[str, Any]:
    """Who asks for what and when, as JSON for the other process."""
    chance = random.Random(seed)
    chains = round(RATE * SECONDS * WRITES / 5)
    writes = sorted(step for each in range(chains) for step in changes(ground, chance, each, chains))
    reads = RATE * SECONDS - len(writes)
    free = iter(sorted((number + chance.random()) * SECONDS / reads for number in range(reads)))
    mix = list(reading(ground))
    asked = [(at, *chance.choices(mix, [weight for weight, *_each in mix])[0][1:]) for at in free]
    asked += writes
    users = {role: ground.who(role).user_name for role in ("dispatcher", "town dispatcher", "handler", "unit_leader")}
    users |= {role: ground.who(role).user_name for role in ("manager", "office", "supervisor")}
    return {"port": port, "password": ground.password, "users": users, "asked": sorted(asked, key=lambda ask: ask[0])}


def reading(ground: Ground) -> Iterator[tuple[int, str, str]]:
    """Weight, who, what."""
    rows = ground.rows
    for user in ("dispatcher", "town dispatcher", "handler", "unit_leader", "manager", "office"):
        for part in ("", "figures", "before", "charts"):
            yield 2, user, f"/workbench/{part}"
        yield 5, user, "/requests/list/"
        yield 3, user, "/requests/list/?queue=overdue"
        yield 3, user, f"/requests/list/?q={quote(rows.common(2))}"
        yield 1, user, f"/requests/list/?q={quote(rows.rare(4))}"
        yield 2, user, "/requests/list/?_flt_0_state=settled"
    for user in ("dispatcher", "office", "supervisor"):
        yield 12, user, f"/requests/show/{rows.ticket.id}"
    yield 6, "dispatcher", "/requests/add"
    yield 6, "office", "/people/list/"
    yield 3, "office", f"/people/show/{rows.person.id}"
    yield 3, "office", "/units/list/"
    yield 3, "office", "/evaluations/list/"
    yield 4, "office", f"/options/Unit?q={quote(rows.village.name[:2])}"
    yield 4, "manager", "/notices/list/"
    yield 4, "office", "/api/v1/requests/?q=(page:0,page_size:25)"
    yield 12, "", "/portal/ask"
    yield 6, "", "/portal/"


def changes(
    ground: Ground, chance: random.Random, each: int, chains: int
) -> Iterator[tuple[float, str, str, dict[str, str]]]:
    """One request handed in at the portal and another one walked from accepting to the first contact."""
    span = SECONDS - APART * len(CHAIN)
    start = span * (each + chance.random()) / chains
    (ticket,) = fresh(ground, before="accept", count=1)
    for number, step in enumerate(CHAIN):
        user, form = STEPS[step]
        given = dict(form) | ({"unit": str(ground.handler.unit_id)} if step == "dispatch" else {})
        yield start + number * APART, user, f"/requests/move/{ticket}/{step}", given
    words = {"title": "井盖松动", "text": "小区北门的井盖松了", "town": ground.rows.town.code, "mobile": "13800001234"}
    yield start, "", "/portal/ask", words | {"client_id": str(uuid.UUID(int=chance.getrandbits(128)))}


def run_aside(order: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.crowd"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise NoAnswer(done.stderr.strip().splitlines()[-1])
    return dict(json.loads(done.stdout))
