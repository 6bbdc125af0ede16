"""`switchboard gallery`: its commands."""

import typer

from switchboard.gallery import building, people, questions

app = typer.Typer(no_args_is_help=True, help="Build galleries, look into them, ask them.")
app.command()(building.build)
app.command("list")(people.list_people)
app.command()(people.add)
app.command("enroll", hidden=True)(people.add)
app.command()(people.remove)
app.command()(questions.verify)
app.command()(questions.find)
