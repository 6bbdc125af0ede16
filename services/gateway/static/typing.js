/** What the fields share in which a person writes messages. */

const MOST_CHARACTERS = 4000;

/** How many characters of a text are too many for one message; negative while there is room. */
export const charactersOver = (text) => [...text.trim()].length - MOST_CHARACTERS;

/** Whether a text can be sent. */
export const isSendable = (text) => text.trim() !== "" && charactersOver(text) <= 0;

/** Whether a pressed key sends. While a word is being composed (Chinese, Japanese), Enter belongs to the
 * input method; Safari ends the composition before its keydown and tells so by key code 229 only. */
export function sendsBy(event) {
  const composing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing;
}

/** As high as what is written in it. */
export function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
