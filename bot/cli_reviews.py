"""The commands `jawab reviews …`; see bot.cli."""

import typer

reviews = typer.Typer(
    help="What staff marked in conversations, and reviewers put right.", no_args_is_help=True, rich_markup_mode=None
)


@reviews.command("export", epilog="Example:  jawab reviews export > examples.yaml")
def reviews_export() -> None:
    """Print wrong answers that were put right, as examples for training.

    Read them before you use them. An example with an intent goes into data/nlu/<topic>.<language>.yml under that
    intent, without the service's name where the question does not say it; one with a service and no intent becomes a
    phrasing of that service in data/catalogue; one with a FAQ entry a phrasing of that entry at /desk/faq. Then
    `jawab train`, and `jawab eval` to see that nothing else became worse. Telephone and identity numbers are masked;
    names are not: take them out.
    """
    from bot.ops.reviews import export

    count = export(typer.get_text_stream("stdout"))
    typer.echo(f"Examples: {count}", err=True)
