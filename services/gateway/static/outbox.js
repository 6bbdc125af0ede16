/** Sends lines one after the other, again with the same client_id until there is an answer. */

import { ApiProblem, editMessage, persist, sendMessage, uploadPhoto } from "./api.js";

const PHOTO_KEPT_MS = 5 * 60 * 1000;

/** A name for a message or a request that nothing else has. */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A line to send: a text with or without a photo, a pressed button, or another wording of an earlier line. */
export const newLine = ({ text = "", photo = null, button = null, replaces = null }) => ({
  clientId: newClientId(),
  text: button ? button.title : text,
  payload: button?.payload ?? null,
  replaces,
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
      this.on.sent(line, await persist(() => this.#attempt(line)));
      this.uploads.delete(line.clientId);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.on.failed(line, problem);
    }
  }

  async #attempt(line) {
    if (line.replaces) return editMessage(this.conversation, line.replaces, { client_id: line.clientId, text: line.text });
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
