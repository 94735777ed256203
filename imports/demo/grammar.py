"""Turns a phrase with `[a|b]` and `{slot}` into text. Compiled once, drawn from a million times."""

import re
from collections.abc import Callable
from typing import Any

SLOTS = (
    *("home", "spot", "field", "road", "estate", "days", "clock", "village", "town", "count", "money", "age", "bus"),
    *("floor", "month", "firm", "result"),
)  # fmt: skip
PIECE = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")

Chance = Callable[[], float]
Phrase = tuple[Any, ...]
"""Text, the number of a slot, or a list of phrases to choose from."""


def compiled(text: str) -> Phrase:
    parts: list[Any] = []
    last = 0
    for found in PIECE.finditer(text):
        parts += [text[last : found.start()]] if found.start() > last else []
        parts.append(SLOTS.index(found[2]) if found[2] else [compiled(each) for each in found[1].split("|")])
        last = found.end()
    return (*parts, text[last:]) if last < len(text) else tuple(parts)


def all_compiled(texts: tuple[str, ...]) -> list[Phrase]:
    return [compiled(text) for text in texts]


def render(phrase: Phrase, chance: Chance, slots: list[str], say: Callable[[str], None]) -> None:
    for part in phrase:
        if type(part) is str:
            say(part)
        elif type(part) is int:
            say(slots[part])
        else:
            render(part[int(chance() * len(part))], chance, slots, say)


def one_of(phrases: list[Phrase], chance: Chance, slots: list[str]) -> str:
    said: list[str] = []
    render(phrases[int(chance() * len(phrases))], chance, slots, said.append)
    return "".join(said)
