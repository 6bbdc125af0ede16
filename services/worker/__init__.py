"""The worker acts: it runs turns, calls nlp and face, and speaks to the platforms."""
