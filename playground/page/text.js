// Draws text: mrkdwn, plain text, mentions, dates and links. Text from outside only ever becomes text nodes.
import { emoji } from './emoji.js';
import { html, memo } from './lib.js';
import { isSafe, parse, unescaped } from './marks.js';
import { follow } from './links.js';
import { channelById, go, personById, state } from './store.js';
import { slackDate, useClock, words } from './time.js';
import { t } from './words.js';

export const Link = ({ url, children }) =>
  html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow" onClick=${(event) => follow(event, url)}>${children}</a>`;

export function Mention({ id, label = '' }) {
  const person = personById(id);
  const name = person ? person.real_name : label || id;
  return html`<span class=${state().reader.id === id ? 'mention me' : 'mention'}>@${name}</span>`;
}

export function ChannelMention({ id, label = '' }) {
  const channel = channelById(id);
  const name = channel?.name || label || id;
  if (!channel) return html`<span class="mention">#${name}</span>`;
  return html`<button class="mention channel" type="button" onClick=${() => go({ channel: id })}>#${name}</button>`;
}

export function Group({ id, label = '' }) {
  const group = state().usergroups.find((one) => one.id === id);
  const among = group?.users.includes(state().reader.id);
  const handle = group ? group.handle : label.replace(/^@/, '') || id;
  return html`<span class=${among ? 'mention me' : 'mention'} title=${group?.name}>@${handle}</span>`;
}

export const Broadcast = ({ range }) => html`<span class="mention loud">@${range}</span>`;

/** A moment in the reader's words; one that says how long ago stays current. */
export function Moment({ timestamp, format, fallback, url }) {
  useClock(format.includes('{ago}') ? 20000 : 3600000);
  const shown = slackDate(timestamp, format) ?? fallback;
  const full = words(new Date(Number(timestamp) * 1000 || 0), { dateStyle: 'full', timeStyle: 'short' });
  const time = html`<time title=${full}>${shown}</time>`;
  return url && isSafe(url) ? html`<${Link} url=${url}>${time}</${Link}>` : time;
}

export const Emoji = ({ name, unicode }) => {
  const known = unicode ? fromHex(unicode) : emoji(name);
  return known ? html`<span class="emoji" role="img" aria-label=${name}>${known}</span>` : `:${name}:`;
};

function fromHex(unicode) {
  try {
    return String.fromCodePoint(...unicode.split('-').map((one) => parseInt(one, 16)));
  } catch {
    return null;
  }
}

const DRAWN = {
  text: (one) => one.text,
  break: () => html`<br />`,
  bold: (one) => html`<b>${tree(one.nodes)}</b>`,
  italic: (one) => html`<i>${tree(one.nodes)}</i>`,
  strike: (one) => html`<s>${tree(one.nodes)}</s>`,
  code: (one) => html`<code>${one.text}</code>`,
  pre: (one) => html`<pre>${one.text}</pre>`,
  quote: (one) => html`<blockquote>${tree(one.nodes)}</blockquote>`,
  item: (one) => html`<span class="item"><span class="mark">${one.mark}</span><span>${tree(one.nodes)}</span></span>`,
  user: (one) => html`<${Mention} ...${one} />`,
  channel: (one) => html`<${ChannelMention} ...${one} />`,
  usergroup: (one) => html`<${Group} ...${one} />`,
  broadcast: (one) => html`<${Broadcast} ...${one} />`,
  emoji: (one) => html`<${Emoji} ...${one} />`,
  link: (one) => html`<${Link} url=${one.url}>${one.label}</${Link}>`,
  date: (one) => html`<${Moment} timestamp=${one.timestamp} format=${one.format} fallback=${one.label || t('text.no_date')} url=${one.url} />`,
};

const tree = (nodes) => nodes.map((one) => DRAWN[one.kind](one));

export const Mrkdwn = memo(({ text, verbatim }) => html`<span class="mrkdwn" dir="auto">${tree(parse(text, { verbatim }))}</span>`);

/** Plain text: no marks, only the emoji that Slack turns by name. */
export const plain = (text) => unescaped(text).replace(/:([a-z0-9_+'-]{1,60}):/g, (whole, name) => emoji(name) ?? whole);

/** A text object, of either kind. */
export function Text({ of }) {
  if (!of || typeof of.text !== 'string') return null;
  if (of.type === 'mrkdwn') return html`<${Mrkdwn} text=${of.text} verbatim=${Boolean(of.verbatim)} />`;
  return html`<span class="plain" dir="auto">${of.emoji === false ? unescaped(of.text) : plain(of.text)}</span>`;
}
