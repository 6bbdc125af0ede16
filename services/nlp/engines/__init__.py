"""What can answer a turn. Each engine is one file behind one Protocol."""
