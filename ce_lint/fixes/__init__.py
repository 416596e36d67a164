"""Findings → text edits that turn them right, and how they are written to files."""
