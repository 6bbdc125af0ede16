/** Draws the conversation's state: only what has changed, and at the bottom while the person is there. */

import { el } from "./dom.js";
import { isRunning } from "./conversation.js";
import { openEditor } from "./editor.js";
import { say } from "./i18n.js";
import { draftElement, lineElement } from "./line.js";
import { lastOffer, offering } from "./offers.js";
import { enableTools, exchangeTools, toolsElement } from "./tools.js";

const NEAR_BOTTOM_PX = 80;

/** Shows states in the page's own elements. `on` is what a line's buttons call. */
export class View {
  constructor(on) {
    this.on = on;
    const find = (id) => document.getElementById(id);
    this.parts = { scroll: find("scroll"), log: find("log"), drafts: find("drafts"), lamps: find("lamps"), welcome: find("welcome"), latest: find("latest") };
    this.drawn = new Map();
    this.following = true;
    this.top = 0;
    this.parts.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.parts.latest.addEventListener("click", () => this.follow());
    for (const kind of ["online", "offline"]) window.addEventListener(kind, () => enableTools(kind === "online"));
    new ResizeObserver(() => this.#stay()).observe(find("content"));
    new ResizeObserver(() => this.#stay()).observe(this.parts.scroll);
  }

  /** Nothing that is drawn from here on is read out, until `announce(true)`. */
  announce(loudly) {
    this.parts.log.setAttribute("aria-live", loudly ? "polite" : "off");
  }

  clear() {
    this.drawn.clear();
    this.parts.log.replaceChildren();
    this.parts.drafts.replaceChildren();
    this.following = true;
  }

  draw(state) {
    const offered = offering(state);
    const offer = lastOffer(state);
    const kept = new Set(state.lines.map((line) => line.key));
    for (const [key, { node }] of this.drawn) if (!kept.has(key)) this.#forget(key, node);
    for (const line of state.lines) this.#drawLine(line, { offered: line.key === offered, offer: line.key === offer?.key ? offer : null }, state);
    this.parts.drafts.replaceChildren(...state.drafts.map(draftElement));
    const writing = state.drafts.some((draft) => draft.text);
    this.parts.lamps.hidden = writing || !isRunning(state, Date.now());
    this.parts.welcome.hidden = state.lines.length > 0;
  }

  /** Go to the newest line and stay there. */
  follow() {
    this.following = true;
    this.#stay();
  }

  /** Lets the person write a line anew, where it stands; `send(text)` is called with what is sent. */
  edit(line, send) {
    const { node } = this.drawn.get(line.key);
    const shut = () => this.#replace(line.key, this.#element(this.drawn.get(line.key)));
    openEditor(node.querySelector(".bubble"), line.text, {
      send: (text) => { shut(); send(text); },
      cancel: () => { shut(); this.drawn.get(line.key).node.querySelector("[data-do=edit]")?.focus(); },
    });
    node.classList.add("editing");
  }

  #drawLine(line, offers, state) {
    const known = this.drawn.get(line.key);
    const next = { line, ...offers, picture: pictureFor(line, state), node: known?.node };
    if (known && sameTools(known, next) && known.offered === next.offered && known.line === line) return;
    this.drawn.set(line.key, next);
    if (known && sameBody(known, next)) return this.#touch(next);
    const node = this.#element(next);
    if (known) this.#replace(line.key, node);
    else this.parts.log.append(node);
    next.node = node;
  }

  #element({ line, offered, offer, picture }) {
    return lineElement(line, { on: this.on, offered, offer, picture });
  }

  #replace(key, node) {
    const drawn = this.drawn.get(key);
    drawn.node.replaceWith(node);
    drawn.node = node;
  }

  // Drawing the whole line anew would have it read out again.
  #touch({ line, offered, offer, node }) {
    if (!offered) withdraw(node.querySelector(":scope > .choices"));
    node.classList.toggle("leaving", Boolean(line.leaving));
    exchangeTools(node, toolsElement(line, { on: this.on, offer }));
  }

  #forget(key, node) {
    node.remove();
    this.drawn.delete(key);
  }

  // Content may have grown since the page scrolled itself: only a way up is the person's own.
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.parts.scroll;
    const below = scrollHeight - scrollTop - clientHeight;
    if (below <= 1 || (below < NEAR_BOTTOM_PX && scrollTop > this.top)) this.following = true;
    else if (scrollTop < this.top) this.following = false;
    this.#note();
  }

  #stay() {
    if (this.following) this.parts.scroll.scrollTop = this.parts.scroll.scrollHeight;
    this.#note();
  }

  #note() {
    this.top = this.parts.scroll.scrollTop;
    this.parts.latest.hidden = this.following;
  }
}

const sameTools = (known, next) =>
  known.offer?.regenerate === next.offer?.regenerate && known.offer?.goOn === next.offer?.goOn;

// What leads to a page stays.
function withdraw(choices) {
  for (const choice of choices?.querySelectorAll("button") ?? []) choice.remove();
  if (choices && !choices.children.length) choices.remove();
}

// A reply never changes, and its choices are only ever withdrawn.
const sameBody = (known, next) => next.line.from !== "person" && (known.offered || !next.offered);

const pictureFor = (line, state) =>
  state.lines.find((one) => one.from === "person" && one.eventId === line.eventId)?.picture ?? null;

const WORDS_FOR = { live: null, connecting: "connecting", waiting: "waiting", offline: "offline" };

/** Shows whether the page is connected. */
export function showConnection(state) {
  const node = document.getElementById("connection");
  node.dataset.state = state;
  node.textContent = WORDS_FOR[state] ? say(WORDS_FOR[state]) : "";
}

/** A word to the person above the message box, with at most one thing to do about it. */
export function notify(text, action = null) {
  const notice = document.getElementById("notice");
  const close = () => notice.replaceChildren();
  const buttons = action ? [el("button", { type: "button", onclick: () => { close(); action.run(); } }, action.title)] : [];
  const dismiss = el("button", { type: "button", onclick: close }, say("dismiss"));
  notice.replaceChildren(el("p", {}, text), ...buttons, dismiss);
  return close;
}
