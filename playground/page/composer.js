// The message box, with the slash commands of the app's manifest completed as they are typed.
import { html, useMemo, useRef, useState } from './lib.js';
import { act, note } from './store.js';
import { t } from './words.js';

function matching(text, commands) {
  if (!text.startsWith('/') || /\s/.test(text)) return [];
  return commands.filter((one) => one.command.startsWith(text.toLowerCase())).slice(0, 8);
}

function Completion({ found, at, id, onPick }) {
  return html`<ul class="completion" role="listbox" id=${id} aria-label=${t('composer.commands')}>
    ${found.map((one, index) => html`<li role="option" id=${`${id}-${index}`} aria-selected=${index === at}
      onMouseDown=${(event) => { event.preventDefault(); onPick(one); }}>
      <b>${one.command}</b> <span class="usage">${one.usage_hint}</span><small>${one.description}</small>
    </li>`)}
  </ul>`;
}

async function send(text, channel, thread) {
  if (/^\/\S/.test(text)) {
    if (thread) {
      note(t('composer.no_commands_in_threads'), 'problem');
      return false;
    }
    return Boolean(await act('type', { line: text, channel }));
  }
  return Boolean(await act('say', { text, channel, ...(thread ? { thread } : {}) }));
}

/** The keys of the list of commands; tells whether it took the key. */
function completionKey(event, found, at, setAt, pick, close) {
  if (!found.length) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) setAt((at + step + found.length) % found.length);
  else if (event.key === 'Tab' || (event.key === 'Enter' && event.target.value.trim() !== found[at]?.command)) pick(found[at]);
  else if (event.key === 'Escape') close();
  else return false;
  event.preventDefault();
  return true;
}

/** The bytes of a file as base64, which is how the control interface takes them. */
async function encoded(file) {
  let text = '';
  for (const byte of new Uint8Array(await file.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}

function Attach({ channel, busy, setBusy }) {
  const chooser = useRef(null);
  const share = async () => {
    const [file] = chooser.current.files;
    if (!file) return;
    setBusy(true);
    await act('share', { name: file.name, content: await encoded(file), channel });
    chooser.current.value = '';
    setBusy(false);
  };
  return html`<input type="file" id="file-box" hidden ref=${chooser} onChange=${share} />
    <button type="button" class="icon" title=${t('composer.attach')} aria-label=${t('composer.attach')} disabled=${busy}
      onClick=${() => chooser.current.click()}>+</button>`;
}

export function Composer({ channel, thread = '', commands, placeholder }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useRef(null);
  const found = useMemo(() => (closed || thread ? [] : matching(text, commands)), [text, commands, closed, thread]);
  const id = thread ? 'commands-thread' : 'commands';
  const type = (value) => { setText(value); setAt(0); setClosed(false); };
  const pick = (one) => { type(`${one.command} `); box.current.focus(); };
  const submit = async () => {
    const said = text.trim();
    if (!said || busy) return;
    setBusy(true);
    setText('');
    if (!(await send(said, channel, thread))) setText((now) => now || said);
    setBusy(false);
  };
  const keys = (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter that only confirms Japanese input
    if (completionKey(event, found, at, setAt, pick, () => setClosed(true))) return;
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    submit();
  };
  return html`<form class="composer" onSubmit=${(event) => { event.preventDefault(); submit(); }}>
    ${found.length ? html`<${Completion} found=${found} at=${at} id=${id} onPick=${pick} />` : null}
    <textarea ref=${box} rows="1" value=${text} placeholder=${placeholder} aria-label=${placeholder} id=${thread ? 'reply-box' : 'message-box'}
      role="combobox" aria-autocomplete="list" aria-expanded=${found.length > 0} aria-controls=${id}
      aria-activedescendant=${found.length ? `${id}-${at}` : null} onInput=${(event) => type(event.target.value)} onKeyDown=${keys}></textarea>
    ${thread ? null : html`<${Attach} channel=${channel} busy=${busy} setBusy=${setBusy} />`}
    ${thread ? null : html`<button type="button" class="icon" title=${t('composer.commands')} aria-label=${t('composer.commands')}
      onClick=${() => { type('/'); box.current.focus(); }}>/</button>`}
    <button type="submit" class="button primary" disabled=${busy || !text.trim()}>${t('composer.send')}</button>
  </form>`;
}
