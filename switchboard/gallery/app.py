"""`switchboard gallery`: its commands."""

import typer

from switchboard.gallery import building, moving, people, questions, reporting

app = typer.Typer(no_args_is_help=True, help="Build galleries, look into them, ask them.")
app.command()(building.build)
app.command()(reporting.report)
app.command("list")(people.list_people)
app.command()(people.add)
app.command("enroll", hidden=True)(people.add)
app.command()(people.remove)
app.command()(moving.export)
app.command("import")(moving.import_)
app.command()(questions.verify)
app.command()(questions.find)
