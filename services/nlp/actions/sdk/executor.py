"""`rasa_sdk.executor`: where an action's words are collected; bots import `Action`, `Tracker` from it too."""

from typing import Any

from services.nlp.actions.sdk.interfaces import Action, Tracker

__all__ = ["Action", "CollectingDispatcher", "Tracker"]

Message = dict[str, Any]


class CollectingDispatcher:
    """Takes what an action says. The other `utter_…` methods are those of Rasa 1.x."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def utter_message(
        self,
        text: str | None = None,
        image: str | None = None,
        json_message: dict[str, Any] | None = None,
        template: str | None = None,
        response: str | None = None,
        attachment: Any = None,
        buttons: list[dict[str, Any]] | None = None,
        elements: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Say a text, or a response of the domain; `kwargs` fill its gaps in place of slots."""
        named = response or template
        message: Message = {
            "text": text,
            "buttons": buttons or [],
            "elements": elements or [],
            "custom": json_message or {},
            "template": named,
            "response": named,
            "image": image,
            "attachment": attachment,
        }
        self.messages.append(message | kwargs)

    def utter_template(
        self, template: str, tracker: Any = None, silent_fail: bool = False, **kwargs: Any
    ) -> None:
        """A response of the domain."""
        self.utter_message(response=template, **kwargs)

    def utter_button_template(
        self,
        template: str,
        buttons: list[dict[str, Any]],
        tracker: Any = None,
        silent_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        """A response of the domain, and choices."""
        self.utter_message(response=template, buttons=buttons, **kwargs)

    def utter_button_message(self, text: str, buttons: list[dict[str, Any]], **kwargs: Any) -> None:
        """A text, and choices."""
        self.utter_message(text=text, buttons=buttons, **kwargs)

    def utter_attachment(self, attachment: Any, **kwargs: Any) -> None:
        """A file, or what a channel makes of it."""
        self.utter_message(attachment=attachment, **kwargs)

    def utter_elements(self, *elements: dict[str, Any], **kwargs: Any) -> None:
        """A carousel."""
        self.utter_message(elements=list(elements), **kwargs)

    def utter_custom_message(self, *elements: dict[str, Any], **kwargs: Any) -> None:
        """The same."""
        self.utter_message(elements=list(elements), **kwargs)

    def utter_custom_json(self, json_message: dict[str, Any], **kwargs: Any) -> None:
        """What only the channel understands."""
        self.utter_message(json_message=json_message, **kwargs)

    def utter_image_url(self, image: str, **kwargs: Any) -> None:
        """A picture."""
        self.utter_message(image=image, **kwargs)
