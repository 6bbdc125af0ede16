/** A conversation's entries as they come: resumed where the connection broke, none of them twice. */

import { eventsPath } from "./api.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15000;

/** Whether one stream id ("milliseconds-sequence") comes behind another. */
export function isAfter(id, other) {
  const [ms, sequence] = id.split("-").map(Number);
  const [otherMs, otherSequence] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}

/** Listens until closed; `on` has entry(entry, id), state("live" | "waiting" | "offline") and refused(). */
export class Stream {
  constructor(conversation, after, on) {
    this.conversation = conversation;
    this.after = after;
    this.on = on;
    this.pause = FIRST_PAUSE_MS;
    this.closing = new AbortController();
    const { signal } = this.closing;
    window.addEventListener("online", () => this.reconnect(), { signal });
    window.addEventListener("offline", () => this.on.state("offline"), { signal });
    document.addEventListener("visibilitychange", () => this.#looked(), { signal });
    this.reconnect();
  }

  /** Connect anew at once, for a connection that may be dead without saying so. */
  reconnect() {
    clearTimeout(this.timer);
    this.source?.close();
    if (this.closing.signal.aborted) return;
    const source = new EventSource(eventsPath(this.conversation, this.after));
    this.source = source;
    source.onopen = () => this.#opened();
    source.onmessage = (event) => this.#received(event);
    source.onerror = () => this.#failed(source.readyState === EventSource.CLOSED);
  }

  close() {
    this.closing.abort();
    clearTimeout(this.timer);
    this.source?.close();
  }

  #opened() {
    this.pause = FIRST_PAUSE_MS;
    this.on.state("live");
  }

  #received(event) {
    if (!isAfter(event.lastEventId, this.after)) return;
    this.after = event.lastEventId;
    this.on.entry(JSON.parse(event.data), event.lastEventId);
  }

  // The browser's own reconnecting gives up on a 503 and never pauses longer, so it is done here.
  #failed(refused) {
    this.source.close();
    this.on.state(navigator.onLine ? "waiting" : "offline");
    this.timer = setTimeout(() => this.#again(refused), this.pause * (0.7 + 0.6 * Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  #again(refused) {
    this.reconnect();
    if (refused) this.on.refused();
  }

  #looked() {
    if (document.visibilityState === "hidden") this.hiddenAt = Date.now();
    else if (this.source.readyState !== EventSource.OPEN || Date.now() - this.hiddenAt > 30000) this.reconnect();
  }
}
