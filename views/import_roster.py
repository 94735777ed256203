"""Joiners, movers and leavers on the preview of a roster, and what a person says of them and of their open work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import gettext, ngettext

from imports import batches, handover, roster
from imports.handover import NOBODY, Heirs, Work
from imports.people import People
from imports.roster import Choice, Listed, said_of
from models import db
from models.imports import BatchState, ImportBatch
from models.units import Unit
from rules.refusals import N_
from views.asking import as_key, asked_number
from views.import_files import of_batch, order_for

PAGE = 50
NAMED = 6
AT_ONCE = 5_000
"""Rows that are compared with those on duty before the page is answered."""
WORK_LABELS = {"leg": N_("Requests"), "topic": N_("Topics"), "task": N_("Tasks")}


@dataclass(frozen=True)
class Goer:
    """Somebody with open work; `chosen` is an heir of their own, None where the unit's is meant."""

    id: int
    name: str
    works: list[tuple[str, list[str]]]
    chosen: int | None


@dataclass(frozen=True)
class Leaving:
    """An old unit with those who leave open work behind; `heir` takes it over unless a person has one of their own."""

    id: int
    name: str
    people: list[Goer]
    heirs: dict[int, str]
    heir: int

    @property
    def without_heir(self) -> int:
        return [self.heir if goer.chosen is None else goer.chosen for goer in self.people].count(NOBODY)


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
    def goers(self) -> list[roster.Goer]:
        return roster.goers(self.kind, self.choice)

    @cached_property
    def counts(self) -> dict[str, int]:
        return {
            "joiners": self.batch.new,
            "movers": sum(goer.to_id is not None for goer in self.goers),
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
        works = handover.open_work(self.kind, self.goers)
        units = {work.unit_id for work in works}
        known = handover.heirs(self.kind, self.choice, self.goers, units)
        rows = db.session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(units)).order_by(Unit.path))
        return [leaving_of(key, name, [work for work in works if work.unit_id == key], known) for key, name in rows]


def leaving_of(key: int, name: str, works: list[Work], known: Heirs) -> Leaving:
    by_person = groupby(sorted(works, key=lambda work: work.person_id), key=lambda work: work.person_id)
    people = [goer_of(person, list(mine), known) for person, mine in by_person]
    return Leaving(key, name, people, known.named.get(key, {}), known.of_unit(key))


def goer_of(person: int, works: list[Work], known: Heirs) -> Goer:
    own = known.of(person, works[0].unit_id) if person in known.choice.by_person else None
    titles = {
        subject: list(dict.fromkeys(work.title for work in works if work.subject == subject)) for subject in WORK_LABELS
    }
    said = [(gettext(WORK_LABELS[subject]), found) for subject, found in titles.items() if found]
    return Goer(person, works[0].name, said, own)


def awaited(batch: ImportBatch) -> str | None:
    """Where a large roster is asked for once the rest of the page stands."""
    large = batch.new + batch.changed + batch.same > AT_ONCE
    if not large or "roster" in request.args or of_people(batch) is None:
        return None
    return url_for("ImportView.show", pk=batch.id, roster=1, **asked())


def roster_of(batch: ImportBatch) -> RosterPage | None:
    kind = None if awaited(batch) else of_people(batch)
    return RosterPage(kind, batch) if kind else None


def asked() -> dict[str, Any]:
    """Where on the page somebody is."""
    return {
        name: request.args[name] for name in ("tab", "page_Leavers", "page_Movers", "roster") if name in request.args
    }


def keep(batch: ImportBatch) -> None:
    """What was said on the page, beside what was said on others."""
    said = chosen(request.form, kept(batch))
    options = batches.lasting(batch.options) | {"roster": said.kept()}
    open_still = BatchState.PREVIEWED
    batches.move(db.session(), batch, order_for(batch), open_still, was=open_still, options=options)


def chosen(form: Mapping[str, str], before: Choice) -> Choice:
    """`shown` names the leavers that stood on the page, `left-…` those of them that were ticked."""
    said = replace(
        before,
        whole="whole" in form,
        under=form.get("under", ""),
        by_unit={**before.by_unit, **numbered(form, "unit-")},
        by_person=_by_person(form, before),
    )
    if all_left := form.get("everybody"):
        return replace(said, all_left=all_left == "left", ids=frozenset())
    shown = {key for each in form.get("shown", "").split(",") if (key := as_key(each))}
    ticked = {key for key in shown if f"left-{key}" in form}
    marked = shown - ticked if before.all_left else ticked
    return replace(said, ids=before.ids - shown | marked)


def _by_person(form: Mapping[str, str], before: Choice) -> dict[int, int]:
    as_the_unit = {as_key(name[7:]) for name in form if name.startswith("person-") and not form[name]}
    return {key: heir for key, heir in before.by_person.items() if key not in as_the_unit} | numbered(form, "person-")


def numbered(form: Mapping[str, str], prefix: str) -> dict[int, int]:
    """Key → person, of fields whose names end in a key."""
    read = {
        as_key(name.removeprefix(prefix)): NOBODY if value == str(NOBODY) else as_key(value)
        for name, value in form.items()
        if name.startswith(prefix)
    }
    return {key: heir for key, heir in read.items() if key is not None and heir is not None}


def handed_in_words(batch: ImportBatch) -> str:
    """What became of open work, once it is committed."""
    found = batch.options.get("handover", {})
    if batch.state != BatchState.COMMITTED or not any(found.values()):
        return ""
    handed = ngettext(
        "%(num)s piece of open work was handed on.", "%(num)s pieces of open work were handed on.", found["handed"]
    )
    stays = ngettext(
        "%(num)s stays with whom it was, for nobody was chosen or could take it.",
        "%(num)s stay with whom they were, for nobody was chosen or could take them.",
        found["stays"],
    )
    left = batch.options.get("left", 0)
    marked = ngettext("%(num)s person was marked as left.", "%(num)s people were marked as left.", left)
    return " ".join(
        filter(None, [marked if left else "", handed if found["handed"] else "", stays if found["stays"] else ""])
    )
