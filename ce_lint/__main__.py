"""The command `ce-lint`, which is `python -m ce_lint`, too."""

import atexit
import gc

_COLLECT_AFTER = 100_000
"""Allocations: the collector finds next to nothing in a run that ends soon, and looks through all that is imported."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_COLLECT_AFTER)
    # When Python ends, it looks for circles among all that is left, which takes as long as the check of a small file.
    atexit.register(gc.freeze)
    # Imported here, when the collector has been told.
    from ce_lint.cli.main import main as run

    run(prog_name="ce-lint")


if __name__ == "__main__":
    main()
