"""What `make bench` runs; the table is results.md, the same rows as data results.json."""
