"""Who of the invented people has an account: some at every level, the first of each role belonging together."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy.orm import Session

from imports.demo.ground import Holders
from imports.demo.places import Place, Tree
from imports.demo.staff import Staff
from imports.samples.accounts import SignIn
from models.accounts import open_account
from models.people import Person
from rules.roles import Role
from rules.units import UnitKind

Post = tuple[Role, int, Place]
LEVELS = {
    UnitKind.DISTRICT: 2,
    UnitKind.TOWN: 3,
    UnitKind.DEPARTMENT: 4,
    UnitKind.FIRM: 4,
    UnitKind.VILLAGE: 5,
    UnitKind.STATION: 6,
    UnitKind.GRID: 7,
}


def chosen(tree: Tree, staff: Staff, most: int) -> list[Post]:
    """The busiest village and its town first, then from the top down until there are enough."""
    home = max(tree.living_villages, key=lambda each: (each.households or 0) * (2 if each.is_urban else 1))
    near = {home.id: 0, home.parent.id if home.parent else 0: 1}
    posts = [post for post in once(staff.posts) if post[2].kind in LEVELS]
    kept, wide = [], Counter[UnitKind]()
    for post in sorted(posts, key=lambda post: near.get(post[2].id, LEVELS[post[2].kind])):
        kind = post[2].kind
        if post[2].id in near or kind in (UnitKind.DISTRICT, UnitKind.TOWN) or wide[kind] < most // 4:
            wide[kind] += post[2].id not in near
            kept.append(post)
    return kept[:most]


def once(posts: list[Post]) -> Iterator[Post]:
    """One of each role in a unit; all of them in the district's own offices."""
    seen: set[tuple[Role, int]] = set()
    for role, person, place in posts:
        if place.kind is UnitKind.DISTRICT or (role, place.id) not in seen:
            seen.add((role, place.id))
            yield role, person, place


def holders(posts: list[Post]) -> Holders:
    found: Holders = {}
    for role, person, place in posts:
        found.setdefault(place.id, {}).setdefault(role, []).append(person)
    return found


def open_accounts(session: Session, posts: list[Post], password_hash: str) -> list[SignIn]:
    """All of them with one password; `handler`, `handler2` …"""
    number: Counter[Role] = Counter()
    opened = []
    for role, person_id, place in posts:
        number[role] += 1
        name = role.value if number[role] == 1 else f"{role.value}{number[role]}"
        person = session.get_one(Person, person_id)
        account = open_account(session, person, name, None, {role})
        account.user.password = password_hash
        opened.append(SignIn(role, name, person.name, place.name))
    session.flush()
    return opened


def first_of_each_role(rows: list[SignIn]) -> list[SignIn]:
    return list({row.role: row for row in reversed(rows)}.values())[::-1]
