// What can be pressed in a block: buttons, overflow menus, and menus that tell the bot at once.
import { ask } from './confirm.js';
import { html, names, useRef, useState } from './lib.js';
import { Input, isTyped } from './inputs.js';
import { visit } from './links.js';
import { Menu } from './menu.js';
import { act, note } from './store.js';
import { Text, plain } from './text.js';
import { t } from './words.js';

/** Accept the confirm dialog of an element, where it has one. */
async function agreed(element) {
  const { confirm } = element;
  if (!confirm) return true;
  return ask({
    title: plain(confirm.title.text), text: html`<${Text} of=${confirm.text} />`, style: confirm.style,
    confirm: plain(confirm.confirm.text), deny: plain(confirm.deny.text),
  });
}

async function press(place, block, element, option) {
  if (!(await agreed(element))) return;
  await place.before?.();
  const what = option ? option.text.text : element.action_id;
  const outcome = await act('press', { ...place.where, block: block.block_id, what, value: element.value ?? '' });
  const url = option?.url || element.url;
  if (outcome && url) visit(url);
}

function Button({ of, block, place }) {
  const [busy, setBusy] = useState(false);
  const pressed = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await press(place, block, of);
    } finally {
      setBusy(false);
    }
  };
  return html`<button type="button" class=${names('button', of.style, busy && 'busy')} aria-label=${of.accessibility_label}
    aria-disabled=${busy} data-action=${of.action_id} onClick=${pressed}>
    <${Text} of=${of.text} />${of.url ? html`<span class="away" aria-hidden="true">↗</span>` : null}
  </button>`;
}

function Overflow({ of, block, place }) {
  const items = of.options.map((option) => ({
    label: html`<${Text} of=${option.text} />${option.url ? html`<span class="away" aria-hidden="true">↗</span>` : null}`,
    hint: option.description ? html`<${Text} of=${option.description} />` : null,
    pick: () => press(place, block, of, option),
  }));
  return html`<${Menu} label=${t('element.more')} class="button overflow" items=${items}>⋯</${Menu}>`;
}

/** An element with a value outside an input block: choosing tells the bot at once. */
function Chooser({ of, block, place }) {
  const typed = useRef(undefined);
  const [, again] = useState(0);
  const given = typed.current === undefined ? place.given(block, of) : typed.current;
  const chosen = async (value) => {
    if (!(await agreed(of))) return;
    await place.before?.();
    await act('choose', { ...place.where, block: block.block_id, what: of.action_id, value });
    typed.current = undefined;
  };
  const type = (value) => { typed.current = value; again((count) => count + 1); };
  return html`<div class="chooser"><${Input} of=${of} id=${`${block.block_id}-${of.action_id}`} value=${given} compact=${true}
    onChange=${isTyped(of) ? type : chosen} onDone=${() => typed.current !== undefined && chosen(typed.current)} /></div>`;
}

function Workflow({ of }) {
  return html`<button type="button" class=${names('button', of.style)} onClick=${() => note(t('element.no_workflow'))}><${Text} of=${of.text} /></button>`;
}

const CHOOSERS = new Set([
  'static_select', 'external_select', 'users_select', 'conversations_select', 'channels_select', 'multi_static_select',
  'multi_external_select', 'multi_users_select', 'multi_conversations_select', 'multi_channels_select', 'checkboxes',
  'radio_buttons', 'datepicker', 'timepicker', 'datetimepicker', 'rich_text_input',
]);

const PRESSED = { button: Button, overflow: Overflow, workflow_button: Workflow };

export function Element({ of, block, place }) {
  const Drawn = PRESSED[of.type] || (CHOOSERS.has(of.type) ? Chooser : null);
  if (!Drawn) return html`<span class="unknown">${t('block.unknown_element', { type: of.type })}</span>`;
  return html`<${Drawn} of=${of} block=${block} place=${place} />`;
}
