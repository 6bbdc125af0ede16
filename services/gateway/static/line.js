/** One line of the conversation as an element: the person's, the bot's, or a note. */

import { comparison } from "./comparison.js";
import { el, icon } from "./dom.js";
import { canSay, moment, say } from "./i18n.js";
import { markdown } from "./markdown.js";

/** The element of a line. `on` has retry(line), discard(line), press(button); `picture` is the person's photo. */
export function lineElement(line, { on, offered, picture }) {
  if (line.from === "note") return el("div", { class: "line note" }, el("p", {}, say(line.outcome)));
  return line.from === "person" ? personLine(line, on) : botLine(line, on, offered, picture);
}

function personLine(line, on) {
  return el(
    "div",
    { class: `line person ${line.status}`, "aria-live": "off" },
    el("span", { class: "unseen" }, `${say("you")}: `),
    line.hasPhoto ? ownPhoto(line) : null,
    line.text ? el("p", { class: "bubble" }, line.text) : null,
    line.status === "failed" ? failure(line, on) : stamp(line),
  );
}

function ownPhoto(line) {
  const gone = () => el("p", { class: "photo-gone" }, icon("photo"), say(line.picture ? "photo" : "photoNoLonger"));
  if (!line.picture) return gone();
  const image = el("img", { class: "own-photo", src: line.picture, alt: say("yourPhoto") });
  image.addEventListener("error", () => image.replaceWith(gone()));
  return image;
}

function failure(line, on) {
  const why = canSay(`why_${line.problem}`) ? line.problem : "unknown";
  return el(
    "div",
    { class: "failure", role: "alert" },
    el("p", {}, say("notSent", { why: say(`why_${why}`) })),
    el("button", { type: "button", onclick: () => on.retry(line) }, say("sendAgain")),
    el("button", { type: "button", onclick: () => on.discard(line) }, say("discard")),
  );
}

function stamp(line) {
  if (line.status === "pending") return el("p", { class: "stamp" }, say("sending"));
  if (!line.at) return null;
  return el("p", { class: "stamp" }, el("time", { datetime: new Date(line.at).toISOString() }, moment(line.at)));
}

function botLine(line, on, offered, picture) {
  const { text, image, look_alike: found, buttons = [] } = line.reply;
  return el(
    "div",
    { class: "line bot" },
    el("span", { class: "unseen" }, `${say("bot")}: `),
    text ? el("div", { class: "prose" }, markdown(text, codeTools)) : null,
    found ? comparison(found, picture) : null,
    image ? replyImage(image) : null,
    offered && buttons.length ? choices(buttons, on) : null,
    stamp(line),
  );
}

/** A reply that still grows; it is shown, and announced only when it is whole. */
export function draftElement(draft) {
  return el("div", { class: "line bot draft" }, el("div", { class: "prose" }, markdown(draft.text)));
}

function replyImage(address) {
  if (!/^https?:\/\//i.test(address)) return null;
  const link = () => el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, say("openPicture"));
  const image = el("img", { class: "reply-image", src: address, alt: say("picture"), loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(link()));
  return image;
}

function choices(buttons, on) {
  const one = (button) => el("button", { type: "button", class: "choice", onclick: () => on.press(button) }, button.title);
  return el("div", { class: "choices", role: "group", "aria-label": say("choices") }, buttons.map(one));
}

function codeTools(text) {
  // A page that was not loaded over https or from this machine has no clipboard.
  if (!navigator.clipboard) return [];
  const copy = el("button", { type: "button", class: "copy", "aria-label": say("copy"), title: say("copy") }, icon("copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    copy.setAttribute("aria-label", say("copied"));
    copy.classList.add("done");
  });
  return [copy];
}
