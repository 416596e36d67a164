"""A file as text: encodings, notebook cells, magics, positions and suppression comments."""
