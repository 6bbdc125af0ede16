"""`rasa_sdk.knowledge_base`: an action that looks things up and knows which of them a person means."""
