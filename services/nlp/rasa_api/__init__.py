"""Rasa's HTTP API over our engine, so that clients written for Rasa work."""
