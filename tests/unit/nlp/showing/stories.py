"""Stories in few words, for the tests of their pictures."""

from services.nlp.formats.story import ActionStep, CheckpointStep, LoopStep, OrStep, Step, Story, UserStep


def story(name: str, *steps: str | Step | OrStep) -> Story:
    """`*greet` is what a person says, `>name` a checkpoint, `+form` and `-form` its begin and end."""
    return Story(name, tuple(step_of(step) if isinstance(step, str) else step for step in steps))


def step_of(word: str) -> Step:
    """One step in short."""
    if word.startswith("*"):
        return UserStep(word[1:])
    if word.startswith(">"):
        return CheckpointStep(word[1:])
    if word.startswith("+"):
        return LoopStep(word[1:])
    return LoopStep(None) if word.startswith("-") else ActionStep(word)
