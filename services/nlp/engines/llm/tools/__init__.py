"""What a language model may call: skills, the look-alike, the dialogue engine, a search of the web."""
