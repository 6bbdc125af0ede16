"""The command line: `switchboard`, a module a room, each importing that room alone."""
