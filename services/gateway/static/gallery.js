/** The gateway's administration API: the people of the gallery. */

import { ApiProblem, call } from "./api.js";

const PEOPLE = "/api/v1/admin/identities";
const KEPT = "switchboard.admin";

/** The administrator's token, which lives as long as the tab. */
export const token = {
  get: () => sessionStorage.getItem(KEPT),
  set: (text) => sessionStorage.setItem(KEPT, text),
  clear: () => sessionStorage.removeItem(KEPT),
};

// A header holds no other characters, and a token that has some cannot be right.
function bearer() {
  if (!/^[\x21-\x7e]+$/.test(token.get())) throw new ApiProblem("unauthorized", 401);
  return { Authorization: `Bearer ${token.get()}` };
}

export const listPeople = async () => (await call("GET", PEOPLE, { headers: bearer() })).identities;

/** Enrolls by a form's fields; gives the identity and how many faces the photo had. */
export const enroll = async (fields) => call("POST", PEOPLE, { body: fields, headers: bearer() });

export const remove = async (id) => call("DELETE", `${PEOPLE}/${encodeURIComponent(id)}`, { headers: bearer() });

export const portraitPath = (id) => `/api/v1/galleries/default/identities/${encodeURIComponent(id)}/photo`;
