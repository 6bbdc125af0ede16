"""The assistant's own actions: weather, numbers, and the course of a conversation."""
