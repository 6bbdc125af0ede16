"""From a bot's folder to a model that answers, and back from disk."""
