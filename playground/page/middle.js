// The middle: the open conversation with its head and message box, the Home tab, and a thread at the side.
import { Blocks } from './blocks.js';
import { Composer } from './composer.js';
import { MessageList } from './conversation.js';
import { html, useEffect, useLayoutEffect, useMemo, useRef } from './lib.js';
import { givenOf, initialOf } from './inputs.js';
import { act, go, set } from './store.js';
import { language, t } from './words.js';

const isReply = (one) => one.thread_ts && one.thread_ts !== one.ts;
const top = (all) => all.filter((one) => !isReply(one) || one.reply_broadcast || (one.ephemeral && !one.thread_ts));
const byTime = (messages) => [...messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));

function Tabs({ tab, channel }) {
  const one = (key) => html`<button type="button" role="tab" id=${`tab-${key}`} aria-selected=${tab === key} aria-controls="tab-panel"
    onClick=${() => go({ channel, tab: key })}>${t(`tab.${key}`)}</button>`;
  return html`<div class="tabs" role="tablist">${one('home')}${one('messages')}</div>`;
}

function Head({ channel, state, tab }) {
  const direct = channel.kind === 'im';
  return html`<header class="head">
    <button type="button" class="icon drawer" aria-label=${t('side.open')} title=${t('side.open')} onClick=${() => set({ side: true })}>☰</button>
    <h1 tabindex="-1">${direct ? html`<span aria-hidden="true" class="app-dot">◆</span> ${state.app.name}` : html`<span class="hash">#</span>${channel.name}`}</h1>
    ${direct ? html`<${Tabs} tab=${tab} channel=${channel.id} />` : html`<span class="soft grow about">${aboutOf(channel)}</span>`}
  </header>`;
}

const ABOUT = { mql: 'channel.mql', 'mql-intake': 'channel.intake' };
const aboutOf = (channel) => (ABOUT[channel.name] ? t(ABOUT[channel.name]) : t('channel.members', { count: channel.members.length }));

/** The Home tab: the bot hears that it is opened, and publishes it. With another first line it is another screen, which
 *  begins at its top; what is published anew stays where its reader was. */
export function HomeTab({ state }) {
  useEffect(() => { act('home'); }, [state.reader.id]);
  const view = state.home;
  const box = useRef(null);
  useLayoutEffect(() => { box.current.scrollTop = 0; }, [state.reader.id, view?.blocks[0]?.text?.text]);
  const place = {
    where: { in: 'home' },
    given: (block, element) => givenOf(view.state.values[block.block_id]?.[element.action_id]) ?? initialOf(element),
  };
  return html`<div ref=${box} class="home" id="tab-panel" role="tabpanel" aria-labelledby="tab-home" tabindex="0"><div class="home-inside">
    ${view ? html`<${Blocks} blocks=${view.blocks} place=${place} />` : html`<p class="empty">${t('home.empty')}</p>`}
  </div></div>`;
}

const Empty = ({ channel }) => html`<div class="messages-around"><div class="empty"><p class="empty-mark" aria-hidden="true">${channel.kind === 'im' ? '◆' : '#'}</p>
  <p>${t(channel.kind === 'im' ? 'conversation.empty_dm' : channel.name === 'mql' ? 'conversation.empty_mql' : 'conversation.empty')}</p></div></div>`;

export function Conversation({ now }) {
  const { state, messages, loaded } = now;
  const channel = state.channels.find((one) => one.id === now.channel);
  const all = useMemo(() => byTime(messages), [messages]);
  const shown = useMemo(() => top(all), [all]);
  if (!channel) return html`<main class="conversation"></main>`;
  const home = channel.kind === 'im' && now.tab === 'home';
  const key = `${state.reader.id}/${channel.id}/${language.get()}`;
  const name = channel.kind === 'im' ? state.app.name : `#${channel.name}`;
  const placeholder = channel.archived ? t('composer.archived') : t('composer.to', { name });
  let inside = html`<div class="messages-around"></div>`;
  if (home) inside = html`<${HomeTab} state=${state} />`;
  else if (shown.length) inside = html`<${MessageList} key=${key} messages=${shown} channel=${channel.id} target=${now.thread ? '' : now.target} label=${name} />`;
  else if (loaded === channel.id) inside = html`<${Empty} channel=${channel} />`;
  return html`<main class="conversation" aria-label=${name}>
    <${Head} channel=${channel} state=${state} tab=${now.tab} />
    ${inside}
    ${home ? null : html`<${Composer} key=${channel.id} channel=${channel.id} commands=${state.app.command_help} placeholder=${placeholder} />`}
  </main>`;
}

export function ThreadPane({ now }) {
  const { messages, thread, channel, state } = now;
  const shown = useMemo(() => byTime(messages).filter((one) => one.ts === thread || one.thread_ts === thread), [messages, thread]);
  const close = () => go({ channel });
  useEffect(() => { document.querySelector('.thread h2')?.focus(); }, [thread]);
  const keys = (event) => { if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) close(); };
  return html`<aside class="thread" aria-labelledby="thread-title" onKeyDown=${keys}>
    <header class="head"><h2 id="thread-title" tabindex="-1">${t('thread.title')}</h2><span class="grow"></span>
      <button type="button" class="icon" aria-label=${t('dialog.close')} title=${t('dialog.close')} onClick=${close}>✕</button></header>
    ${shown.length ? html`<${MessageList} key=${`${thread}/${language.get()}`} messages=${shown} channel=${channel} threaded=${true} target=${now.target} label=${t('thread.title')} />`
      : html`<div class="messages-around"><p class="empty">${t('thread.gone')}</p></div>`}
    <${Composer} key=${thread} channel=${channel} thread=${thread} commands=${state.app.command_help} placeholder=${t('composer.reply')} />
  </aside>`;
}
