"""One file a channel: render, send, stream, fetch a file."""
