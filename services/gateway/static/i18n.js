/** Which language a person reads, and the words of the page in it. */

import { WORDS } from "./words.js";

/** The first of the browser's languages that the page knows; else English. */
export function pickLanguage(languages) {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return /hant|tw|hk|mo/i.test(language) ? "zh-Hant" : "zh-Hans";
    if (/^en\b/i.test(language)) return "en";
  }
  return "en";
}

export const LANGUAGE = pickLanguage(navigator.languages ?? [navigator.language]);

/** A phrase of the page, with its places filled in. */
export function say(key, places = {}) {
  return WORDS[LANGUAGE][key].replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

/** Whether there is a phrase by this key. */
export const canSay = (key) => key in WORDS[LANGUAGE];

/** Puts words into the page's own elements: data-say is text, data-say-label, -title, -placeholder attributes. */
export function translatePage() {
  document.documentElement.lang = LANGUAGE;
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const [property, attribute] of [["sayLabel", "aria-label"], ["sayTitle", "title"], ["sayPlaceholder", "placeholder"]]) {
    const selector = `[data-${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
    for (const node of document.querySelectorAll(selector)) node.setAttribute(attribute, say(node.dataset[property]));
  }
}

const clock = new Intl.DateTimeFormat(LANGUAGE, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

/** A moment as people say it: the time alone, where it was today. */
export function moment(at) {
  const when = new Date(at);
  return (when.toDateString() === new Date().toDateString() ? clock : day).format(when);
}
