"""One file a channel: authenticate the raw body, then parse the Update into Arrivals. No network."""
