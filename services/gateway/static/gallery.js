/** The gateway's administration API: the people of the gallery. */

import { ApiProblem, call } from "./api.js";

const ADMIN = "/api/v1/admin";
const PEOPLE = `${ADMIN}/identities`;

/** Shows the administrator's token once; a cookie that no script can read stands for it from then on. */
export async function signIn(token) {
  // A header holds no other characters, and a token that has some cannot be right.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ApiProblem("unauthorized", 401);
  return call("POST", `${ADMIN}/sign-in`, { headers: { Authorization: `Bearer ${token}` } });
}

export const signOut = () => call("POST", `${ADMIN}/sign-out`);

export const listPeople = async () => (await call("GET", PEOPLE)).identities;

/** Enrolls by a form's fields; gives the identity and how many faces the photo had. */
export const enroll = async (fields) => call("POST", PEOPLE, { body: fields });

export const remove = async (id) => call("DELETE", `${PEOPLE}/${encodeURIComponent(id)}`);

export const portraitPath = (id) => `/api/v1/galleries/default/identities/${encodeURIComponent(id)}/photo`;
