// The Slack status of whoever this tab acts as: a bot may learn from it that somebody is away.
import { html, useState } from './lib.js';
import { act, note } from './store.js';
import { fromWall } from './time.js';
import { t } from './words.js';

const KNOWN = [['', ''], [':palm_tree:', '🌴'], [':face_with_thermometer:', '🤒'], [':calendar:', '📅'], [':house:', '🏠']];

export const statusOf = (person) => [KNOWN.find(([name]) => name === person.status_emoji)?.[1], person.status_text].filter(Boolean).join(' ');

export function Status({ reader }) {
  const [text, setText] = useState('');
  const [emoji, setEmoji] = useState(':palm_tree:');
  const [until, setUntil] = useState('');
  const [busy, setBusy] = useState(false);
  const say = async (body) => {
    if (busy) return;
    setBusy(true);
    const done = await act('status', body);
    setBusy(false);
    if (done) note(t(body.text || body.emoji ? 'status.done' : 'status.cleared', { name: reader.real_name }));
  };
  const set = (event) => {
    event.preventDefault();
    say({ text: text.trim(), emoji, expires: until ? Math.floor(fromWall(until).getTime() / 1000) : 0 });
  };
  const now = statusOf(reader);
  return html`<section aria-labelledby="status-title">
    <h3 id="status-title">${t('status.title', { name: reader.real_name })}</h3>
    <p class="soft">${now ? t('status.now', { status: now }) : t('status.about')}</p>
    <form class="status-form" onSubmit=${set}>
      <label>${t('status.emoji')}<select data-status="emoji" value=${emoji} onChange=${(event) => setEmoji(event.target.value)}>
        ${KNOWN.map(([name, sign]) => html`<option key=${name} value=${name}>${sign ? `${sign} ${name}` : t('status.no_emoji')}</option>`)}</select></label>
      <label>${t('status.text')}<input data-status="text" maxlength="100" value=${text} placeholder=${t('status.example')} onInput=${(event) => setText(event.target.value)} /></label>
      <label>${t('status.until')}<input data-status="until" type="datetime-local" value=${until} onInput=${(event) => setUntil(event.target.value)} /></label>
      <div class="status-buttons"><button type="submit" class="button primary" data-status="set" aria-disabled=${busy} disabled=${!text.trim() && !emoji}>${t('status.set')}</button>
        <button type="button" class="button" data-status="clear" aria-disabled=${busy} disabled=${!now} onClick=${() => say({ text: '', emoji: '', expires: 0 })}>${t('status.clear')}</button></div>
    </form>
  </section>`;
}
