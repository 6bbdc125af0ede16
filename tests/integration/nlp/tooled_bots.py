"""Two small bots with a form and a skill, and a model in front of or behind their rules."""

from pathlib import Path

PIPELINE = "pipeline: [{name: FallbackClassifier, threshold: 0.6}]"
NLU = """
nlu:
  - intent: greet
    examples: "- hello\\n- hi there\\n- good day"
  - intent: thank
    examples: "- thanks\\n- thank you\\n- many thanks"
"""
DOMAIN = """
intents: [greet, thank]
slots:
  city:
    type: text
    mappings: [{type: from_text, conditions: [{active_loop: booking_form, requested_slot: city}]}]
forms:
  booking_form: {required_slots: [city]}
responses:
  utter_greet: [{text: Hello from a rule.}]
  utter_thank: [{text: Thanks from a rule.}]
  utter_ask_city: [{text: Which city?}]
  utter_booked: [{text: "Booked in {city}."}]
"""
RULES = """
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: thank, steps: [{intent: thank}, {action: utter_thank}]}
  - rule: booked
    condition: [{active_loop: booking_form}]
    steps: [{action: booking_form}, {active_loop: null}, {action: utter_booked}]
"""
PROMPTS = """
personas:
  plain:
    instructions:
      - You are plain.
      - {needs_tool: web_search, text: Look things up.}
default: plain
"""

SKILL = """
from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.skills.base import Answer, Choice, SkillProblem


class Bird:
    name = "bird"
    description = "Tells of a bird."
    parameters = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    hosts = ()

    async def run(self, asked):
        name = asked.text("name")
        if name == "dodo":
            raise SkillProblem("skill_unavailable")
        if name == "any owl":
            choices = tuple(Choice(f"{kind} owl", {"name": kind}) for kind in ("Barn", "Snowy"))
            return Answer(Reply(text="Which owl?"), {}, choices)
        if name == "phoenix":
            raise RuntimeError(name)
        if name == "heard" and "song" not in asked.results:
            return TurnNeed(call_id="song", kind="slack.replies", args={"limit": 1})
        if name == "heard":
            (message,) = asked.results["song"].value["messages"]
            return Answer(Reply(text="It sang."), {"heard": message["text"]})
        return Answer(Reply(text="It has two legs.", image=f"https://example.org/{name}.png"), {"legs": 2})


def create(kit):
    return Bird()
"""


def write(folder: Path) -> Path:
    """`behind` asks its rules first, `before` the model first; returns their folder."""
    for name, engines in (("behind", "[dialogue, llm]"), ("before", "[llm, dialogue]")):
        bot = folder / name
        bot.mkdir(parents=True)
        config = f"language: en\nengines: {engines}\n{PIPELINE}\nskills: [bird]\n"
        for file, text in {"config": config, "nlu": NLU, "domain": DOMAIN, "rules": RULES}.items():
            (bot / f"{file}.yml").write_text(text, "utf-8")
        (bot / "skills").mkdir()
        (bot / "skills" / "bird.py").write_text(SKILL, "utf-8")
        (bot / "prompts.yml").write_text(PROMPTS, "utf-8")
    return folder
