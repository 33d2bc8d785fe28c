// The page's own words, in the reader's language. What the bot says comes from the bot.
import { memory, watched } from './lib.js';

const LANGUAGES = ['ja', 'en'];
let catalogue = {};

const browsers = (navigator.languages || [navigator.language]).map((one) => one.slice(0, 2));
export const language = watched(
  LANGUAGES.find((one) => one === memory.read('language')) || browsers.find((one) => LANGUAGES.includes(one)) || 'en',
);

export async function loadWords() {
  const answer = await fetch('/page/words.json');
  catalogue = await answer.json();
  document.documentElement.lang = language.get();
}

export function setLanguage(next) {
  memory.write('language', next);
  document.documentElement.lang = next;
  language.set(next);
}

/** The words of a key, with {names} filled in. A key that is missing shows itself. */
export function t(key, values = {}) {
  const words = catalogue[key]?.[language.get()] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
