"""Texts as they are written, every space of them: what is needed to edit them, and to see each use of a value."""
