"""What a password must be."""

from rules.policy import Policy
from rules.refusals import N_, Refusal


def check_password(password: str, user_name: str, policy: Policy) -> None:
    if len(password) < policy.password_length:
        raise Refusal(N_("A password has at least %(count)s characters"), count=policy.password_length)
    if not any(each.isalpha() for each in password) or not any(each.isdigit() for each in password):
        raise Refusal(N_("A password has both letters and digits"))
    if user_name and user_name.lower() in password.lower():
        raise Refusal(N_("A password must not contain the user name"))
