// The rich_text block.
import { html } from './lib.js';
import { isSafe } from './marks.js';
import { Broadcast, ChannelMention, Emoji, Group, Link, Mention, Moment } from './text.js';

const STYLES = ['bold', 'italic', 'strike', 'code', 'underline', 'highlight', 'client_highlight'];

const INLINE = {
  text: (one) => lines(one.text),
  link: (one) => (isSafe(one.url) ? html`<${Link} url=${one.url}>${one.text || one.url}</${Link}>` : one.text || one.url),
  emoji: (one) => html`<${Emoji} name=${one.name} unicode=${one.unicode} />`,
  user: (one) => html`<${Mention} id=${one.user_id} />`,
  usergroup: (one) => html`<${Group} id=${one.usergroup_id} />`,
  channel: (one) => html`<${ChannelMention} id=${one.channel_id} />`,
  broadcast: (one) => html`<${Broadcast} range=${one.range} />`,
  team: (one) => html`<span class="mention">@${one.team_id}</span>`,
  date: (one) => html`<${Moment} timestamp=${one.timestamp} format=${one.format} fallback=${one.fallback || ''} url=${one.url} />`,
  color: (one) => html`<span class="colour"><span class="swatch" style=${{ background: one.value }}></span>${one.value}</span>`,
};

function lines(text) {
  const parts = String(text).split('\n');
  return parts.length === 1 ? text : parts.map((part, index) => (index ? [html`<br />`, part] : part));
}

function Inline({ of }) {
  const drawn = INLINE[of.type] ? INLINE[of.type](of) : `[${of.type}]`;
  const classes = STYLES.filter((style) => of.style?.[style]);
  return classes.length ? html`<span class=${classes.join(' ')}>${drawn}</span>` : drawn;
}

const all = (elements) => (elements || []).map((one) => html`<${Inline} of=${one} />`);

function RichList({ of }) {
  const items = (of.elements || []).map((one) => html`<li>${all(one.elements)}</li>`);
  const classes = `rich-list indent-${Math.min(8, of.indent || 0)} ${of.border ? 'bordered' : ''}`;
  if (of.style !== 'ordered') return html`<ul class=${classes}>${items}</ul>`;
  return html`<ol class=${classes} start=${(of.offset || 0) + 1}>${items}</ol>`;
}

const PARTS = {
  rich_text_section: (one) => html`<div class="rich-section">${all(one.elements)}</div>`,
  rich_text_quote: (one) => html`<blockquote>${all(one.elements)}</blockquote>`,
  rich_text_preformatted: (one) => html`<pre>${all(one.elements)}</pre>`,
  rich_text_list: (one) => html`<${RichList} of=${one} />`,
};

export function RichText({ of }) {
  const parts = (of.elements || []).map((one) => (PARTS[one.type] ? PARTS[one.type](one) : `[${one.type}]`));
  return html`<div class="rich" dir="auto">${parts}</div>`;
}

/** Typed text as the value of a rich_text_input, and back. */
export const fromTyped = (text) => (text
  ? { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }
  : null);

export const toTyped = (value) => (value?.elements || [])
  .map((part) => (part.elements || []).map((one) => one.text || '').join('')).join('\n');
