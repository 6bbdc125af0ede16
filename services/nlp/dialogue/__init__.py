"""Deciding: the tracker, the rules, the actions. Plain functions over plain data."""
