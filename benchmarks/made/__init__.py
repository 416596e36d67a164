"""Projects of any size, made up."""
