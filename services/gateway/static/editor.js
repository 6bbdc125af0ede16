/** Another wording of one's own message, written where it stands. */

import { el } from "./dom.js";
import { say } from "./i18n.js";
import { fit, isSendable, sendsBy } from "./typing.js";

/** Puts a form in the place of `shown`; `on` has send(text) and cancel(). Escape cancels. */
export function openEditor(shown, text, on) {
  const field = el("textarea", { rows: "1", "aria-label": say("editMessage"), enterkeyhint: "send" });
  const send = el("button", { type: "submit", class: "primary" }, say("send"));
  const cancel = el("button", { type: "button", onclick: () => on.cancel() }, say("cancel"));
  const form = el("form", { class: "editor" }, field, el("div", { class: "row" }, cancel, send));
  const changed = () => {
    send.disabled = !isSendable(field.value);
    fit(field);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isSendable(field.value)) on.send(field.value.trim());
  });
  field.addEventListener("input", changed);
  form.addEventListener("keydown", (event) => pressed(event, form, on));
  field.value = text;
  shown.replaceWith(form);
  changed();
  field.focus();
}

function pressed(event, form, on) {
  // Escape would stop the answer elsewhere on the page.
  if (event.key === "Escape" && !event.isComposing) {
    event.stopPropagation();
    on.cancel();
  } else if (event.target.tagName === "TEXTAREA" && sendsBy(event)) {
    event.preventDefault();
    form.requestSubmit();
  }
}
