"""Roles and their rights, as `flask init` writes them; the security administrator edits the rows afterwards."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import AppBuilder

from models.rights import OfferedRight
from rules.roles import ROLE_LABELS
from views.rights import GRANTS


def grant_defaults(appbuilder: AppBuilder) -> None:
    """Makes roles and permissions. A role that exists is given what it was never given; the rest stays as the security
    administrator left it."""
    manager: Any = appbuilder.sm
    appbuilder.add_permissions(update_perms=True)
    known = sa.select(OfferedRight.role, OfferedRight.permission, OfferedRight.noun)
    offered = {tuple(row) for row in manager.session.execute(known)}
    for role in ROLE_LABELS:
        is_new = manager.find_role(role.value) is None
        row = manager.add_role(role.value)
        for right, roles in GRANTS.items():
            if role in roles and (is_new or (role, *right) not in offered):
                manager.session.merge(OfferedRight(role=role, permission=right[0], noun=right[1]))
                manager.add_permission_role(row, manager.add_permission_view_menu(*right))
    manager.session.commit()
