"""Reads Rasa's files into plain data. No network, no models, no decisions about a conversation."""
