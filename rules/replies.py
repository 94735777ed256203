"""Words an office keeps ready for its answers, with places for what differs from request to request."""

import re
from collections.abc import Mapping

from rules.refusals import N_, Refusal

NUMBER, TITLE, UNIT, DATE = "编号", "标题", "单位", "日期"
PLACES = (NUMBER, TITLE, UNIT, DATE)
PLACE = re.compile(r"\{([^{}]*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values[found[1]], text)


def check_places(text: str) -> None:
    """Raises Refusal for a place that nothing could fill."""
    for name in PLACE.findall(text):
        if name not in PLACES:
            listed = "".join(f"{{{each}}}" for each in PLACES)
            raise Refusal(N_("Nothing fills {%(name)s}; what can be filled in: %(listed)s"), name=name, listed=listed)
