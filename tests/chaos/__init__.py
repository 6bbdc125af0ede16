"""`make chaos`: traffic and faults from one seed, and an oracle that checks what the design promises."""
