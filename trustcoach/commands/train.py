"""`trustcoach train`: rebuild the classifier from labelled conversations."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("train")
@click.argument("data", type=click.Path(path_type=Path), default=Path("data/corpus"))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("models/en"), show_default=True, help="Folder of the model."
)
@click.option("--language", default="en", show_default=True, help="Language pack whose rules are features.")
@click.option(
    "--rules", "extra", multiple=True, type=click.Path(path_type=Path), help="Rules of your own; may be repeated."
)
@click.option(
    "--real",
    type=click.Path(path_type=Path),
    metavar="LABELLED",
    help="Labelled real conversations to measure on; their figures go into the model card, they are not trained on.",
)
@click.option("--jobs", default=-1, show_default=True, help="Processes to use; -1 for all cores.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
def command(
    data: Path, out: Path, language: str, extra: tuple[Path, ...], real: Path | None, jobs: int, quiet: bool
) -> int:
    """Train the classifier on the labelled conversations in DATA (a file or folder; default data/corpus).

    The same data, rules and library versions give the same model. The model card README.md in the folder is written
    with what cross-validation measured.
    """
    from trustcoach.training.build import build_model
    from trustcoach.training.card import write_card

    say = (lambda _: None) if quiet else lambda text: click.echo(text, err=True)
    manifest = build_model(data, out, language=language, extra=extra, jobs=jobs, progress=say)
    measured = None
    if real is not None:
        from trustcoach.pipeline import Coach
        from trustcoach.training.evaluate import evaluate
        from trustcoach.training.labelled import read_labelled

        coach = Coach(language=language, rules=extra, model_folder=out, trust_model=True)
        measured = evaluate(read_labelled(real), coach)
    card = write_card(manifest, measured)
    if not quiet:
        click.echo(f"Wrote {manifest} and {card}")
    return 0
