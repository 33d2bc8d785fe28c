// What the page knows: the workspace as one person sees it, the open conversation, and where the reader stands.
import { get, post } from './api.js';
import { listen } from './live.js';
import { memory, wait, watched } from './lib.js';
import { setClock } from './time.js';
import { t } from './words.js';

const PAUSE = 80; // A burst of changes is drawn a few times a second, not once for each.

export const view = watched({
  state: null, // the workspace as the reader sees it
  person: '', // whom this tab acts as
  channel: '', // the open conversation
  tab: 'messages', // or home, in the direct message with the bot
  thread: '', // the ts of the thread at the side
  target: '', // the ts of a message to look at
  messages: new Map(),
  loaded: '', // which conversation the messages are of
  exchanges: [],
  faults: [],
  crms: [], // as they stand, while they are shown
  panel: '', // desk, crm, inspector
  side: false, // the left side, where it is a drawer
  connected: true,
  notes: [],
});

export const set = (patch) => view.set({ ...view.get(), ...patch });

// Where the reader stands is kept per tab: in the address, and in the tab's own memory.

function readAddress() {
  const [person, channel, thread] = decodeURIComponent(location.hash.slice(2)).split('/');
  return { person: person || memory.read('person', 'sessionStorage') || '', channel: channel || '', thread: thread || '' };
}

export function address(person, channel = '', thread = '') {
  return `#/${[person, channel, thread].filter(Boolean).map(encodeURIComponent).join('/')}`;
}

// Where there is no room for a thread and a panel beside the messages, the one that is opened takes the other's place.
const isTight = () => window.innerWidth <= 1480;

export function openPanel(panel) {
  set({ panel, ...(isTight() ? { thread: '' } : {}) });
  if (panel === 'crm') refresh();
}

export function go({ person = view.get().person, channel = '', thread = '', tab = 'messages', target = '' }) {
  const now = view.get();
  const other = person !== now.person || channel !== now.channel;
  const stay = { person, channel, thread, tab, target, side: false, ...(thread && isTight() ? { panel: '' } : {}) };
  const state = person === now.person ? now.state : now.state && { ...now.state, modal: null, home: null };
  set(other ? { ...stay, messages: new Map(), loaded: '', state } : stay);
  memory.write('person', person, 'sessionStorage');
  const there = address(person, channel, thread);
  if (location.hash !== there) history.pushState(null, '', there);
  return refresh();
}

window.addEventListener('popstate', () => go(readAddress()));

// Reading

let reading = null;
let again = false;

/** Read what changed. Calls that come meanwhile are answered by one more reading. */
export function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = readAll().finally(() => { reading = null; });
  return reading;
}

async function readAll() {
  do {
    again = false;
    try {
      await readOnce();
      if (!view.get().connected) set({ connected: true });
    } catch (problem) {
      if (problem.status === 404 && view.get().person) await actAsSomebody();
      else if (!problem.status) set({ connected: false });
      else note(problem.message, 'problem');
    }
    await wait(PAUSE);
  } while (again);
}

async function actAsSomebody() {
  set({ person: '', channel: '', thread: '', messages: new Map(), loaded: '' });
  await readOnce();
}

async function readOnce() {
  const { person } = view.get();
  const query = person ? `&as=${encodeURIComponent(person)}` : '';
  const [state, log, faults, shown] = await Promise.all([
    get(`/state?messages=none${query}`), get(`/log?since=${lastExchange()}`), get('/faults'),
    view.get().panel === 'crm' ? get('/crm') : null,
  ]);
  if (view.get().person !== person) {
    again = true;
    return;
  }
  setClock(state.now);
  const before = view.get();
  const restarted = before.state && before.state.run !== state.run;
  const channel = state.channels.some((one) => one.id === before.channel) ? before.channel : firstChannel(state);
  const exchanges = restarted ? [] : [...before.exchanges, ...log.exchanges].slice(-2000);
  again = again || Boolean(restarted);
  set({
    state, channel, exchanges, faults: faults.faults, ...(shown || {}), person: state.reader.name,
    ...(restarted ? { messages: new Map(), loaded: '', thread: '' } : {}),
  });
  await readMessages(state.reader.name, channel);
}

const lastExchange = () => view.get().exchanges.at(-1)?.number ?? 0;

const firstChannel = (state) => (state.channels.find((one) => one.kind !== 'im') || state.channels[0])?.id || '';

const revisions = new WeakMap();

async function readMessages(person, channel) {
  const known = view.get().messages;
  const since = revisions.get(known) ?? -1;
  const query = `as=${encodeURIComponent(person)}&channel=${encodeURIComponent(channel)}&since=${since}`;
  const fresh = await get(`/conversation?${query}`);
  const now = view.get();
  if (now.person !== person || now.channel !== channel || now.messages !== known) return;
  let messages = known;
  if (fresh.messages.length || fresh.gone.length) {
    messages = new Map(known);
    for (const one of fresh.messages) messages.set(one.ts, one);
    for (const ts of fresh.gone) messages.delete(ts);
  }
  revisions.set(messages, fresh.revision);
  if (messages !== known || now.loaded !== channel) set({ messages, loaded: channel });
  markRead(person, channel);
}

/** Whoever has a conversation before their eyes has read it. */
export async function markRead(person, channel) {
  const known = view.get().state?.channels.find((one) => one.id === channel);
  if (!known?.unread || document.visibilityState !== 'visible' || view.get().tab === 'home') return;
  known.unread = 0;
  await post('/acts/read', { user: person, channel }).catch(() => {});
  refresh();
}

document.addEventListener('visibilitychange', () => markRead(view.get().person, view.get().channel));

// Acting

/** Do something as the person of this tab. Returns the outcome, or null where it was refused, which is then shown. */
export async function act(name, body = {}) {
  try {
    return await post(`/acts/${name}`, { user: view.get().person, ...body });
  } catch (problem) {
    explain(problem);
    return null;
  } finally {
    refresh();
  }
}

/** Change something about the playground. Returns the answer, or null where it was refused, which is then shown. */
export async function direct(path, body = {}) {
  try {
    return await post(path, body);
  } catch (problem) {
    explain(problem);
    return null;
  } finally {
    refresh();
  }
}

/** What the bot offers in a menu of the open form for what somebody has typed; nothing where it does not answer. */
export async function suggestions(block, what, typed) {
  try {
    return (await post('/suggestions', { user: view.get().person, in: 'modal', block, what, typed })).options;
  } catch (problem) {
    explain(problem);
    return [];
  }
}

function explain(problem) {
  const bot = view.get().state?.app.name || 'bot';
  if (!problem.status) set({ connected: false });
  else if (problem.code === 'client_refused' && /^time does not go back/.test(problem.message)) note(t('time.refused'), 'problem');
  else if (problem.status === 502) note(t('error.not_acknowledged', { bot, code: problem.code }), 'problem', problem.message);
  else note(problem.message, 'problem');
}

let noteNumber = 0;

/** Show a short note for some seconds. */
export function note(text, kind = 'info', detail = '') {
  noteNumber += 1;
  const one = { id: noteNumber, text, kind, detail };
  const others = view.get().notes.filter((other) => other.kind === 'problem').slice(-2);
  set({ notes: [...others, one] });
  setTimeout(() => dismiss(one.id), kind === 'problem' ? 12000 : 4000);
}

export const dismiss = (id) => set({ notes: view.get().notes.filter((one) => one.id !== id) });

export async function start() {
  set(readAddress());
  await refresh();
  listen({ changed: refresh, lost: () => set({ connected: false }) });
}

// Who and what is there

export const state = () => view.get().state;
export const personById = (id) => state()?.people.find((one) => one.id === id);
export const channelById = (id) => state()?.channels.find((one) => one.id === id);
