// The left side: the workspace, whom this tab acts as, channels and the direct message with the bot.
import { html, names, useEffect, useRef } from './lib.js';
import { rove } from './menu.js';
import { Avatar } from './message.js';
import { statusOf } from './status.js';
import { address, go, set } from './store.js';
import { t } from './words.js';

const Count = ({ of }) => (of ? html`<span class="count" aria-label=${t('side.unread', { count: of })}>${of > 99 ? '99+' : of}</span>` : null);

function PersonRow({ one, chosen }) {
  const language = one.locale.slice(0, 2) === 'ja' ? '日本語' : 'English';
  return html`<li class=${names('row', 'person', chosen && 'chosen', one.deleted && 'deleted')}>
    <button type="button" class="rove" aria-pressed=${chosen} data-person=${one.name} onClick=${() => go({ person: one.name })}>
      <${Avatar} id=${one.id} name=${one.real_name} />
      <span class="grow"><span class="name">${one.real_name}</span>${statusOf(one) ? html`<small class="status-line">${statusOf(one)}</small>` : null}
        <small>${one.role ? t(`role.${one.role}`) : one.name} · <span lang=${one.locale}>${language}</span></small></span>
      <${Count} of=${one.unread} />
    </button>
    <a class="icon new-tab" href=${address(one.name)} target="_blank" rel="opener" title=${t('side.new_tab', { name: one.real_name })}
      aria-label=${t('side.new_tab', { name: one.real_name })}>↗</a>
  </li>`;
}

function ChannelRow({ one, chosen, app }) {
  const direct = one.kind === 'im';
  const mark = direct ? '◆' : one.kind === 'private' ? '🔒' : '#';
  return html`<li class=${names('row', chosen && 'chosen', one.unread && 'unread', one.archived && 'deleted')}>
    <button type="button" class="rove" aria-current=${chosen ? 'page' : null} data-channel=${direct ? 'app' : one.name} onClick=${() => go({ channel: one.id })}>
      <span class="mark" aria-hidden="true">${mark}</span><span class="name grow">${direct ? app : one.name}</span><${Count} of=${one.unread} />
    </button>
  </li>`;
}

const List = ({ title, children }) => html`<section>
  <h2>${title}</h2><ul onKeyDown=${(event) => rove(event, '.rove')}>${children}</ul>
</section>`;

export function Sidebar({ now }) {
  const { state, channel, side } = now;
  const box = useRef(null);
  useEffect(() => { if (side) box.current.querySelector('[aria-pressed=true]')?.focus(); }, [side]);
  const people = state.people.filter((one) => !one.is_bot);
  const rooms = state.channels.filter((one) => one.kind !== 'im');
  const direct = state.channels.filter((one) => one.kind === 'im');
  const row = (one) => html`<${ChannelRow} key=${one.id} one=${one} chosen=${one.id === channel} app=${state.app.name} />`;
  const keys = (event) => { if (event.key === 'Escape' && side) set({ side: false }); };
  return html`<nav ref=${box} class=${names('side', side && 'open')} aria-label=${t('side.label')} onKeyDown=${keys}>
    <div class="workspace"><span class="workspace-mark" aria-hidden="true">${state.team.name[0]}</span><b class="grow">${state.team.name}</b>
      <button type="button" class="icon drawer" aria-label=${t('dialog.close')} onClick=${() => set({ side: false })}>✕</button></div>
    <${List} title=${t('side.act_as')}>${people.map((one) => html`<${PersonRow} key=${one.id} one=${one} chosen=${one.id === state.reader.id} />`)}</${List}>
    <${List} title=${t('side.channels')}>${rooms.map(row)}</${List}>
    <${List} title=${t('side.apps')}>${direct.map(row)}</${List}>
  </nav>`;
}
