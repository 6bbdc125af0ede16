/** The quiet row under a line: when it was said, and what may be done with it. */

import { el, icon } from "./dom.js";
import { moment, say } from "./i18n.js";
import { mayEdit, mayJudge } from "./offers.js";

/** The row of a line. `on` has regenerate, goOn, rate, remove and edit; `offer` is the last line's, or null. */
export function toolsElement(line, { on, offer }) {
  const row = el("div", { class: "tools", role: "group", "aria-label": say("actions"), "aria-live": "off" });
  row.append(...stamp(line), ...ROWS[line.from](line, on, offer, row));
  return row;
}

const ROWS = {
  person: (line, on) => (mayEdit(line) ? [button("edit", say("edit"), () => on.edit(line))] : []),
  bot: (line, on, offer, row) => [...copyButton(line), ...judging(line, on, row), ...going(offer, on)],
  note(line, on, offer) {
    if (!offer) return [];
    const again = line.outcome === "failed" || !offer.goOn ? "retry" : "regenerate";
    const anew = offer.regenerate ? [worded("regenerate", say(again), () => on.regenerate(offer.regenerate))] : [];
    return offer.goOn && line.outcome !== "failed" ? [...anew, goOnButton(offer, on)] : anew;
  },
};

/** Puts a fresh row in the place of an old one; who was on a button of it still is. */
export function exchangeTools(node, fresh) {
  const old = node.querySelector(":scope > .tools");
  const held = old.contains(document.activeElement) ? document.activeElement.dataset.do : null;
  old.replaceWith(fresh);
  if (held) fresh.querySelector(`[data-do="${held}"]`)?.focus();
}

/** Without a connection nothing can be asked of the server. */
export function enableTools(online) {
  for (const one of document.querySelectorAll(".tools [data-do]:not([data-do=copy])")) one.disabled = !online;
}

function button(name, label, onclick, pressed = null) {
  const disabled = !navigator.onLine && name !== "copy";
  return el("button", { type: "button", class: "tool", "data-do": name, "aria-label": label, title: label, "aria-pressed": pressed, disabled, onclick }, icon(name));
}

const worded = (name, label, onclick) =>
  el("button", { type: "button", class: "tool worded", "data-do": name, disabled: !navigator.onLine, onclick }, icon(name), label);

function going(offer, on) {
  if (!offer) return [];
  const anew = offer.regenerate ? [button("regenerate", say("regenerate"), () => on.regenerate(offer.regenerate))] : [];
  return offer.goOn ? [...anew, goOnButton(offer, on)] : anew;
}

const goOnButton = (offer, on) => worded("continue", say("continue"), () => on.goOn(offer.goOn));

function judging(line, on, row) {
  if (!mayJudge(line)) return [];
  const rate = (name, helpful) => button(name, say(name), () => on.rate(line, helpful), String(line.helpful === helpful));
  return [rate("helpful", true), rate("unhelpful", false), button("delete", say("delete"), () => askDeletion(line, on, row))];
}

function askDeletion(line, on, row) {
  const back = () => {
    asking.replaceWith(row);
    row.querySelector("[data-do=delete]").focus();
  };
  const yes = el("button", { type: "button", class: "danger", onclick: () => { back(); on.remove(line); } }, say("delete"));
  const no = el("button", { type: "button", onclick: back }, say("cancel"));
  const asking = el("div", { class: "tools asking", role: "group", "aria-label": say("deleteQuestion"), "aria-live": "off" }, el("p", {}, say("deleteQuestion")), yes, no);
  asking.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    back();
  });
  row.replaceWith(asking);
  yes.focus();
}

function copyButton({ reply }) {
  // A page that was not loaded over https or from this machine has no clipboard.
  if (!navigator.clipboard || !reply.text) return [];
  const copy = button("copy", say("copyAnswer"), async () => {
    await navigator.clipboard.writeText(reply.text);
    copy.setAttribute("aria-label", say("copied"));
    copy.classList.add("done");
  });
  return [copy];
}

function stamp(line) {
  if (line.status === "pending") return [el("p", { class: "stamp" }, say("sending"))];
  if (!line.at) return [];
  return [el("p", { class: "stamp" }, el("time", { datetime: new Date(line.at).toISOString() }, moment(line.at)))];
}
