/** The conversations that were had in this browser, and a list to go back to one. */

import { el } from "./dom.js";
import { moment, say } from "./i18n.js";

const KEPT = "switchboard.conversations";
const MOST = 50;
const LONGEST_TITLE = 80;

/** Newest first: {id, title, at}. */
function list() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

const keep = (conversations) => localStorage.setItem(KEPT, JSON.stringify(conversations.slice(0, MOST)));

/** Keeps a conversation's place in the list, by the first thing that was said in it; one without words is not kept. */
export function remember(id, state) {
  const said = state.lines.find((line) => line.from === "person" && line.status !== "failed");
  const at = state.lines.at(-1)?.at ?? said?.at;
  const known = list();
  if (!said || known.some((one) => one.id === id && one.at === at)) return;
  const title = [...(said.text || say("photo"))].slice(0, LONGEST_TITLE).join("");
  keep([{ id, title, at }, ...known.filter((one) => one.id !== id)].sort((one, other) => other.at - one.at));
}

/** Takes one away that is gone. */
export const forget = (id) => keep(list().filter((one) => one.id !== id));

/** Wires the button and its dialog; `open(id)` is called with what is chosen, `current()` gives where one is. */
export function offerHistory({ open, current }) {
  const dialog = document.getElementById("history");
  const button = document.getElementById("history-button");
  button.addEventListener("click", () => {
    const rows = list().map((one) => row(one, one.id === current(), () => choose(dialog, one.id, open)));
    document.getElementById("history-list").replaceChildren(...rows);
    document.getElementById("history-none").hidden = rows.length > 0;
    dialog.showModal();
  });
  document.getElementById("history-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // Escape closes the dialog, and must not stop the answer behind it.
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
}

function choose(dialog, id, open) {
  dialog.close();
  open(id);
}

function row({ title, at }, isCurrent, onclick) {
  const when = Number.isFinite(at) ? el("time", { datetime: new Date(at).toISOString() }, moment(at)) : null;
  return el("li", {}, el("button", { type: "button", "aria-current": isCurrent ? "true" : null, onclick }, el("span", {}, title), when));
}
