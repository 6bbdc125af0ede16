"""responses.md of Rasa 1: the answers of retrieval intents, `* faq/ask_name` above `- My name is …`."""

import re

from services.nlp.formats.bot import Bot, Variation
from services.nlp.formats.text_file import TextFile

_KEY = re.compile(r"\*\s*([^\s:{}/]+/[^\s:{}]+)$")


def holds_responses(lines: list[tuple[int, str]]) -> bool:
    """Whether every line that a person would say is a retrieval intent, and answered by a sentence."""
    asked = [line for _, line in lines if line.startswith("*")]
    answers = [line[1:].strip() for _, line in lines if line.startswith("-")]
    # a story about a retrieval intent is answered by the name of an action
    is_story = all(re.fullmatch(r"(utter|respond|action)_\S+", answer) for answer in answers)
    return bool(asked and answers) and all(map(_KEY.match, asked)) and not is_story


def read_responses(file: TextFile, bot: Bot) -> None:
    """Add the file's answers to the bot, as responses `utter_faq/ask_name`."""
    name = ""
    for number, line in file.lines:
        key = _KEY.match(line)
        if key:
            name = f"utter_{key[1]}"
        elif line.startswith("-") and name:
            text = line[1:].strip().replace("\\n", "\n")
            answer = Variation(text=text, file=file.name, line=number)
            bot.responses[name] = (*bot.responses.get(name, ()), answer)
        elif line.startswith("#") or not line:
            name = "" if line else name
        else:
            file.warn(number, "a line that is no answer is left out")
