"""Words of the dictionary in sheets."""

import sqlalchemy as sa

from models.terms import Term, TermKind


class Words:
    """A word the dictionary does not know stands for itself; the commit adds it."""

    def __init__(self, connection: sa.Connection, kind: TermKind) -> None:
        self.connection = connection
        self.kind = kind
        self.codes = self._known()

    def _known(self) -> dict[str, str]:
        c = Term.__table__.c
        rows = self.connection.execute(sa.select(c.code, c.label).where(c.kind == self.kind.value)).all()
        return {word: code for code, label in rows for word in (label, code)}

    def code(self, word: str | None) -> str | None:
        return None if word is None else self.codes.get(word, word)

    def learn(self, words: list[str]) -> None:
        """Others, and earlier slices, may have learned some since the sheet was read."""
        known = self._known()
        fresh = [word for word in dict.fromkeys(words) if word not in known]
        if fresh:
            self.connection.execute(
                Term.__table__.insert(),
                [{"kind": self.kind.value, "code": word[:32], "label": word[:60], "position": 99} for word in fresh],
            )
