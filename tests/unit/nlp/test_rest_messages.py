"""Replies as Rasa's REST channel sends them."""

from contracts.reply import Button, Reply
from services.nlp.rasa_api.shapes import messages_of


def test_each_part_of_a_reply_is_sent_and_buttons_without_a_text_are_not_lost() -> None:
    whole = Reply(
        text="hi",
        buttons=(Button(title="yes", payload="/affirm"),),
        image="https://x/y.png",
        custom={"attachment": {"a": 1}, "more": 2},
    )
    buttons = [{"title": "yes", "payload": "/affirm"}]
    assert messages_of("ann", [whole, Reply(buttons=whole.buttons)]) == [
        {"recipient_id": "ann", "text": "hi", "buttons": buttons},
        {"recipient_id": "ann", "image": "https://x/y.png"},
        {"recipient_id": "ann", "attachment": {"a": 1}},
        {"recipient_id": "ann", "custom": {"more": 2}},
        {"recipient_id": "ann", "buttons": buttons},
    ]
