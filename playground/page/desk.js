// The desk: what comes in from outside, and what goes wrong between the bot and Slack.
import { Crm } from './crm.js';
import { html, names, useState } from './lib.js';
import { FEEDS } from './feed.js';
import { Inspector } from './inspector.js';
import { Status } from './status.js';
import { direct, note, openPanel, set, view } from './store.js';
import { t } from './words.js';

function Feed({ state }) {
  const [busy, setBusy] = useState('');
  const press = async (key) => {
    if (busy) return;
    setBusy(key);
    const done = await FEEDS[key]();
    setBusy('');
    if (done) note(done);
  };
  const needsBot = new Set(['webhook', 'burst', 'workflow']);
  return html`<section aria-labelledby="feed-title">
    <h3 id="feed-title">${t('feed.title')}</h3><p class="soft">${t('feed.about')}</p>
    <div class="feeds">${Object.keys(FEEDS).map((key) => html`<button type="button" class=${names('feed', busy === key && 'busy')} data-feed=${key}
      aria-disabled=${Boolean(busy)} disabled=${needsBot.has(key) && !state.desk} onClick=${() => press(key)}>
      <b>${t(`feed.${key}`)}</b><small>${t(`feed.${key}_about`)}</small></button>`)}</div>
  </section>`;
}

const TROUBLE = {
  rate_limit: [{ method: '*', fault: 'rate_limit', seconds: 5 }],
  error_500: [{ method: '*', fault: 'error_500' }],
  hang: [{ method: '*', fault: 'hang', seconds: 8 }],
  html_page: [{ method: '*', fault: 'html_page' }],
  lose_answer: ['chat.postMessage', 'chat.postEphemeral', 'chat.update', 'views.open', 'views.publish'].map((method) => ({ method, fault: 'lose_answer' })),
};

function Switch({ on, label, about, name, onSwitch }) {
  return html`<label class="switch"><input type="checkbox" role="switch" checked=${on} data-switch=${name} onChange=${(event) => onSwitch(event.target.checked)} />
    <span class="grow"><b>${label}</b><small>${about}</small></span></label>`;
}

async function trouble(kind, on) {
  if (!on) return direct('/faults/clear', { fault: kind });
  for (const one of TROUBLE[kind]) await direct('/faults', one);
  return null;
}

function Trouble({ state, faults }) {
  const [busy, setBusy] = useState(false);
  const power = async (running) => {
    if (busy) return;
    setBusy(true);
    const answer = await direct('/desk/switch', { running });
    setBusy(false);
    if (answer) note(t(running ? 'trouble.bot_started' : 'trouble.bot_stopped'));
  };
  const running = state.desk?.running;
  return html`<section aria-labelledby="trouble-title">
    <h3 id="trouble-title">${t('trouble.title')}</h3><p class="soft">${t('trouble.about')}</p>
    ${Object.keys(TROUBLE).map((kind) => html`<${Switch} key=${kind} name=${kind} on=${faults.some((one) => one.fault === kind)}
      label=${t(`trouble.${kind}`)} about=${t(`trouble.${kind}_about`)} onSwitch=${(on) => trouble(kind, on)} />`)}
    <${Switch} name="rate_limits" on=${state.settings.rate_limits} label=${t('trouble.real_limits')} about=${t('trouble.real_limits_about')}
      onSwitch=${(on) => direct('/settings', { rate_limits: on })} />
    <${Switch} name="twice" on=${state.settings.delivery_twice} label=${t('trouble.twice')} about=${t('trouble.twice_about')}
      onSwitch=${(on) => direct('/settings', { delivery_twice: on })} />
    ${state.desk ? html`<div class="power"><span class=${names('lamp', running && 'on')} aria-hidden="true"></span>
      <span class="grow" role="status"><b>${t(running ? 'trouble.bot_runs' : 'trouble.bot_is_off')}</b><small>${t('trouble.bot_about')}</small></span>
      <button type="button" class=${names('button', running ? 'danger' : 'primary', busy && 'busy')} aria-disabled=${busy} data-power onClick=${() => power(!running)}>
        ${t(running ? 'trouble.stop' : 'trouble.start')}</button></div>` : null}
  </section>`;
}

export function Panel({ now }) {
  const { panel, state } = now;
  const close = () => {
    set({ panel: '' });
    document.querySelector(`[data-panel=${panel}]`)?.focus();
  };
  const keys = (event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); };
  return html`<aside class=${names('panel', panel)} aria-labelledby="panel-title" onKeyDown=${keys}>
    <header class="head"><h2 id="panel-title">${t(`${panel}.title`)}</h2><span class="grow"></span>
      <button type="button" class="icon" aria-label=${t('dialog.close')} title=${t('dialog.close')} onClick=${close}>✕</button></header>
    ${panel === 'desk' ? html`<div class="panel-inside"><${Feed} state=${state} /><${Status} key=${state.reader.id} reader=${state.reader} /><${Trouble} state=${state} faults=${now.faults} /></div>`
      : panel === 'crm' ? html`<${Crm} crms=${now.crms} zone=${state.desk?.timezone || state.reader.tz} desk=${state.desk} />`
      : html`<${Inspector} exchanges=${now.exchanges} zone=${state.desk?.timezone || state.reader.tz} />`}
  </aside>`;
}

/** What is switched on and would otherwise puzzle somebody who forgot it. */
export function Warnings({ now }) {
  const kinds = [...new Set(now.faults.map((one) => one.fault))].filter((kind) => kind in TROUBLE).map((kind) => t(`trouble.${kind}`));
  if (now.state.desk && !now.state.desk.running) kinds.unshift(t('trouble.bot_is_off'));
  if (!now.connected) kinds.unshift(t('error.connection'));
  if (!kinds.length) return null;
  return html`<div class="warnings" role="status"><span>⚠ ${kinds.join(t('list.separator'))}</span>
    ${view.get().panel === 'desk' || !now.connected ? null : html`<button type="button" onClick=${() => openPanel('desk')}>${t('trouble.open')}</button>`}</div>`;
}
