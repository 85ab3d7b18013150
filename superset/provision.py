"""Superset's tables, rights and accounts; run by its own Python, any number of times.

One process instead of `superset db upgrade`, `superset init` and two `fab
create-user`, each of which takes ten seconds to import Superset.
"""

import os
from pathlib import Path

from flask_migrate import upgrade
from superset.app import create_app

import superset

VIEWER = "Desk viewer"
# What a dashboard asks of its reader, beyond what Superset gives an anonymous one.
VIEWER_RIGHTS = {
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "Database"),
    ("can_read", "Dataset"),
    ("can_log", "Superset"),
    ("can_userinfo", "UserDBModelView"),
    ("menu_access", "Dashboards"),
    ("resetmypassword", "UserDBModelView"),
}


def provision() -> None:
    """Bring the database up to date; make what is missing, keep what is there."""
    from superset import appbuilder, db, security_manager

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()

    viewer = security_manager.add_role(VIEWER)
    for right in security_manager.PUBLIC_ROLE_PERMISSIONS | VIEWER_RIGHTS:
        if found := security_manager.find_permission_view_menu(*right):
            security_manager.add_permission_role(viewer, found)
    for name, role in (("admin", "Admin"), ("viewer", VIEWER)):
        password = os.environ[f"SUPERSET_{name.upper()}_PASSWORD"]
        account = security_manager.find_user(name)
        if account is None:
            security_manager.add_user(
                name,
                "Desk",
                name,
                f"{name}@desk.local",
                security_manager.find_role(role),
                password,
            )
        else:
            security_manager.reset_password(account.id, password)
    db.session.commit()


if __name__ == "__main__":
    with create_app().app_context():
        provision()
