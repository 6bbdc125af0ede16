/** Sends lines one after the other, again with the same client_id until there is an answer. */

import { ApiProblem, sendMessage, uploadPhoto } from "./api.js";

const PAUSES_MS = [1000, 3000];
const PHOTO_KEPT_MS = 5 * 60 * 1000;

/** A name for a message or a request that nothing else has. */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A line to send: a text with or without a photo, or a pressed button. */
export const newLine = ({ text = "", photo = null, button = null }) => ({
  clientId: newClientId(),
  text: button ? button.title : text,
  payload: button?.payload ?? null,
  photo,
  hasPhoto: photo !== null,
  picture: photo ? URL.createObjectURL(photo) : null,
  at: Date.now(),
});

/** `on` has sent(line, answer) and failed(line, problem). Lines keep their order. */
export class Outbox {
  constructor(conversation, on) {
    this.conversation = conversation;
    this.on = on;
    this.last = Promise.resolve();
    this.uploads = new Map();
  }

  send(line) {
    this.last = this.last.then(() => this.#deliver(line));
    return this.last;
  }

  async #deliver(line) {
    try {
      this.on.sent(line, await this.#persist(line));
      this.uploads.delete(line.clientId);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.on.failed(line, problem);
    }
  }

  async #persist(line) {
    for (const pause of PAUSES_MS) {
      try {
        return await this.#attempt(line);
      } catch (problem) {
        if (!problem.passing || !navigator.onLine) throw problem;
        await new Promise((resolve) => setTimeout(resolve, Math.max(pause, problem.retryAfter * 1000)));
      }
    }
    return this.#attempt(line);
  }

  async #attempt(line) {
    const photo_id = line.photo ? await this.#upload(line) : null;
    const message = line.payload === null ? { text: line.text } : { payload: line.payload, title: line.text };
    return sendMessage(this.conversation, { client_id: line.clientId, photo_id, ...message });
  }

  // An uploaded photo is kept for ten minutes only, so a late resend uploads it anew.
  async #upload(line) {
    const known = this.uploads.get(line.clientId);
    if (known && Date.now() - known.at < PHOTO_KEPT_MS) return known.id;
    const id = await uploadPhoto(this.conversation, line.photo);
    this.uploads.set(line.clientId, { id, at: Date.now() });
    return id;
  }
}
