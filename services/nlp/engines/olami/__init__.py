"""OLAMI: a service that understands Chinese and answers from its own modules."""
