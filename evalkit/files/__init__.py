"""Files from outside as grids of text: what is refused before it is opened, and how it is read."""
