"""The one Celery task: a wake. It carries no data, so losing one loses nothing."""

RUN_CONVERSATION = "switchboard.run_conversation"
"""Arguments: the conversation's id."""

QUEUE = "turns"
"""The Celery queue, and so the name of its list in Redis."""
