"""ID numbers (GB 11643), credit codes (GB 32100) and telephones: what is wrong with one, and how it is shown.

The first six digits of an ID number are never checked: Fuyang alone has had 330123, 330183 and 330111.
"""

import re
import unicodedata
from datetime import date
from operator import mul

from rules.refusals import N_

ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK_DIGITS = "10X98765432"

CREDIT_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE = re.compile(f"[{CREDIT_CODE_CHARACTERS}]{{18}}")

MOBILE = re.compile(r"1[3-9][0-9]{9}")
TELEPHONE = re.compile(r"1[3-9]\d{9}|0?\d{7,12}|[48]00\d{7}|\d{3,6}")
MOBILES = re.compile(r"(?<!\d)[1１][3-9３-９](?:[\s\-‐-―]?\d){9}(?!\d)")
NOT_DIGITS = re.compile(r"[\s\-‐-―]")
LONGEST_NAME = 500


def half_width(text: str) -> str:
    """Full-width letters and figures as narrow ones. What is longer than any name or number stays as it is: to put the
    marks over its letters in order takes the square of their number."""
    return unicodedata.normalize("NFKC", text) if len(text) <= LONGEST_NAME else text


def clean_digits(text: str) -> str:
    """Full-width to half-width, small x to X, no spaces or hyphens."""
    return NOT_DIGITS.sub("", half_width(text)).upper()


def is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def id_number_problem(text: str) -> str | None:
    """A msgid, or None. Expects what clean_digits returns."""
    if not ID_NUMBER.fullmatch(text):
        return N_("An ID number has 17 digits and a last digit or X")
    if not is_date(f"{text[6:10]}-{text[10:12]}-{text[12:14]}"):
        return N_("The date of birth in the ID number does not exist")
    weighted = sum(map(mul, map(int, text[:17]), ID_WEIGHTS))
    if text[-1] != ID_CHECK_DIGITS[weighted % 11]:
        return N_("The check digit of the ID number is wrong")
    return None


def credit_code_problem(text: str) -> str | None:
    """A msgid, or None. Expects what clean_digits returns."""
    if not CREDIT_CODE.fullmatch(text):
        return N_("A credit code has 18 digits or capital letters, without I, O, S, V and Z")
    if text[-1] != credit_code_check(text[:-1]):
        return N_("The check digit of the credit code is wrong")
    return None


def credit_code_check(stem: str) -> str:
    """The eighteenth character."""
    weighted = sum(CREDIT_CODE_CHARACTERS.index(each) * pow(3, place, 31) for place, each in enumerate(stem))
    return CREDIT_CODE_CHARACTERS[-weighted % 31]


def is_telephone(text: str) -> bool:
    """A mobile, a line with or without its area, a service number."""
    return TELEPHONE.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    return MOBILE.fullmatch(text) is not None


def masked(text: str, head: int, tail: int) -> str:
    """A text too short to hide at least four characters is hidden whole."""
    hidden = len(text) - head - tail
    return text[:head] + "*" * hidden + text[-tail:] if hidden >= 4 else "*" * len(text)


def mask_id_number(text: str) -> str:
    return masked(text, 3, 4)


def mask_mobile(text: str) -> str:
    return masked(text, 3, 4)


def mask_mobiles(text: str) -> str:
    """Every mobile in a text, however it is spaced."""
    return MOBILES.sub(lambda found: mask_mobile(clean_digits(found[0])), text)


def mask_name(text: str) -> str:
    return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)
