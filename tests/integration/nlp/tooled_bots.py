"""Two small bots with a form, and a model in front of or behind their rules."""

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


def write(folder: Path) -> Path:
    """`behind` asks its rules first, `before` the model first; returns their folder."""
    for name, engines in (("behind", "[dialogue, llm]"), ("before", "[llm, dialogue]")):
        bot = folder / name
        bot.mkdir(parents=True)
        config = f"language: en\nengines: {engines}\n{PIPELINE}\n"
        for file, text in {"config": config, "nlu": NLU, "domain": DOMAIN, "rules": RULES}.items():
            (bot / f"{file}.yml").write_text(text, "utf-8")
        (bot / "prompts.yml").write_text(PROMPTS, "utf-8")
    return folder
