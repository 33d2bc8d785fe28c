// The bar at the top: the bot's clock with its jumps, and how the page itself looks.
import { html, memory, names, useState, watched } from './lib.js';
import { direct, note, openPanel, set } from './store.js';
import { now as clock, toWall, useClock } from './time.js';
import { language, setLanguage, t } from './words.js';

export const theme = watched(memory.read('theme') || 'auto');

export function applyTheme(next) {
  memory.write('theme', next);
  document.documentElement.dataset.theme = next;
  theme.set(next);
}

const inZone = (date, tz, options) => new Intl.DateTimeFormat(language.get(), { timeZone: tz, ...options }).format(date);
const DAY = { weekday: 'short', month: 'short', day: 'numeric' };
const TIME = { hour: '2-digit', minute: '2-digit' };

const at = (moment, zone) => inZone(new Date(moment), zone, { ...DAY, ...TIME });

/** Let time pass. The bot then does what is due, and the page shows it. */
export async function jump(body) {
  const answer = await direct('/desk/jump', body);
  if (answer) note(t('time.now_is', { time: at(answer.now, document.body.dataset.zone) }));
  return answer;
}

function Clock({ zone }) {
  useClock(1000);
  const moment = clock();
  return html`<div class="clock" role="timer" aria-label=${t('time.label')}>
    <span class="clock-day">${inZone(moment, zone, DAY)}</span>
    <span class="clock-time">${inZone(moment, zone, { ...TIME, second: '2-digit', hourCycle: 'h23' })}</span>
    <span class="clock-zone">${zone.split('/').pop().replace('_', ' ')}</span>
  </div>`;
}

function GoTo({ zone }) {
  const [wall, setWall] = useState('');
  const go = async (event) => {
    event.preventDefault();
    if (!wall || !(await jump({ to: wall }))) return;
    document.getElementById('go-to-box')?.hidePopover();
  };
  const opened = (event) => {
    if (event.newState !== 'open') return;
    setWall(toWall(clock(), zone));
    document.getElementById('go-to').focus();
  };
  return html`<button type="button" class="icon" popovertarget="go-to-box" aria-label=${t('time.go_to')} title=${t('time.go_to')} data-jump="to">…</button>
    <form id="go-to-box" popover="auto" class="go-to" onSubmit=${go} onToggle=${opened}>
      <label for="go-to">${t('time.go_to')}</label>
      <input id="go-to" type="datetime-local" value=${wall} onInput=${(event) => setWall(event.target.value)} />
      <button type="submit" class="button primary" disabled=${!wall}>${t('time.go')}</button>
    </form>`;
}

function Jumps({ desk }) {
  const [busy, setBusy] = useState('');
  const goes = (moment) => (moment ? t('time.to', { time: at(moment, desk.timezone) }) : t('time.no_checkpoint'));
  const choices = [
    ['15m', { seconds: 900 }, t('time.15m')], ['1h', { seconds: 3600 }, t('time.1h')],
    ['checkpoint', { to: 'checkpoint' }, t('time.checkpoint'), goes(desk.next_checkpoint)],
    ['24h', { seconds: 86400 }, t('time.24h')],
    ['digest', { to: 'digest' }, t('time.digest'), goes(desk.next_digest)],
  ];
  const nothing = { checkpoint: !desk.next_checkpoint, digest: !desk.next_digest };
  const press = async (key, body) => {
    if (busy) return;
    setBusy(key);
    await jump(body);
    setBusy('');
  };
  return html`<div class="jumps" role="group" aria-label=${t('time.jumps')}>
    ${choices.map(([key, body, label, title]) => html`<button type="button" data-jump=${key} title=${title} class=${busy === key ? 'busy' : ''}
      aria-disabled=${Boolean(busy)} disabled=${nothing[key]} onClick=${() => press(key, body)}>${label}</button>`)}
    <${GoTo} zone=${desk.timezone} />
  </div>`;
}

/** Why no message comes at night. */
export function Night({ desk }) {
  const [busy, setBusy] = useState(false);
  if (!desk?.quiet) return null;
  const { until, held } = desk.quiet;
  const on = async () => {
    if (busy) return;
    setBusy(true);
    await jump({ to: 'morning' });
    setBusy(false);
  };
  const said = t(held ? 'night.held' : 'night.quiet', { time: at(until, desk.timezone), count: held });
  return html`<div class="night" role="status"><span><span aria-hidden="true">☾</span> ${said}</span>
    <button type="button" class=${busy ? 'busy' : ''} aria-disabled=${busy} data-jump="morning" onClick=${on}>${t('night.over')}</button></div>`;
}

/** The company speaks another language than its reader: it can begin anew in theirs. */
export function OtherLanguage({ desk }) {
  const [busy, setBusy] = useState(false);
  if (!desk?.language || desk.language === language.get()) return null;
  const begin = async () => {
    if (busy) return;
    setBusy(true);
    await direct('/desk/language', { language: language.get() });
  };
  return html`<div class="night" role="status"><span>${t('look.begin_again')}</span>
    <button type="button" class=${busy ? 'busy' : ''} aria-disabled=${busy} data-begin-again onClick=${begin}>${t('look.begin_again_now')}</button></div>`;
}

const LOOKS = { auto: '◐', light: '☀', dark: '☾' };
const AFTER = { auto: 'light', light: 'dark', dark: 'auto' };

function Looks({ onTour }) {
  const look = theme.get();
  const said = t('look.theme', { now: t(`look.${look}`), next: t(`look.${AFTER[look]}`) });
  return html`<div class="looks">
    <button type="button" class="icon" data-tour="again" aria-label=${t('tour.again')} title=${t('tour.again')} onClick=${onTour}>?</button>
    <button type="button" class="icon" aria-label=${said} title=${said} data-theme-switch onClick=${() => applyTheme(AFTER[look])}>${LOOKS[look]}</button>
    <div class="languages" role="group" aria-label=${t('look.language')}>
      ${[['ja', '日本語', '日本語'], ['en', 'EN', 'English']].map(([key, name, full]) => html`<button type="button" lang=${key} data-language=${key} aria-label=${full}
        aria-pressed=${language.get() === key} onClick=${() => setLanguage(key)}>${name}</button>`)}
    </div>
  </div>`;
}

export function TopBar({ now, onTour }) {
  const { state, panel } = now;
  const zone = state.desk?.timezone || state.reader.tz;
  document.body.dataset.zone = zone;
  const open = (key) => openPanel(panel === key ? '' : key);
  const tab = (key, label) => html`<button type="button" class=${names('panel-switch', panel === key && 'on')} aria-pressed=${panel === key}
    data-panel=${key} onClick=${() => open(key)}>${label}</button>`;
  const broken = now.exchanges.some((one) => one.broken.length);
  return html`<header class="top">
    <a class="brand" href="#/" onClick=${(event) => { event.preventDefault(); set({ side: true }); }}><img src="/page/icon.svg" alt="" width="24" height="24" /><b>Playground</b></a>
    <${Clock} zone=${zone} />
    ${state.desk ? html`<${Jumps} desk=${state.desk} />` : html`<span class="grow"></span>`}
    <div class="panels" role="group" aria-label=${t('desk.label')}>${tab('desk', t('desk.title'))}
      ${state.settings.crms.length ? tab('crm', t('crm.title')) : null}
      ${tab('inspector', html`${t('inspector.title')}${broken ? html`<span class="alarm" title=${t('inspector.has_broken')}>!</span>` : null}`)}</div>
    <${Looks} onTour=${onTour} />
  </header>`;
}

