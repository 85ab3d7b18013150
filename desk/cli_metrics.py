"""The command `metrics`."""

import typer

from desk.cli_parts import ready

commands = typer.Typer()


@commands.command()
def metrics() -> None:
    """Print the desk's metrics in Prometheus' text format, as /metrics gives them.

    For the textfile collector of a node exporter, where the API is not up.
    """
    from desk.metrics import exposition, read_figures

    with ready() as (_, database), database.connect("reader") as conn:
        typer.echo(exposition(read_figures(conn)), nl=False)
