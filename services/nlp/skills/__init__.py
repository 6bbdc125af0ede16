"""Capabilities behind actions, one file each."""
