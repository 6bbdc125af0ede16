"""Who uses the language model how much, what it costs, what is still allowed; and figures of the chat."""
