/** What a person asks for about an answer: another one, more of it, a rating, its deletion. */

import { ApiProblem, deleteReply, goOn, persist, rateReply, regenerate } from "./api.js";
import { newClientId } from "./outbox.js";

/** One conversation's requests. `on` has apply(action) and failed(problem). */
export class Answers {
  constructor(conversation, on) {
    this.conversation = conversation;
    this.on = on;
    this.asking = false;
  }

  regenerate(eventId) {
    return this.#ask(regenerate, eventId);
  }

  goOn(eventId) {
    return this.#ask(goOn, eventId);
  }

  async rate(line, helpful) {
    const clientId = newClientId();
    this.#change(line, { helpful });
    const done = await this.#persist(() => rateReply(this.conversation, line.entryId, clientId, helpful));
    if (!done) this.#change(line, { helpful: line.helpful });
  }

  async remove(line) {
    this.#change(line, { leaving: true });
    const done = await this.#persist(async () => {
      try {
        await deleteReply(this.conversation, line.entryId);
      } catch (problem) {
        if (problem.code !== "message_unknown") throw problem;
        // Deleted in another tab, perhaps before this one listened.
        this.on.apply({ type: "entry", entry: { type: "deleted", event_id: line.eventId, index: line.index } });
      }
    });
    if (!done) this.#change(line, { leaving: false });
  }

  // The answer shows itself by the stream; until the request is taken, a second press asks nothing.
  async #ask(how, eventId) {
    if (this.asking) return;
    this.asking = true;
    const clientId = newClientId();
    await this.#persist(() => how(this.conversation, eventId, clientId));
    this.asking = false;
  }

  async #persist(attempt) {
    try {
      const answer = await persist(attempt);
      if (answer?.outcome === "dropped") throw new ApiProblem("dropped", 429);
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.on.failed(problem);
      return false;
    }
  }

  #change(line, change) {
    this.on.apply({ type: "changed", key: line.key, change });
  }
}
