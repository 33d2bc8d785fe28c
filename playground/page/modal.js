// The modal in front: inputs with their errors, the views below it, and what happens when it is sent.
import { Blocks } from './blocks.js';
import { Dialog } from './confirm.js';
import { html, names, useEffect, useLayoutEffect, useRef, useState } from './lib.js';
import { givenOf, initialOf, isTyped } from './inputs.js';
import { post } from './api.js';
import { act, refresh, view as page } from './store.js';
import { plain } from './text.js';
import { t } from './words.js';

const keyOf = (block, element) => `${block.block_id} ${element.action_id}`;
const isEmpty = (value) => value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);

/** What Slack's own client says about a value before the bot ever sees it; empty where it is fine. */
export function wrong(block, element, value) {
  if (isEmpty(value)) return block.optional ? '' : t('input.required');
  const text = String(value);
  if (element.type === 'email_text_input' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) return t('input.no_email');
  if (element.type === 'url_text_input' && !/^https?:\/\/\S+$/.test(text)) return t('input.no_url');
  if (element.type === 'number_input') return wrongNumber(element, text);
  if (element.type !== 'plain_text_input') return '';
  if (element.max_length && text.length > element.max_length) return t('input.too_long', { most: element.max_length, now: text.length });
  if (element.min_length && text.length < element.min_length) return t('input.too_short', { least: element.min_length });
  return '';
}

function wrongNumber(element, text) {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return t('input.no_number');
  if (!element.is_decimal_allowed && text.includes('.')) return t('input.no_decimals');
  if (element.min_value !== undefined && Number(text) < Number(element.min_value)) return t('input.at_least', { least: element.min_value });
  if (element.max_value !== undefined && Number(text) > Number(element.max_value)) return t('input.at_most', { most: element.max_value });
  return '';
}

/** What the person entered lives here until the playground has it: by view, block and action. */
class Entries {
  constructor() { this.of = ''; this.values = new Map(); this.dirty = new Map(); }

  begin(viewId) {
    if (this.of === viewId) return;
    this.of = viewId;
    this.values.clear();
    this.dirty.clear();
  }

  enter(block, element, value) {
    this.values.set(keyOf(block, element), value);
    this.dirty.set(keyOf(block, element), { block: block.block_id, what: element.action_id, value });
  }

  /** Hand what is new to the playground. A value that its element would not take is kept and told at sending. */
  async flush() {
    const waiting = [...this.dirty];
    this.dirty.clear();
    for (const [key, one] of waiting) {
      await post('/acts/choose', { user: page.get().person, in: 'modal', ...one })
        .catch((problem) => { if (!this.dirty.has(key) && problem.status === 409) this.dirty.set(key, one); });
    }
  }
}

function usePlace(of, errors, setErrors) {
  const entries = useRef(null);
  entries.current ??= new Entries();
  entries.current.begin(of.id);
  const [, again] = useState(0);
  const tell = async (block, element) => {
    if (!block.dispatch_action && block.type === 'input') return;
    await entries.current.flush();
    refresh();
  };
  return {
    entries: entries.current,
    where: { in: 'modal' },
    errors,
    before: () => entries.current.flush(),
    given: (block, element) => {
      const key = keyOf(block, element);
      if (entries.current.values.has(key)) return entries.current.values.get(key);
      return givenOf(of.state.values[block.block_id]?.[element.action_id]) ?? initialOf(element);
    },
    change(block, element, value) {
      entries.current.enter(block, element, value);
      if (errors[block.block_id]) setErrors({ ...errors, [block.block_id]: undefined });
      again((count) => count + 1);
      if (!isTyped(element)) tell(block, element);
    },
    done: tell,
  };
}

function check(of, place) {
  const found = {};
  for (const block of of.blocks) {
    if (block.type !== 'input') continue;
    const said = wrong(block, block.element, place.given(block, block.element));
    if (said) found[block.block_id] = said;
  }
  return found;
}

function focusFirst(form, errors, of) {
  const block = of.blocks.find((one) => errors[one.block_id]);
  if (!block) return;
  requestAnimationFrame(() => {
    const field = form.querySelector(`#${CSS.escape(`${block.block_id}-${block.element.action_id}`)}`);
    (field?.matches('div') ? field.querySelector('input') : field)?.focus();
  });
}

/** The modal in front. With another first line it is another screen, which begins at its top, as the Home tab does. */
export function Modal({ of, depth, app }) {
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  const place = usePlace(of, errors, setErrors);
  const form = useRef(null);
  const body = useRef(null);
  useEffect(() => setErrors({}), [of.id]);
  useLayoutEffect(() => { body.current.scrollTop = 0; }, [of.blocks[0]?.text?.text]);
  const show = (found) => { setErrors(found); focusFirst(form.current, found, of); };
  const submit = async (event) => {
    event.preventDefault();
    const found = check(of, place);
    if (busy || Object.keys(found).length) {
      show(found);
      return;
    }
    setBusy(true);
    await place.entries.flush();
    const outcome = await act('submit');
    setBusy(false);
    if (outcome) show(outcome.errors);
  };
  const close = (everything) => act('close', { everything });
  return html`<${Dialog} class=${names('modal', busy && 'busy')} labelledby="modal-title" onClose=${() => close(false)}>
    <form ref=${form} onSubmit=${submit} novalidate>
      <header>
        ${depth > 1 ? html`<button type="button" class="icon" aria-label=${t('modal.back')} title=${t('modal.back')} onClick=${() => close(false)}>←</button>`
          : html`<span class="avatar app" aria-hidden="true">◆</span>`}
        <h2 id="modal-title">${plain(of.title.text)}<small>${app}</small></h2>
        <button type="button" class="icon" aria-label=${t('dialog.close')} title=${t('dialog.close')} onClick=${() => close(true)}>✕</button>
      </header>
      <div ref=${body} class="body" key=${of.id}><${Blocks} blocks=${of.blocks} place=${place} /></div>
      <footer class="foot">
        <button type="button" class="button" onClick=${() => close(false)}>${of.close ? plain(of.close.text) : t('dialog.cancel')}</button>
        ${of.submit ? html`<button type="submit" class="button primary" aria-disabled=${busy}>${plain(of.submit.text)}</button>` : null}
      </footer>
    </form>
  </${Dialog}>`;
}
