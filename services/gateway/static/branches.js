/** Branches of a conversation: what an edit or another answer puts out of sight, and how it comes back. Pure. */

/** The person's line that a turn answers: its own, or that of the answer it replaces or goes on with. */
export const rootOf = (state, eventId) => state.turns[eventId]?.root ?? eventId;

/** Puts aside what came after the target's line, and with `itself` that line too; `by` names what did it. */
export function supersede(state, target, by, { itself }) {
  const place = state.lines.findIndex((line) => line.from === "person" && line.eventId === target);
  if (place < 0) return state;
  const first = itself ? place : place + 1;
  // What could not be sent is nowhere but here, so it stays.
  const stays = (line) => line.from === "person" && line.status === "failed";
  const behind = state.lines.slice(first);
  const gone = hide(state.turns, target, by);
  return {
    ...state,
    lines: [...state.lines.slice(0, first), ...behind.filter(stays)],
    drafts: state.drafts.filter((draft) => !gone[draft.eventId]?.hiddenBy),
    turns: gone,
    past: { ...state.past, [by]: behind.filter((line) => !stays(line)) },
  };
}

function hide(turns, target, by) {
  const ids = Object.keys(turns);
  const hidden = ids.slice(ids.indexOf(target)).map((id) => [id, { hiddenBy: by, ...turns[id] }]);
  return ids.includes(target) ? { ...turns, ...Object.fromEntries(hidden) } : turns;
}

/** Brings back what a line that is given up had put aside. */
export function restore(state, by) {
  if (!state.past[by]) return state;
  const { [by]: lines, ...past } = state.past;
  const shown = ([id, { hiddenBy, ...turn }]) => [id, hiddenBy && hiddenBy !== by ? { hiddenBy, ...turn } : turn];
  const turns = Object.fromEntries(Object.entries(state.turns).map(shown));
  return { ...state, past, turns, lines: [...state.lines, ...lines] };
}

/** Adds a line of a turn where the turn is: in sight, or on the branch that was put aside. */
export function place(state, line) {
  const by = state.turns[line.eventId]?.hiddenBy;
  if (!by) return { ...state, lines: [...state.lines, line] };
  return { ...state, past: { ...state.past, [by]: [...state.past[by], line] } };
}

/** Whether a line is known, in sight or aside. */
export const knows = (state, key) =>
  [state.lines, ...Object.values(state.past)].some((lines) => lines.some((line) => line.key === key));

/** Every line, in sight or aside, as `change` gives it; null takes it away. */
export function mapLines(state, change) {
  const map = (lines) => lines.map(change).filter((line) => line !== null);
  const past = Object.fromEntries(Object.entries(state.past).map(([by, lines]) => [by, map(lines)]));
  return { ...state, past, lines: map(state.lines) };
}

/** Whether the turn that runs now is one that another wording of this message makes pointless. */
export function overtakes(state, eventId) {
  const ids = Object.keys(state.turns);
  const running = ids.findIndex((id) => !state.turns[id].ended);
  return running >= ids.indexOf(eventId) && running >= 0;
}
