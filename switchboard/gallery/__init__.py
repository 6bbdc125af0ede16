"""The commands that build, look into and ask galleries."""
