"""Texts that say a number of the policy, made when they are shown."""

from collections.abc import Callable

from flask_babel import gettext

from views.dues import policy


class Said:
    """Unlike a lazy text of flask_babel, quiet while FAB looks through the attributes of a view it makes."""

    def __init__(self, text: Callable[[], str]) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text()


@Said
def password_rule() -> str:
    count = policy().password_length
    return gettext("At least %(count)s characters, letters and digits, without the user name", count=count)


@Said
def files_taken() -> str:
    return gettext(
        "Pictures (JPEG, PNG, WebP), PDF, Word or Excel; at most %(count)s, %(limit)s MB each",
        count=policy().upload_files,
        limit=policy().upload_megabytes,
    )


@Said
def sign_in_refused() -> str:
    return gettext(
        "Wrong user name or password, or an account locked for %(minutes)s minutes after %(count)s failures",
        minutes=policy().locked_minutes,
        count=policy().sign_in_failures,
    )
