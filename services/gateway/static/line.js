/** One line of the conversation as an element: the person's, the bot's, or a note. */

import { comparison } from "./comparison.js";
import { el, icon } from "./dom.js";
import { canSay, say } from "./i18n.js";
import { isWeb } from "./inline.js";
import { markdown } from "./markdown.js";
import { toolsElement } from "./tools.js";

/** The element of a line. `on` has retry(line), discard(line), press(button) and what tools.js calls; `offered`
 * says whether its buttons may be pressed, `offer` what may be asked of it; `picture` is the person's photo. */
export function lineElement(line, shown) {
  if (line.from === "note") return note(line, shown);
  return line.from === "person" ? personLine(line, shown) : botLine(line, shown);
}

function note(line, shown) {
  return el("div", { class: "line note" }, line.told ? null : el("p", {}, say(line.outcome)), toolsElement(line, shown));
}

function personLine(line, shown) {
  return el(
    "div",
    { class: `line person ${line.status}`, "aria-live": "off" },
    el("span", { class: "unseen" }, `${say("you")}: `),
    line.hasPhoto ? ownPhoto(line) : null,
    line.text ? el("p", { class: "bubble" }, line.text) : null,
    line.status === "failed" ? failure(line, shown.on) : toolsElement(line, shown),
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

function botLine(line, shown) {
  const { on, offered, picture } = shown;
  const { text, image, look_alike: found, buttons = [] } = line.reply;
  return el(
    "div",
    { class: "line bot" },
    el("span", { class: "unseen" }, `${say("bot")}: `),
    text ? el("div", { class: "prose" }, markdown(text, codeTools)) : null,
    found ? comparison(found, picture) : null,
    image ? replyImage(image) : null,
    below(buttons, offered, on),
    toolsElement(line, shown),
  );
}

/** A reply that still grows; it is shown, and announced only when it is whole. */
export function draftElement(draft) {
  return el("div", { class: "line bot draft" }, el("div", { class: "prose" }, markdown(draft.text)), el("div", { class: "tools" }));
}

function replyImage(address) {
  if (!isWeb(address)) return null;
  const link = () => el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, say("openPicture"));
  const image = el("img", { class: "reply-image", src: address, alt: say("picture"), loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(link()));
  return image;
}

/** The buttons of a reply: those that lead to a page stay, the others are there while they may be pressed. */
function below(buttons, offered, on) {
  const shown = buttons.filter((button) => offered || isWeb(button.url));
  if (!shown.length) return null;
  const one = (button) => (isWeb(button.url) ? pageLink(button) : choice(button, on));
  return el("div", { class: "choices", role: "group", "aria-label": say("choices") }, shown.map(one));
}

const choice = (button, on) => el("button", { type: "button", class: "choice", onclick: () => on.press(button) }, button.title);

const pageLink = ({ url, title }) => el("a", { class: "choice", href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, title);

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
