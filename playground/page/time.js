// The bot's clock, and moments as Slack's client words them: in the language and timezone of who acts.
import { useEffect, useState } from './lib.js';

let ahead = 0;
let synced = 0;
const tickers = new Set();

/** Take over the bot's clock. */
export function setClock(iso) {
  const next = new Date(iso).getTime() - Date.now();
  const jumped = Math.abs(next - ahead) > 2000;
  if (jumped || Date.now() - synced > 60000) {
    ahead = next;
    synced = Date.now();
  }
  if (jumped) for (const tick of tickers) tick();
}

export const now = () => new Date(Date.now() + ahead);

/** Draw again every so many milliseconds, and at once when time jumps. */
export function useClock(every) {
  const [, again] = useState(0);
  useEffect(() => {
    const tick = () => again((count) => count + 1);
    tickers.add(tick);
    const timer = setInterval(tick, every);
    return () => {
      tickers.delete(tick);
      clearInterval(timer);
    };
  }, [every]);
}

let reader = { locale: 'en-US', tz: 'Etc/UTC' };

export function setReader(person) {
  reader = { locale: person.locale || 'en-US', tz: person.tz || 'Etc/UTC' };
}

const formats = new Map();

function formatter(locale, options) {
  const key = `${locale}${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, options));
  return formats.get(key);
}

export const words = (date, options, locale = reader.locale) =>
  formatter(locale, { timeZone: reader.tz, ...options }).format(date);

const UNITS = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];

/** 3 minutes ago, 21時間後. */
export function ago(date) {
  const seconds = (date.getTime() - now().getTime()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) || ['minute', 60];
  const key = `ago ${reader.locale}`;
  if (!formats.has(key)) formats.set(key, new Intl.RelativeTimeFormat(reader.locale, { numeric: 'always' }));
  // Japanese is written without the space that browsers put behind the number.
  const said = formats.get(key).format(Math.round(seconds / size), unit);
  return reader.locale.startsWith('ja') ? said.replaceAll(' ', '') : said;
}

const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' };
const dayOf = (date) => words(date, DAY, 'en-CA');

/** Today, yesterday, tomorrow; null for any other day. */
export function nearDay(date, locale = reader.locale) {
  for (const offset of [-1, 0, 1]) {
    if (dayOf(date) === dayOf(new Date(now().getTime() + offset * 86400000))) {
      return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(offset, 'day');
    }
  }
  return null;
}

const PATTERNS = {
  date_num: DAY,
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

function token(name, date) {
  if (name === 'ago') return ago(date);
  if (name === 'date_num') return dayOf(date);
  if (name.endsWith('_pretty')) return nearDay(date) || words(date, PATTERNS[name.replace('_pretty', '')] || PATTERNS.date);
  return PATTERNS[name] ? words(date, PATTERNS[name]) : null;
}

/** Slack's date format: {date_short_pretty} {time}. Null where the timestamp is none or a token is unknown. */
export function slackDate(timestamp, format) {
  const date = new Date(Number(timestamp) * 1000);
  if (!/^\d+$/.test(String(timestamp)) || Number.isNaN(date.getTime())) return null;
  let known = true;
  const shown = format.replace(/\{(\w+)\}/g, (_, name) => {
    const said = token(name, date);
    known = known && said !== null;
    return said ?? '';
  });
  return known ? shown : null;
}

export const moment = (ts) => new Date(Number(ts) * 1000);

/** The offset of a timezone at a moment, in milliseconds. */
function offset(date, tz) {
  const parts = formatter('en-US', {
    timeZone: tz, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(date);
  const part = (type) => Number(parts.find((one) => one.type === type).value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.trunc(date.getTime() / 1000) * 1000;
}

/** For <input type="datetime-local">, and back, in a timezone. */
export const toWall = (date, tz = reader.tz) => new Date(date.getTime() + offset(date, tz)).toISOString().slice(0, 16);

export function fromWall(wall, tz = reader.tz) {
  const guess = new Date(`${wall}Z`);
  return new Date(guess.getTime() - offset(new Date(guess.getTime() - offset(guess, tz)), tz));
}
