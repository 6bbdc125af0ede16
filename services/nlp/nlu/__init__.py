"""Understanding: from a sentence to an intent and entities."""
