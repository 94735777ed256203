"""Roles and their rights, as `flask init` first writes them; the security administrator edits the rows afterwards."""

from typing import Any

from flask_appbuilder import AppBuilder

from rules.roles import ROLE_LABELS
from views.rights import GRANTS


def grant_defaults(appbuilder: AppBuilder) -> None:
    """Makes roles and permissions. What existed before stays as the security administrator left it."""
    manager: Any = appbuilder.sm
    known = {(row.permission.name, row.view_menu.name) for row in manager.session.query(manager.permissionview_model)}
    appbuilder.add_permissions(update_perms=True)
    for role in ROLE_LABELS:
        kept = manager.find_role(role.value)
        row = kept or manager.add_role(role.value)
        for (permission, view), roles in GRANTS.items():
            if role in roles and (kept is None or (permission, view) not in known):
                manager.add_permission_role(row, manager.add_permission_view_menu(permission, view))
