"""The figures of an October counted by hand: an oracle that shares nothing with models.figures."""

from tests.stage import at


def in_october_as_due(moment, as_of):
    return moment is not None and at("2026-10-01 00:00") < moment <= at("2026-11-01 00:00") and moment <= as_of


def in_october(moment, as_of):
    return moment is not None and at("2026-10-01 00:00") <= moment < at("2026-11-01 00:00") and moment <= as_of


def told(fact, as_of):
    """(figure, unit, "met" | "missed" | "unknown") for each way a ticket is counted, said in plain Python."""
    for leg in fact["legs"]:
        has_clock = leg["role"] == "lead" or leg["sign_due_at"] is not None
        if has_clock and in_october_as_due(leg["sign_due_at"] or leg["submitted_at"], as_of):
            if leg["sign_due_at"] is None or (leg["signed_at"] is None and leg["state"] != "dispatched"):
                yield "sign", leg["unit"], "unknown"
            else:
                in_time = leg["signed_at"] is not None and leg["signed_at"] <= leg["sign_due_at"]
                yield "sign", leg["unit"], "met" if in_time else "missed"
        if leg["role"] == "lead" and in_october_as_due(leg["settle_due_at"] or leg["settled_at"], as_of):
            due, settled, result = leg["settle_due_at"], leg["settled_at"], leg["result_at"]
            if leg["state"] == "pending_review" and due and result and result <= due:
                continue
            if due is None or (settled is None and leg["state"] == "settled"):
                yield "on_time", leg["unit"], "unknown"
            else:
                yield "on_time", leg["unit"], "met" if settled is not None and settled <= due else "missed"
    accepted_at = fact["accepted_at"] or fact["submitted_at"]
    if fact["state"] not in ("submitted", "declined") and in_october(accepted_at, as_of):
        if fact["lead"] is None:
            yield "settle", fact["place"], "unknown"
        else:
            settled = fact["settled_at"] is not None and fact["settled_at"] <= as_of
            yield "settle", fact["lead"], "met" if settled else "missed"
    for rating in fact["ratings"]:
        if rating["scored"] and in_october(rating["at"], as_of):
            yield "satisfaction", rating["unit"], "met" if rating["stars"] >= 4 else "missed"
