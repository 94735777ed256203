"""Joiners, movers and leavers on the preview of a roster, and what a person says of them and of their open work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from imports import batches, handover, roster
from imports.handover import NOBODY, Heirs, Plan, Proposal, Work
from imports.people import People
from imports.roster import Choice, Heir, Listed, said_of
from models import db
from models.imports import BatchState, ImportBatch
from models.units import Unit
from rules.refusals import N_
from views.asking import as_key, asked_number
from views.import_files import of_batch, order_for
from views.words import sentences

PAGE = 50
NAMED = 6
AT_ONCE = 5_000
"""Rows that are compared with those on duty before the page is answered."""
WORK_LABELS = {"leg": N_("Requests"), "topic": N_("Topics"), "task": N_("Tasks")}
JOINS = "new:"
"""Before the staff number of an heir who has no id yet."""
NUMBER = 32


@dataclass(frozen=True)
class Goer:
    """Somebody with open work; `said` is an heir of their own, None where the unit's is meant."""

    id: int
    name: str
    works: list[tuple[str, list[str]]]
    said: Heir | None


@dataclass(frozen=True)
class Leaving:
    """An old unit with those who leave open work behind; what is `said` of it holds for whoever has no heir of their
    own."""

    id: int
    name: str
    people: list[Goer]
    offered: list[tuple[Heir, str, str]]
    """Heir, value of the field, label."""
    said: Heir | None
    proposal: Proposal

    @property
    def undecided(self) -> str:
        name = self.proposal.values.get("name") or gettext("leave it with the unit")
        return gettext("Not decided (suggested: %(name)s)", name=name)

    @property
    def silent(self) -> str:
        """While nothing is said of the unit."""
        each_said = all(goer.said is not None for goer in self.people)
        return gettext("As said one by one") if each_said else self.undecided

    @property
    def alone(self) -> Goer | None:
        """Whoever is the only one to leave work behind there needs no second field."""
        return self.people[0] if len(self.people) == 1 and self.said is None else None

    @property
    def why(self) -> str:
        return gettext(self.proposal.why, **self.proposal.values)


def kept(batch: ImportBatch) -> Choice:
    return said_of(batch.options)


def of_people(batch: ImportBatch) -> People | None:
    """Whose rows wait for a decision."""
    if batch.state != BatchState.PREVIEWED or batch.stopped:
        return None
    kind = of_batch(batch)
    return kind if isinstance(kind, People) else None


def about_to_leave(batch: ImportBatch) -> int:
    """How many are marked as left besides what the rows say."""
    choice = kept(batch)
    kind = of_people(batch) if choice.whole else None
    return roster.count_gone(kind, choice) if kind else 0


class RosterPage:
    def __init__(self, kind: People, batch: ImportBatch) -> None:
        self.kind, self.batch, self.choice = kind, batch, kept(batch)
        self.number = asked_number("page_Leavers", 0, 100_000)
        self.movers_number = asked_number("page_Movers", 0, 100_000)
        self.size = PAGE

    @cached_property
    def plan(self) -> Plan:
        return handover.plan(self.kind, self.choice)

    @cached_property
    def misses_me(self) -> bool:
        return roster.misses_importer(self.kind, self.choice)

    @cached_property
    def counts(self) -> dict[str, int]:
        return {
            "joiners": self.batch.new,
            "movers": sum(goer.to_id is not None for goer in self.plan.goers),
            "leavers": roster.count(self.kind, roster.leavers(self.kind, self.choice)) if self.choice.whole else 0,
        }

    @cached_property
    def marked(self) -> int:
        return roster.count_gone(self.kind, self.choice, self.counts["leavers"])

    @cached_property
    def units(self) -> list[tuple[int, str, str]]:
        return roster.units(self.kind)

    @property
    def unit_names(self) -> str:
        names = "、".join(name for _, name, _ in self.units[:NAMED])
        more = len(self.units) - NAMED
        return gettext("%(names)s and %(more)s more units", names=names, more=more) if more > 0 else names

    @cached_property
    def common(self) -> tuple[str, str] | None:
        """Path and name of what may be meant as a whole."""
        return roster.common_unit(self.kind, [path for _, _, path in self.units])

    @property
    def movers(self) -> list[Listed]:
        return roster.listed(
            self.kind, roster.movers(self.kind), self.choice, self.size, self.movers_number * self.size
        )

    @property
    def leavers(self) -> list[Listed]:
        found = roster.leavers(self.kind, self.choice)
        return roster.listed(self.kind, found, self.choice, self.size, self.number * self.size)

    @property
    def url(self) -> str:
        return url_for("ImportView.roster", pk=self.batch.id, **asked())

    @cached_property
    def leaving(self) -> list[Leaving]:
        works, units = self.plan.works, set(self.plan.busy.values())
        found = sa.select(Unit).where(Unit.id.in_(units)).options(joinedload(Unit.parent))
        rows = db.session.scalars(found.order_by(Unit.path))
        return [leaving_of(unit, [work for work in works if work.unit_id == unit.id], self.plan.heirs) for unit in rows]


def leaving_of(unit: Unit, works: list[Work], known: Heirs) -> Leaving:
    by_person = groupby(sorted(works, key=lambda work: work.person_id), key=lambda work: work.person_id)
    people = [goer_of(person, list(mine), known) for person, mine in by_person]
    offered = [(heir, *offer(heir, name)) for heir, name in known.named.get(unit.id, {}).items()]
    name = f"{unit.parent.name}{unit.name}" if unit.parent and unit.parent.parent_id else unit.name
    return Leaving(unit.id, name, people, offered, known.of_unit(unit.id), known.proposals[unit.id])


def offer(heir: Heir, name: str) -> tuple[str, str]:
    """Value and label."""
    if isinstance(heir, str):
        return f"{JOINS}{heir}", gettext("%(name)s (joins)", name=name)
    return str(heir), name


def goer_of(person: int, works: list[Work], known: Heirs) -> Goer:
    said = known.of(person, works[0].unit_id) if person in known.choice.by_person else None
    titles = {
        subject: list(dict.fromkeys(work.title for work in works if work.subject == subject)) for subject in WORK_LABELS
    }
    listed = [(gettext(WORK_LABELS[subject]), found) for subject, found in titles.items() if found]
    return Goer(person, works[0].name, listed, said)


def awaited(batch: ImportBatch) -> str | None:
    """Where a large roster is asked for once the rest of the page stands."""
    large = batch.new + batch.changed + batch.same > AT_ONCE
    if not large or "roster" in request.args or of_people(batch) is None:
        return None
    return url_for("ImportView.show", pk=batch.id, roster=1, **asked())


def roster_of(batch: ImportBatch) -> RosterPage | None:
    """Corrections of what is committed have none unless they bring or move somebody."""
    kind = None if awaited(batch) else of_people(batch)
    page = RosterPage(kind, batch) if kind else None
    return page if page and (not batch.written or any(page.counts.values()) or page.plan.busy) else None


def asked() -> dict[str, Any]:
    """Where on the page somebody is."""
    return {
        name: request.args[name] for name in ("tab", "page_Leavers", "page_Movers", "roster") if name in request.args
    }


def keep(batch: ImportBatch) -> None:
    """What was said on the page, beside what was said on others."""
    said = chosen(request.form, kept(batch))
    if request.form.get("heirs") == "suggested" and (kind := of_people(batch)):
        said = handover.plan(kind, said).as_proposed()
    options = batches.lasting(batch.options) | {"roster": said.kept()}
    open_still = BatchState.PREVIEWED
    batches.move(db.session(), batch, order_for(batch), open_still, was=open_still, options=options)


def chosen(form: Mapping[str, str], before: Choice) -> Choice:
    """`shown` names the leavers that stood on the page, `left-…` those of them that were ticked."""
    said = replace(
        before,
        whole="whole" in form,
        under=form.get("under", ""),
        by_unit=decided(form, "unit-", before.by_unit),
        by_person=decided(form, "person-", before.by_person),
    )
    if all_left := form.get("everybody"):
        return replace(said, all_left=all_left == "left", ids=frozenset())
    shown = {key for each in form.get("shown", "").split(",") if (key := as_key(each))}
    ticked = {key for key in shown if f"left-{key}" in form}
    marked = shown - ticked if before.all_left else ticked
    return replace(said, ids=before.ids - shown | marked)


def decided(form: Mapping[str, str], prefix: str, before: Mapping[int, Heir]) -> dict[int, Heir]:
    """Of units or of people; a field that was emptied takes back what was said."""
    said = {as_key(name.removeprefix(prefix)): value for name, value in form.items() if name.startswith(prefix)}
    heirs = {key: as_heir(value) for key, value in said.items()}
    kept_on = {key: heir for key, heir in before.items() if said.get(key) != ""}
    return kept_on | {key: heir for key, heir in heirs.items() if key is not None and heir is not None}


def as_heir(value: str) -> Heir | None:
    if value == str(NOBODY):
        return NOBODY
    if value.startswith(JOINS):
        return value.removeprefix(JOINS)[:NUMBER]
    return as_key(value)


def refuse_undecided(batch: ImportBatch) -> None:
    """Before a worker would."""
    if kind := of_people(batch):
        handover.plan(kind, kept(batch)).refuse_undecided()


def handed_in_words(batch: ImportBatch) -> str:
    """What became of open work, once it is committed."""
    if batch.state != BatchState.COMMITTED:
        return ""
    counts = {"left": batch.options.get("left", 0), **batch.options.get("handover", {})}
    said = {
        "left": lambda num: ngettext("%(num)s person was marked as left.", "%(num)s people were marked as left.", num),
        "handed": lambda num: ngettext(
            "%(num)s piece of open work was handed on.", "%(num)s pieces of open work were handed on.", num
        ),
        "unit": lambda num: ngettext(
            "%(num)s is left with the unit, without a handler.",
            "%(num)s are left with the unit, without a handler.",
            num,
        ),
        "stays": lambda num: ngettext(
            "%(num)s stays with whom it was, for nobody was chosen or could take it.",
            "%(num)s stay with whom they were, for nobody was chosen or could take them.",
            num,
        ),
        "accounts": lambda num: ngettext(
            "%(num)s account of those who left is in use; the security administrator has been told.",
            "%(num)s accounts of those who left are in use; the security administrator has been told.",
            num,
        ),
    }
    return sentences(*(words(counts[name]) for name, words in said.items() if counts.get(name)))


def taken_back_too(batch: ImportBatch) -> str:
    """What undoing a roster gives back beside its rows."""
    done = batch.options.get("handover", {})
    left, works = batch.options.get("left", 0), done.get("handed", 0) + done.get("unit", 0)
    said = [
        ngettext(
            "%(num)s person who was marked as left is on duty again.",
            "%(num)s people who were marked as left are on duty again.",
            left,
        )
        if left
        else "",
        ngettext(
            "%(num)s piece of open work goes back to whom it was with.",
            "%(num)s pieces of open work go back to whom they were with.",
            works,
        )
        if works
        else "",
    ]
    return sentences(*said)
