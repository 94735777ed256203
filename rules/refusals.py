"""Refusals: sentences for the user. A msgid and its values; views translate."""


def N_(msgid: str) -> str:  # noqa: N802
    """Marks a text for the catalogue where nothing may be translated yet."""
    return msgid


class Term(str):
    """A value that is itself a msgid and is translated before it is put into the sentence."""

    __slots__ = ()


class Refusal(Exception):
    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message
