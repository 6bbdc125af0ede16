"""Tells how good a bot is: conversations run against it, and sentences that it has not seen."""
