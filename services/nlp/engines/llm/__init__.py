"""The language model: any OpenAI-compatible server, streamed, stoppable, remembered."""
