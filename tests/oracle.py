"""What must hold of requests whatever was done to them, said in plain Python over plain rows: an oracle that shares
nothing with the models."""

from collections import Counter, defaultdict
from itertools import pairwise

import sqlalchemy as sa

HELD = {"dispatched", "signed", "handling", "pending_review", "suspended"}
SETTLED = {"settled", "rated", "unrated", "archived"}
CLOSED = SETTLED | {"declined", "merged", "cancelled"}
TABLES = (
    *("ticket", "leg", "ticket_event", "application", "meeting", "meeting_unit", "supervision", "follow_up"),
    *("mediation", "ticket_outcome", "reporter", "rating", "credit", "notice", "ticket_reach", "attachment"),
)


class Oracle:
    """Remembers what may never change, and says what is wrong."""

    def __init__(self, connection):
        self.connection = connection
        self.first_units, self.promises, self.originals = {}, {}, {}
        self.decided = Counter()

    def rows(self, statement, **values):
        return [dict(row._mapping) for row in self.connection.execute(sa.text(statement), values)]

    def everything(self):
        """To be compared before and after what was refused."""
        return {table: sorted(map(str, self.rows(f"SELECT * FROM {table}"))) for table in TABLES}

    def faults(self):
        found = []
        tickets = self.rows("SELECT * FROM ticket ORDER BY id")
        by_ticket = {name: self.by_ticket(name) for name in ("leg", "ticket_event", "application", "meeting", "credit")}
        evidence = Counter(row["leg_id"] for row in self.rows("SELECT leg_id FROM attachment WHERE leg_id IS NOT NULL"))
        for ticket in tickets:
            about = {name: rows[ticket["id"]] for name, rows in by_ticket.items()}
            legs, events = about["leg"], about["ticket_event"]
            checks = [
                self.one_lead(ticket, legs),
                self.next_due(ticket, legs, about["meeting"]),
                self.history(ticket, legs, events),
                self.dates(ticket, legs, events),
                self.settlements(ticket, legs, events, evidence, about["credit"]),
                self.decisions(ticket, legs, about["application"], about["meeting"]),
                self.parcels(legs),
                self.reach(ticket, legs),
            ]
            found += [f"{ticket['number']} ({ticket['state']}): {said}" for check in checks for said in check]
        return found

    def by_ticket(self, table):
        grouped = defaultdict(list)
        for row in self.rows(f"SELECT * FROM {table} ORDER BY id"):
            grouped[row["ticket_id"]].append(row)
        return grouped

    def one_lead(self, ticket, legs):
        state = ticket["state"]
        leads = [leg for leg in legs if leg["role"] == "lead"]
        running = [leg for leg in leads if leg["state"] in HELD]
        if len(running) != (state in HELD):
            yield f"{len(running)} open lead legs"
        if running and (running[0] is not leads[-1] or running[0]["state"] != state):
            yield "the open lead leg is not the last or has another state"
        if running and ticket["lead_unit_id"] != running[0]["unit_id"]:
            yield "the unit that holds it is not said to hold it"
        if state in ("submitted", "accepted", "returned") and ticket["lead_unit_id"] is not None:
            yield "somebody is said to hold what nobody holds"
        if state in SETTLED and leads[-1]["state"] != "settled":
            yield "settled without a settled lead leg"
        if state not in HELD and any(leg["state"] in HELD for leg in legs):
            yield "an open leg of what nobody handles"
        for leg in legs:
            if (leg["ended"] is not None) != (leg["state"] in ("returned", "cancelled")):
                yield f"leg {leg['seq']} ended {leg['ended']} in state {leg['state']}"
            if (leg["state"] == "suspended") != (leg["resume_at"] is not None):
                yield f"leg {leg['seq']} {leg['state']} goes on at {leg['resume_at']}"

    def next_due(self, ticket, legs, meetings):
        state, due = ticket["state"], ticket["next_due_at"]
        lead = [leg for leg in legs if leg["role"] == "lead"][-1] if legs else {}
        called = any(meeting["decided_at"] is None for meeting in meetings)
        wanted = {
            "submitted": ticket["accept_due_at"],
            "accepted": ticket["respond_due_at"],
            "returned": ticket["respond_due_at"],
            "dispatched": lead.get("sign_due_at"),
            "signed": lead.get("settle_due_at"),
            "handling": lead.get("settle_due_at"),
            "suspended": lead.get("resume_at"),
            "settled": ticket["rate_until"],
        }
        if state in ("rated", "unrated"):
            if (due is None) != called:
                yield "put away while a meeting is called, or never"
        elif due != wanted.get(state):
            yield f"next due {due}, not {wanted.get(state)}"

    def history(self, ticket, legs, events):
        co = {leg["id"] for leg in legs if leg["role"] == "co"}
        mine = [event for event in events if event["leg_id"] not in co]
        if mine[0]["state_before"] not in ("", mine[0]["state_after"]) or mine[-1]["state_after"] != ticket["state"]:
            yield "the record does not end where the request is"
        for leg in legs:
            parts = [event for event in events if event["leg_id"] == leg["id"]] if leg["id"] in co else []
            yield from broken(parts)
            if parts and parts[-1]["state_after"] != leg["state"] and leg["ended"] in (None, "returned"):
                yield f"the record of leg {leg['seq']} does not end in {leg['state']}"
        yield from broken(mine)
        if any(one["at"] > other["at"] for one, other in pairwise(events)):
            yield "the record goes back in time"

    def dates(self, ticket, legs, events):
        first = self.promises.setdefault(ticket["id"], ticket["respond_due_at"])
        merged = any(event["action"] == "merge" and "merged" in str(event["data"]) for event in events)
        if ticket["respond_due_at"] > first or (ticket["respond_due_at"] < first and not merged):
            yield "the resident's promise moved"
        for leg in legs:
            original = self.originals.setdefault(leg["id"], leg["settle_due_original"])
            if leg["settle_due_original"] != original:
                yield f"the original date of leg {leg['seq']} is lost"
            sooner = leg["settle_due_at"] < original
            if sooner and not (merged or leg["binding"] or leg["promise_at"]):
                yield f"leg {leg['seq']} is due sooner than at first"
        known = self.first_units.setdefault(ticket["id"], ticket["first_unit_id"])
        if known is None:
            self.first_units[ticket["id"]] = ticket["first_unit_id"]
        elif known != ticket["first_unit_id"]:
            yield "who was asked first has changed"

    def settlements(self, ticket, legs, events, evidence, credits):
        by_id = {leg["id"]: leg for leg in legs}
        for leg in legs:
            if leg["state"] == "settled" and not (evidence[leg["id"]] and leg["result"] and leg["settled_at"]):
                yield f"leg {leg['seq']} is settled without evidence"
        for event in events:
            if event["action"] == "settle" and event["person_id"] in (None, by_id[event["leg_id"]]["handler_id"]):
                yield "somebody settled their own doing"
        for lead in (leg for leg in legs if leg["role"] == "lead" and leg["state"] == "settled"):
            fixed = {row["leg_id"] for row in credits if row["settlement_id"] == lead["id"]}
            later = [leg["seq"] for leg in legs if leg["role"] == "lead" and leg["seq"] > lead["seq"]]
            helped = range(lead["seq"], min(later, default=len(legs) + 1))
            due = {leg["id"] for leg in legs if leg["seq"] in helped and leg["state"] == "settled"}
            if fixed != due:
                yield f"the merit of leg {lead['seq']} went to {fixed}, not {due}"
        if ticket["state"] in SETTLED and None in (ticket["settled_at"], ticket["credited_unit_id"]):
            yield "settled, but nobody knows when or by whom"

    def decisions(self, ticket, legs, applications, meetings):
        ended = {leg["id"] for leg in legs if leg["state"] not in HELD}
        for asked in applications:
            if asked["decided_by_id"] is not None and asked["decided_by_id"] == asked["asked_by_id"]:
                yield "somebody decided what they asked for"
            waits = asked["state"] == "open" and asked["kind"] != "exclusion"
            if waits and (ticket["state"] in CLOSED or asked["leg_id"] in ended):
                yield f"{asked['kind']} waits for a decision that matters no more"
        called = [meeting for meeting in meetings if meeting["decided_at"] is None]
        if called and ticket["state"] not in {"dispatched", "signed", "handling", "suspended", "returned", "rated"}:
            yield "a meeting is called that cannot decide"

    def parcels(self, legs):
        """Between settlements: no pair of units returns it twice, no unit hands it to another twice, nobody twice
        takes it back from the same."""
        returns, handed, recalled = Counter(), Counter(), Counter()
        for one, other in pairwise([leg for leg in legs if leg["role"] == "lead"]):
            if one["state"] == "settled":
                returns, handed, recalled = Counter(), Counter(), Counter()
            if one["ended"] == "returned":
                returns[frozenset({one["unit_id"], other["unit_id"]})] += 1
            if one["ended"] in ("escalated", "delegated"):
                handed[one["unit_id"], other["unit_id"]] += 1
            if one["ended"] == "recalled":
                recalled[one["unit_id"]] += 1
            for name, counted in (("returned", returns), ("handed on", handed), ("taken back", recalled)):
                if max(counted.values(), default=0) > 1:
                    yield f"{name} twice between the same"

    def reach(self, ticket, legs):
        lying = [ticket["path"], *(leg["path"] for leg in legs)]
        wanted = {code for path in lying for code in path.strip("/").split("/")[1:]}
        rows = self.rows("SELECT place, state FROM ticket_reach WHERE ticket_id = :id", id=ticket["id"])
        if {row["place"] for row in rows} != wanted:
            yield "it is in reach of others than the units that have to do with it"
        if {row["state"] for row in rows} - {ticket["state"]}:
            yield "its reach has another state"


def broken(events):
    for one, other in pairwise(events):
        if one["state_after"] != other["state_before"]:
            yield f"{one['action']} left {one['state_after']}, {other['action']} found {other['state_before']}"
