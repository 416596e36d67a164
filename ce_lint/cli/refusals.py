"""What a command refuses."""

from __future__ import annotations

import click


class Refused(click.ClickException):
    """A path, a configuration, a baseline or a revision that cannot be meant, and why, in one line.

    How the command is called is not said, as with wrong options: that is not what has to be changed.
    """

    exit_code = click.UsageError.exit_code
