"""Stand-ins 代办: while somebody is absent, a colleague of the same unit handles what is theirs."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.arranging import arrange, take_off
from models.stand_ins import StandIn
from rules.workdays import local_date
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

AGREED = ["absent", "stand_in", "from_on", "to_on", "reason"]


class StandInView(ScopedView):
    route_base = "/stand-ins"
    datamodel = ScopedInterface(StandIn, eager=[joinedload(StandIn.absent), joinedload(StandIn.stand_in)])
    exclude_route_methods = {"download"}
    list_title, show_title = _("Stand-ins"), _("Stand-in")
    add_title, edit_title = _("Arrange a stand-in"), _("Change a stand-in")
    label_columns = {
        "absent": _("Absent"),
        "stand_in": _("Stands in"),
        "from_on": _("First day"),
        "to_on": _("Last day"),
        "reason": _("Reason"),
    }
    description_columns = {
        "absent": _("A handler of the unit: yourself or, if you lead the unit, somebody in it"),
        "stand_in": _("Somebody of the same unit, who may do what a handler may until the last day"),
    }
    list_columns = show_columns = add_columns = AGREED
    edit_columns = ["to_on", "reason"]
    search_columns = ["absent", "stand_in", "from_on", "to_on"]
    order_columns = ["from_on", "to_on"]
    base_order = ("from_on", "desc")

    def pre_add(self, agreed: StandIn) -> None:
        arrange(db.session(), agreed, me(), local_date(now()))

    pre_update = pre_add

    def pre_delete(self, agreed: StandIn) -> None:
        take_off(agreed, me(), local_date(now()))
