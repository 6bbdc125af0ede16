"""What the rooms say to one another: data, names and the text of the scripts. No I/O, no decisions."""
