// The inspector: each request and answer between the bot and Slack, with its payload and any broken rule.
import { copy, copyKit } from './copy.js';
import { html, memo, names, useMemo, useState } from './lib.js';
import { post } from './api.js';
import { language, t } from './words.js';

const MOST = 120;
const time = (iso, zone) => new Intl.DateTimeFormat(language.get(), { timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(iso));

/** The blocks of an exchange as Block Kit Builder takes them: what was sent, or what an acknowledgement answered. */
function kitOf(one) {
  for (const from of [one.request, parsed(one.answer)]) {
    const found = from && typeof from === 'object' ? parsed(from.view) || (from.blocks ? { blocks: parsed(from.blocks) } : null) : null;
    if (found?.blocks) return found;
  }
  return null;
}

function parsed(value) {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Payloads hold JSON inside of JSON; here it is opened up. */
const pretty = (value) => JSON.stringify(value, (_, inner) => {
  const opened = typeof inner === 'string' && /^[[{]/.test(inner) ? parsed(inner) : inner;
  return opened;
}, 2) ?? '';

const failed = (one) => one.broken.length > 0 || (one.status ?? 500) >= 400 || parsed(one.answer)?.ok === false;

/** What it was about, in a word: the command, the event, the button. */
function subject(one) {
  const given = one.request || {};
  const payload = parsed(given.payload) || given;
  return payload.command || payload.event?.type || payload.actions?.[0]?.action_id || payload.view?.callback_id || given.channel || given.company || '';
}

const Json = ({ title, value }) => html`<div class="json"><div class="json-head"><b>${title}</b>
  <button type="button" class="button small" onClick=${() => copy(pretty(value))}>${t('copy.json')}</button></div><pre tabindex="0">${pretty(value)}</pre></div>`;

function Details({ one }) {
  const kit = kitOf(one);
  return html`<div class="exchange-details">
    ${one.broken.length ? html`<ul class="broken">${one.broken.map((rule) => html`<li>${rule}</li>`)}</ul>` : null}
    ${kit ? html`<button type="button" class="button small" data-copy-kit onClick=${() => copyKit(kit)}>${t('message.copy_kit')}</button>` : null}
    <${Json} title=${t('inspector.request')} value=${one.request} /><${Json} title=${t('inspector.answer')} value=${one.answer} />
  </div>`;
}

const Exchange = memo(({ one, zone }) => {
  const [open, setOpen] = useState(false);
  return html`<li class=${names('exchange', one.direction, failed(one) && 'failed')}>
    <button type="button" class="exchange-line" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <span class="arrow" title=${t(`inspector.${one.direction}`)} aria-label=${t(`inspector.${one.direction}`)}>${one.direction === 'to_bot' ? '→' : '←'}</span>
      <span class="grow"><b>${one.method}</b> <span class="soft">${subject(one)}</span></span>
      ${one.broken.length ? html`<span class="badge">${t('inspector.broken', { count: one.broken.length })}</span>` : null}
      <span class="status">${one.status ?? '—'}</span><time>${time(one.at, zone)}</time>
    </button>
    ${open ? html`<${Details} one=${one} />` : null}
  </li>`;
});

/** Try blocks against the rules without sending them. */
function Check() {
  const [text, setText] = useState('');
  const [said, setSaid] = useState(null);
  const check = async () => {
    try {
      const given = JSON.parse(text);
      const blocks = Array.isArray(given) ? given : given.blocks;
      setSaid((await post('/desk/validate', { blocks, surface: given.type || 'message' })).broken);
    } catch (problem) {
      setSaid([problem.message]);
    }
  };
  return html`<details class="check"><summary>${t('inspector.check')}</summary>
    <label class="unseen" for="check-blocks">${t('inspector.check_label')}</label>
    <textarea id="check-blocks" rows="5" spellcheck="false" placeholder='{"blocks": [{"type": "divider"}]}' value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
    <button type="button" class="button" disabled=${!text.trim()} onClick=${check}>${t('inspector.check_now')}</button>
    ${said ? html`<div role="status">${said.length ? html`<ul class="broken">${said.map((one) => html`<li>${one}</li>`)}</ul>` : html`<p class="fine">✓ ${t('inspector.check_fine')}</p>`}</div>` : null}
  </details>`;
}

const KINDS = { all: () => true, from_bot: (one) => one.direction === 'from_bot', to_bot: (one) => one.direction === 'to_bot', failed };

export function Inspector({ exchanges, zone }) {
  const [kind, setKind] = useState('all');
  const [words, setWords] = useState('');
  const [most, setMost] = useState(MOST);
  const found = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    const has = (one) => !wanted || JSON.stringify(one).toLowerCase().includes(wanted);
    return exchanges.filter((one) => KINDS[kind](one) && has(one)).reverse();
  }, [exchanges, kind, words]);
  return html`<div class="inspector">
    <div class="filters">
      <div class="kinds" role="group" aria-label=${t('inspector.filter')}>${Object.keys(KINDS).map((key) => html`<button type="button" aria-pressed=${kind === key}
        data-kind=${key} onClick=${() => setKind(key)}>${t(`inspector.${key}`)}</button>`)}</div>
      <input type="search" aria-label=${t('inspector.search')} placeholder=${t('inspector.search')} value=${words} onInput=${(event) => setWords(event.target.value)} />
    </div>
    <${Check} />
    <ol class="exchanges">${found.slice(0, most).map((one) => html`<${Exchange} key=${one.number} one=${one} zone=${zone} />`)}</ol>
    ${found.length ? null : html`<p class="empty">${t('inspector.empty')}</p>`}
    ${found.length > most ? html`<button type="button" class="button" onClick=${() => setMost(most + MOST)}>${t('inspector.more', { count: found.length - most })}</button>` : null}
  </div>`;
}
