/** Draws the conversation's state: only what has changed, and at the bottom while the person is there. */

import { el } from "./dom.js";
import { isRunning, offering } from "./conversation.js";
import { say } from "./i18n.js";
import { draftElement, lineElement } from "./line.js";

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
    const kept = new Set(state.lines.map((line) => line.key));
    for (const [key, { node }] of this.drawn) if (!kept.has(key)) this.#forget(key, node);
    for (const line of state.lines) this.#drawLine(line, line.key === offered, state);
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

  #drawLine(line, offered, state) {
    const known = this.drawn.get(line.key);
    if (known?.line === line && known.offered === offered) return;
    if (known?.line === line && !offered) return this.#withdraw(known);
    const node = lineElement(line, { on: this.on, offered, picture: pictureFor(line, state) });
    if (known) known.node.replaceWith(node);
    else this.parts.log.append(node);
    this.drawn.set(line.key, { line, offered, node });
  }

  // Drawing the whole line anew would have it read out again.
  #withdraw(drawn) {
    drawn.node.querySelector(".choices")?.remove();
    drawn.offered = false;
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
