// The CRMs beside Slack: their leads, what a person does to them, and what the bot has written.
import { html, memory, names, useState } from './lib.js';
import { direct, note } from './store.js';
import { language, t } from './words.js';

const DAY_AND_TIME = { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' };
/** A moment as the CRM's own page would show it. */
const readable = (text, zone) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g,
  (moment) => new Intl.DateTimeFormat(language.get(), { timeZone: zone, ...DAY_AND_TIME }).format(new Date(moment)));
const at = (moment, zone) => new Intl.DateTimeFormat(language.get(), { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(new Date(moment));

function Choose({ crm, lead, what, choices }) {
  const id = `crm-${crm.kind}-${lead.id}-${what}`;
  const chosen = lead[what];
  const change = (event) => direct(`/crm/${crm.kind}/${what}`, { lead: lead.id, value: event.target.value });
  return html`<label class="crm-field" for=${id}><span>${t(`crm.${what}`)}</span>
    <select id=${id} data-crm=${what} value=${chosen} onChange=${change}>
      ${choices.some((one) => one.value === chosen) ? null : html`<option value=${chosen} disabled selected>${chosen || t('crm.nobody')}</option>`}
      ${choices.map((one) => html`<option key=${one.value} value=${one.value} selected=${one.value === chosen}>${one.label}</option>`)}
    </select></label>`;
}

const Written = ({ lead, zone }) => html`<div class="crm-written"><h5>${t('crm.written')}</h5>
  ${lead.written.length ? html`<ul>${lead.written.slice(0, 6).map((one) => html`<li><time>${at(one.at, zone)}</time>
    <span class="crm-what">${t(`crm.what.${one.what}`)}</span> <span class="crm-text">${readable(one.text, zone)}</span></li>`)}</ul>`
    : html`<p class="soft">${t('crm.nothing_written')}</p>`}</div>`;

function Lead({ crm, lead, zone, desk }) {
  const [busy, setBusy] = useState('');
  const press = (act, done) => async () => {
    if (busy) return;
    setBusy(act);
    const answer = await direct(`/crm/${crm.kind}/${act}`, { lead: lead.id });
    setBusy('');
    if (answer) note(...done(answer));
  };
  const handed = (answer) => (answer.status < 300 ? [t('crm.handed')] : [t('crm.not_handed', { status: answer.status }), 'problem']);
  const button = (act, words, done, off) => html`<button type="button" class=${names('button', busy === act && 'busy')} data-crm=${act}
    aria-disabled=${Boolean(busy)} disabled=${off} onClick=${press(act, done)}>${words}</button>`;
  return html`<article class="crm-lead" data-lead=${lead.id} aria-label=${lead.name}>
    <header><b>${lead.name}</b><small>${lead.company}</small>
      <span class="crm-marks">${lead.score === null ? null : html`<span>${t('crm.score', { score: lead.score })}</span>`}
        ${lead.calls ? html`<span>${t('crm.calls', { count: lead.calls })}</span>` : null}
        ${lead.deal ? html`<span class=${lead.deal}>${t(lead.deal === 'won' ? 'crm.won' : 'crm.deal_open')}</span>` : null}</span></header>
    <div class="crm-fields"><${Choose} crm=${crm} lead=${lead} what="status" choices=${crm.statuses} />
      ${crm.sells ? html`<${Choose} crm=${crm} lead=${lead} what="owner" choices=${crm.owners} />` : null}</div>
    <div class="crm-acts">${button('hand-over', t('crm.hand_over'), handed, !desk)}${crm.sells ? button('call', t('crm.call'), () => [t('crm.called')])
      : [button('score', t('crm.add_score'), () => [t('crm.score_added')]), button('email', t('crm.email'), () => [t('crm.emailed')])]}
      ${crm.wins ? button('win', t('crm.win'), () => [t('crm.won')], lead.deal === 'won') : null}</div>
    <${Written} lead=${lead} zone=${zone} />
  </article>`;
}

const Connect = ({ crm }) => html`<details class="crm-connect"><summary>${t('crm.connect')}</summary>
  <p class="soft">${t('crm.connect_how')}</p><pre><code>mql-bot crm connect ${crm.kind}${crm.kind === 'hubspot' ? ` --address ${crm.address}` : ''}</code></pre>
  <dl>${crm.credentials.map((one) => html`<dt>${t(`crm.ask.${one.word}`)}</dt>
    <dd>${one.value ? html`<code>${one.value}</code>` : t('crm.leave_empty')}</dd>`)}</dl></details>`;

/** What goes wrong between the bot and this CRM, as long as it is switched on. */
const Trouble = ({ crm }) => html`<details class="crm-connect" open=${crm.faults.length > 0}><summary>${t('crm.trouble')}</summary>
  <div class="kinds" role="group" aria-label=${t('crm.trouble')}>${crm.trouble.map((one) => html`<button type="button" key=${one} data-crm-trouble=${one}
    aria-pressed=${crm.faults.includes(one)} onClick=${() => direct(`/crm/${crm.kind}/trouble`, { value: one })}>${t(`crm.trouble.${one}`)}</button>`)}</div></details>`;

export function Crm({ crms, zone, desk }) {
  const [kind, setKind] = useState(memory.read('crm') || '');
  const crm = crms.find((one) => one.kind === kind) || crms[0];
  const choose = (next) => { memory.write('crm', next); setKind(next); };
  if (!crm) return html`<p class="empty">${t('crm.none')}</p>`;
  return html`<div class="panel-inside crm">
    <p class="soft">${t('crm.about')}</p>
    <div class="kinds" role="group" aria-label=${t('crm.which')}>${crms.map((one) => html`<button type="button" key=${one.kind} data-crm-kind=${one.kind}
      aria-pressed=${one.kind === crm.kind} onClick=${() => choose(one.kind)}>${one.title}</button>`)}</div>
    <${Connect} crm=${crm} /><${Trouble} crm=${crm} />
    ${crm.leads.map((lead) => html`<${Lead} key=${`${crm.kind}/${lead.id}`} crm=${crm} lead=${lead} zone=${zone} desk=${desk} />`)}
  </div>`;
}
