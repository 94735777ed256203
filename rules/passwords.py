"""What a password must be (office default)."""

from rules.refusals import N_, Refusal

SHORTEST = 10


def check_password(password: str, user_name: str) -> None:
    if len(password) < SHORTEST:
        raise Refusal(N_("A password has at least %(count)s characters"), count=SHORTEST)
    if not any(each.isalpha() for each in password) or not any(each.isdigit() for each in password):
        raise Refusal(N_("A password has both letters and digits"))
    if user_name and user_name.lower() in password.lower():
        raise Refusal(N_("A password must not contain the user name"))
