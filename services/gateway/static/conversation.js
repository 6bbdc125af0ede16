/** What a conversation looks like, folded from what happens. Pure: no page, no network, no clock. */

import { knows, mapLines, place, restore, rootOf, supersede } from "./branches.js";
import { APOLOGY_INDEX } from "./offers.js";

const LONGEST_TURN_MS = 15 * 60 * 1000;

/** lines: what was said, in order. drafts: replies that still grow. turns: by event id, in order. past: lines
 * of earlier branches, by the key of what put them aside. */
export const EMPTY = Object.freeze({ lines: [], drafts: [], turns: {}, past: {} });

/** The state after an action. An action that changes nothing gives the same state back. */
export function reduce(state, action) {
  return ACTIONS[action.type](state, action);
}

const ACTIONS = {
  /** The person wrote a line that the server does not know yet. */
  wrote(state, { line }) {
    const kept = line.replaces ? supersede(state, line.replaces, line.clientId, { itself: true }) : state;
    return addLine(kept, { from: "person", status: "pending", key: line.clientId, ...line });
  },
  sent: confirm,
  failed(state, { clientId, problem }) {
    const line = state.lines.find((one) => one.key === clientId);
    return line?.status === "pending" ? refuse(state, line, problem) : state;
  },
  resent(state, { clientId }) {
    const { eventId } = state.lines.find((line) => line.key === clientId);
    return changeLine(forgetTurn(state, eventId), clientId, { status: "pending", problem: null, eventId: null });
  },
  discarded: (state, { clientId }) =>
    restore({ ...state, lines: state.lines.filter((line) => line.key !== clientId) }, clientId),
  /** A line is about to change by what the person did: rated, or on its way out. */
  changed: (state, { key, change }) => changeLine(state, key, change),
  /** An entry of the stream by its id; `now` is when it came, and missing for those of the history. */
  entry(state, { entry, id, now }) {
    const known = entry.type === "said" ? state : accept(state, entry.event_id);
    return ENTRIES[entry.type]?.(known, entry, now ?? entry.at, id) ?? known;
  },
};

const ENTRIES = {
  said(state, entry, now) {
    const key = clientIdOf(entry.event_id);
    const known = state.lines.find((line) => line.key === key);
    if (known?.eventId) return state;
    // The server writes the line before it accepts the message: a pending line stays so until it is answered.
    if (known) return changeLine(state, key, { eventId: entry.event_id, at: entry.at });
    if (state.turns[entry.event_id]) return state; // heard before, and put aside since
    const kept = entry.replaces ? supersede(state, entry.replaces, key, { itself: true }) : state;
    return addLine(begin(kept, entry.event_id, now), {
      from: "person", key, eventId: entry.event_id, status: "sent",
      text: entry.text, hasPhoto: entry.has_photo, at: entry.at,
    });
  },
  asked(state, { event_id: eventId, how, target }, now) {
    if (state.turns[eventId]) return state;
    const root = rootOf(state, target);
    const kept = how === "regenerate" ? supersede(state, root, eventId, { itself: false }) : state;
    return changeTurn(begin(kept, eventId, now), eventId, { root });
  },
  typing: (state, entry, now) => begin(state, entry.event_id, now),
  delta(state, entry, now) {
    const key = replyKey(entry);
    const begun = begin(state, entry.event_id, now);
    const { attempt: newest, hiddenBy } = begun.turns[entry.event_id];
    if (hiddenBy) return begun;
    if (entry.attempt < newest || state.lines.some((line) => line.key === key)) return state;
    const kept = begun.drafts.filter((draft) => draft.eventId !== entry.event_id || entry.attempt === newest);
    const draft = kept.find((one) => one.key === key) ?? { key, eventId: entry.event_id, text: "" };
    const grown = { ...draft, text: draft.text + entry.text };
    return {
      ...changeTurn(begun, entry.event_id, { attempt: entry.attempt }),
      drafts: kept.includes(draft) ? kept.map((one) => (one === draft ? grown : one)) : [...kept, grown],
    };
  },
  reply(state, entry, now, id) {
    const key = replyKey(entry);
    if (knows(state, key)) return state;
    const drafts = state.drafts.filter((draft) => draft.key !== key);
    const { event_id: eventId, index, reply, at } = entry;
    return place({ ...state, drafts }, { from: "bot", key, eventId, index, entryId: id, reply, at });
  },
  done(state, entry) {
    const { event_id: eventId, outcome, cut_off: cutOff } = entry;
    const ended = changeTurn(endThrough(state, eventId), eventId, { outcome, cutOff });
    const noted = note(ended, entry);
    return { ...noted, drafts: noted.drafts.filter((draft) => draft.eventId !== eventId) };
  },
  deleted: (state, entry) => mapLines(state, (line) => (line.key === replyKey(entry) ? null : line)),
  rated: (state, entry) =>
    mapLines(state, (line) => (line.key === replyKey(entry) ? { ...line, helpful: entry.helpful } : line)),
};

/** The part of an event id that the page chose. */
export const clientIdOf = (eventId) => eventId.slice(eventId.lastIndexOf(":") + 1);

const replyKey = (entry) => `${entry.event_id}/${entry.index}`;

const addLine = (state, line) => ({ ...state, lines: [...state.lines, line] });

const changeLine = (state, key, change) => ({
  ...state,
  lines: state.lines.map((line) => (line.key === key ? { ...line, ...change } : line)),
});

const changeTurn = (state, eventId, change) => ({
  ...state,
  turns: { ...state.turns, [eventId]: { ...state.turns[eventId], ...change } },
});

function begin(state, eventId, at = 0) {
  if (state.turns[eventId]) return state;
  return { ...state, turns: { ...state.turns, [eventId]: { attempt: 0, at, ended: false } } };
}

function confirm(state, { clientId, eventId, outcome, now }) {
  const line = state.lines.find((one) => one.key === clientId);
  if (!line) return state;
  if (outcome === "dropped") return refuse(state, { ...line, eventId }, "dropped");
  return changeLine(begin(state, eventId, now), clientId, { status: "sent", eventId });
}

function refuse(state, line, problem) {
  return changeLine(forgetTurn(state, line.eventId), line.key, { status: "failed", problem, eventId: line.eventId });
}

// Whatever comes of a line besides its own echo proves that the server has accepted it.
function accept(state, eventId) {
  const line = state.lines.find((one) => one.from === "person" && one.key === clientIdOf(eventId));
  return !line || line.status === "sent" ? state : changeLine(state, line.key, { status: "sent", eventId });
}

function forgetTurn(state, eventId) {
  const { [eventId]: forgotten, ...turns } = state.turns;
  return forgotten ? { ...state, turns } : state;
}

// Turns run in order, so whatever was said before an ended turn is over too, even if it was dropped.
function endThrough(state, eventId) {
  const turns = { ...begin(state, eventId).turns };
  for (const id of Object.keys(turns)) {
    turns[id] = { ...turns[id], ended: true };
    if (id === eventId) break;
  }
  return { ...state, turns };
}

function note(state, { event_id: eventId, outcome }) {
  const key = `${eventId}/${outcome}`;
  if (outcome === "finished" || knows(state, key)) return state;
  const told = state.lines.some((line) => line.eventId === eventId && line.index >= APOLOGY_INDEX);
  return place(state, { from: "note", key, eventId, outcome, told });
}

/** Whether the bot is at work on something that was said. */
export function isRunning(state, now) {
  return Object.values(state.turns).some((turn) => !turn.ended && (!turn.at || now - turn.at < LONGEST_TURN_MS));
}

/** Where to listen from after the history: before the first unfinished turn, so that its deltas come again. */
export function listenFrom(entries, lastId) {
  const over = new Set(entries.filter(({ entry }) => entry.type === "done").map(({ entry }) => entry.event_id));
  const begun = entries.filter(({ entry }) => entry.type === "said" || entry.type === "asked");
  const open = begun[begun.findLastIndex(({ entry }) => over.has(entry.event_id)) + 1];
  return open?.id ?? lastId;
}
