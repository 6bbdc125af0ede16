/** What a person may do with which line of a conversation. Pure. */

import { rootOf } from "./branches.js";
import { isWeb } from "./inline.js";

/** A reply with this index is the apology for a turn that failed. */
export const APOLOGY_INDEX = 1000;

/** The key of the line whose buttons may be pressed, or null. */
export function offering(state) {
  for (const line of [...state.lines].reverse()) {
    if (line.from === "person") return null;
    if (line.from === "bot" && line.reply.buttons?.some((button) => !isWeb(button.url))) return line.key;
  }
  return null;
}

/** What the last line offers: its key, the event to answer anew, and the one to go on with; null where none. */
export function lastOffer(state) {
  const line = state.lines.at(-1);
  const turn = line && line.from !== "person" ? state.turns[line.eventId] : null;
  if (!turn?.ended) return null;
  const root = rootOf(state, line.eventId);
  const said = state.lines.find((one) => one.from === "person" && one.eventId === root);
  const answered = state.lines.some((one) => isAnswer(one) && rootOf(state, one.eventId) === root);
  const unfinished = turn.outcome === "stopped" || turn.cutOff;
  return {
    key: line.key,
    // A photo is not kept, so there is nothing to look at anew.
    regenerate: said && !said.hasPhoto ? root : null,
    goOn: unfinished && answered ? line.eventId : null,
  };
}

const isAnswer = (line) => line.from === "bot" && line.index < APOLOGY_INDEX;

/** Whether the person may say a line otherwise: words that the server has, and no photo with them. */
export const mayEdit = (line) => line.from === "person" && line.status === "sent" && !line.hasPhoto && line.text !== "";

/** Whether a reply may be rated and deleted: one that the server has under an id. */
export const mayJudge = (line) => line.from === "bot" && Boolean(line.entryId);
