"""Pictures of stories."""
