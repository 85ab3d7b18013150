"""The API's keys: desk keys, desk keys make, desk keys revoke."""

from enum import Enum
from typing import Annotated

import typer

from desk.cli_parts import console, ready

keys_app = typer.Typer(invoke_without_command=True)


class KeyScope(Enum):
    """What a key may do; control includes read."""

    READ = "read"
    CONTROL = "control"


@keys_app.callback()
def keys(context: typer.Context) -> None:
    """List the API's keys; make and revoke them."""
    from rich.table import Table

    from desk.keys import list_keys

    if context.invoked_subcommand is not None:
        return
    with ready() as (_, database):
        found = list_keys(database)
    table = Table("id", "name", "scope", "made", "revoked", box=None)
    for key in found:
        revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        made = f"{key.created_at:%Y-%m-%d %H:%M}"
        table.add_row(key.key_id, key.name, key.scope, made, revoked)
    console.print(table if found else "no key yet; desk keys make NAME")


@keys_app.command("make")
def make(
    name: Annotated[str, typer.Argument(help="Who will hold it.")],
    scope: Annotated[
        KeyScope, typer.Option(help="control may halt and resume besides.")
    ] = KeyScope.READ,
) -> None:
    """Make a key and print it: this once, it is stored as a hash."""
    from desk.keys import make_key

    if not name.strip():
        raise typer.BadParameter("say who will hold it", param_hint="NAME")
    with ready() as (_, database):
        print(make_key(database, name.strip(), scope.value))


@keys_app.command("revoke")
def revoke(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Its name or id.")],
) -> None:
    """Revoke a key: no request is answered, and its live feeds end, at once."""
    from desk.keys import revoke_key

    with ready() as (settings, database):
        revoked = revoke_key(database, settings.home, wanted)
    console.print(f"revoked {revoked.name} ({revoked.key_id})")
