"""The demo: a course site and the tool on this machine."""

import click

from lti_tool.cli.group import environment_settings, main, plain_errors
from lti_tool.demo.run import reset_demo, run_demo


@main.command()
@click.option("--reset", is_flag=True, help="Delete everything the demo keeps, and do not start it.")
@click.option(
    "--model-url", default="", help="Address of an OpenAI-compatible model server, e.g. http://localhost:11434/v1"
)
@click.option("--model", default="", help="Name of the model there. Without a model the tutor quotes passages.")
def demo(reset: bool, model_url: str, model: str) -> None:
    """Try the tool: starts it with a demo course site, and prints one address."""
    settings = environment_settings()
    with plain_errors():
        if reset:
            reset_demo(settings)
            click.echo("The demo's data are deleted.")
        else:
            run_demo(settings, model_url=model_url, model=model)
