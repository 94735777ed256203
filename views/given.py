"""What a program gives, in a body or an argument: held against what a form or an address would take."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import prison
from flask_appbuilder.exceptions import FABException
from flask_babel import gettext

from rules.refusals import N_
from views.asking import MOST_ASKED

UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and halves of characters: nobody types one, and not every database keeps it."""
STRANGE = N_("There are characters in it that cannot be kept")


def problems(
    data: Any, choices: Mapping[str, Any], columns: Iterable[str], given: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Column → what a form would say of its value."""
    told = {each: problem(data, choices.get(each), each, given[each]) for each in columns if each in given}
    return {column: [said] for column, said in told.items() if said}


def problem(data: Any, labels: Mapping[Any, str] | Callable[[], Any] | None, column: str, value: Any) -> str | None:
    """Related rows are named by id and must lie in scope; anything else is as good as unknown."""
    if data.is_relation(column):
        known = value is None or data.get_related_obj(column, value) is not None
        return None if known else gettext("Not a valid choice")
    if not isinstance(value, str):
        return None
    if UNREADABLE.search(value):
        return gettext(STRANGE)
    if not value.strip():
        return None if data.is_nullable(column) else gettext("This must not be empty")
    offered = labels if labels is None or isinstance(labels, Mapping) else dict(labels())
    return None if offered is None or value in offered else gettext("Not a valid choice")


def filters_in_texts(filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As an address has them. Raises what FAB answers with 400."""
    asked = [each | {"value": texts(each["value"])} for each in filters]
    values = [text for each in asked for text in each["value"]]
    if len(values) > MOST_ASKED:
        raise FABException(gettext("Ask for no more than %(count)s values at once", count=MOST_ASKED))
    if any(map(UNREADABLE.search, values)):
        raise FABException(gettext(STRANGE))
    return asked


def texts(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def breaks_the_parser(argument: str) -> bool:
    """FAB catches what its parser says, but not what int() and a stack too deep say inside it."""
    try:
        prison.loads(argument or "()")
    except prison.decoder.ParserException:
        return False
    except (ValueError, RecursionError):
        return True
    return False
