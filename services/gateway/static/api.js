/** The gateway's API as functions; what goes wrong is an ApiProblem. */

const ROOT = "/api/v1/conversations";

/** Why a call failed. `code` is the server's, or "offline" when there was no answer at all. */
export class ApiProblem extends Error {
  constructor(code, status = 0, retryAfter = 0) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later by itself. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Whether there is no such conversation, or it is somebody else's. */
  get gone() {
    return [401, 404, 422].includes(this.status);
  }
}

/** One call; gives the JSON of the answer, or null where it has none. */
export async function call(method, path, { body, headers = {}, keepalive = false } = {}) {
  const response = await fetch(path, { method, body, headers, keepalive }).catch(() => {
    throw new ApiProblem("offline");
  });
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new ApiProblem("unreadable", 502);
  });
}

const PAUSES_MS = [1000, 3000];

/** A call that counts once however often it is made, again where it may succeed by itself. */
export async function persist(attempt) {
  for (const pause of PAUSES_MS) {
    try {
      return await attempt();
    } catch (problem) {
      if (!problem.passing || !navigator.onLine) throw problem;
      await new Promise((resolve) => setTimeout(resolve, Math.max(pause, problem.retryAfter * 1000)));
    }
  }
  return attempt();
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new ApiProblem(problem.code ?? "http", response.status, retryAfter);
}

const json = (value) => ({
  body: JSON.stringify(value),
  headers: { "Content-Type": "application/json" },
});

export const openConversation = async () => (await call("POST", ROOT)).id;

export const readMessages = (id) => call("GET", `${ROOT}/${id}/messages`);

export const sendMessage = (id, message) => call("POST", `${ROOT}/${id}/messages`, json(message));

/** Ends the answer to `target`, or without one, whichever is being given. */
export const stopTurn = (id, clientId, target) =>
  call("POST", `${ROOT}/${id}/stop`, json({ client_id: clientId, target }));

const messagePath = (id, eventId) => `${ROOT}/${id}/messages/${encodeURIComponent(eventId)}`;

/** Another answer to the person's message. */
export const regenerate = (id, eventId, clientId) =>
  call("POST", `${messagePath(id, eventId)}/regenerate`, json({ client_id: clientId }));

/** More of a turn's answer. */
export const goOn = (id, eventId, clientId) =>
  call("POST", `${messagePath(id, eventId)}/continue`, json({ client_id: clientId }));

/** Another wording of the person's message. */
export const editMessage = (id, eventId, message) => call("POST", `${messagePath(id, eventId)}/edit`, json(message));

export const deleteReply = (id, entryId) => call("DELETE", `${ROOT}/${id}/replies/${entryId}`);

export const rateReply = (id, entryId, clientId, helpful) =>
  call("POST", `${ROOT}/${id}/replies/${entryId}/feedback`, json({ client_id: clientId, helpful }));

export const eventsPath = (id, after) => `${ROOT}/${id}/events?after=${encodeURIComponent(after)}`;

/** Uploads a photo as it is; gives its photo_id. */
export async function uploadPhoto(id, file) {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return (await call("POST", `${ROOT}/${id}/photos`, { body: file, headers })).photo_id;
}
