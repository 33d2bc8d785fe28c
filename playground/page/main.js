// The whole page, and its start.
import { Question, question } from './confirm.js';
import { Panel, Warnings } from './desk.js';
import { html, names, render, useEffect, useState } from './lib.js';
import { Conversation, ThreadPane } from './middle.js';
import { Modal } from './modal.js';
import { Sidebar } from './sidebar.js';
import { dismiss, openPanel, set, start, view } from './store.js';
import { setReader } from './time.js';
import { Night, OtherLanguage, TopBar, applyTheme, theme } from './topbar.js';
import { Tour, wantsTour } from './tour.js';
import { language, loadWords, t } from './words.js';

function useWatched(value) {
  const [now, setNow] = useState(value.get());
  useEffect(() => value.watch(setNow), [value]);
  return now;
}

function Notes({ notes }) {
  return html`<div class="notes" role="status" aria-live="polite">${notes.map((one) => html`<div key=${one.id} class=${`note ${one.kind}`}>
    <span class="grow">${one.text}${one.detail ? html`<small>${one.detail}</small>` : null}</span>
    ${one.kind === 'problem' ? html`<button type="button" class="plain-button" onClick=${() => { openPanel('inspector'); dismiss(one.id); }}>${t('inspector.title')}</button>` : null}
    <button type="button" class="icon" aria-label=${t('dialog.close')} onClick=${() => dismiss(one.id)}>✕</button>
  </div>`)}</div>`;
}

function Page() {
  const now = useWatched(view);
  const asked = useWatched(question);
  const [touring, setTouring] = useState(wantsTour());
  useWatched(language);
  useWatched(theme);
  const { state } = now;
  const waiting = state?.channels.reduce((sum, one) => sum + one.unread, 0);
  useEffect(() => {
    if (state) document.title = `${waiting ? `(${waiting}) ` : ''}${state.reader.real_name} – Playground`;
  }, [waiting, state?.reader.real_name]);
  if (!state) return html`<p class="starting">${now.connected ? 'Playground …' : t('error.connection')}</p>`;
  setReader(state.reader);
  return html`<div class=${names('page', now.panel && 'with-panel', now.thread && 'with-thread')}>
    <a class="skip" href="#message-box" onClick=${(event) => { event.preventDefault(); document.getElementById('message-box')?.focus(); }}>${t('page.skip')}</a>
    <${TopBar} now=${now} onTour=${() => setTouring(true)} />
    <${Warnings} now=${now} />
    <${Night} desk=${now.state.desk} />
    <${OtherLanguage} key=${`${state.run}${language.get()}`} desk=${now.state.desk} />
    <div class="rooms">
      <${Sidebar} now=${now} />
      ${now.side ? html`<div class="shade" onClick=${() => set({ side: false })}></div>` : null}
      <${Conversation} now=${now} />
      ${now.thread ? html`<${ThreadPane} now=${now} />` : null}
      ${now.panel ? html`<${Panel} now=${now} />` : null}
    </div>
    ${touring ? html`<${Tour} onEnd=${() => setTouring(false)} />` : null}
    ${state.modal ? html`<${Modal} key=${state.reader.id} of=${state.modal} depth=${state.modal_depth} app=${state.app.name} />` : null}
    ${asked ? html`<${Question} of=${asked} />` : null}
    <${Notes} notes=${now.notes} />
  </div>`;
}

applyTheme(theme.get());
await loadWords();
const box = document.getElementById('page');
box.replaceChildren();
render(html`<${Page} />`, box);
await start();
document.documentElement.dataset.ready = 'yes';
