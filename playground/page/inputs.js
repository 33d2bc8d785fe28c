// Elements that hold a value. `value` is what a person would give: a text, an option's value, a list of them, a date.
import { html, useRef, useState } from './lib.js';
import { fromTyped, toTyped } from './rich.js';
import { state } from './store.js';
import { Text, plain } from './text.js';
import { fromWall, toWall } from './time.js';
import { t } from './words.js';

const KEYS = {
  users_select: 'selected_user', conversations_select: 'selected_conversation', channels_select: 'selected_channel',
  multi_users_select: 'selected_users', multi_conversations_select: 'selected_conversations',
  multi_channels_select: 'selected_channels', datepicker: 'selected_date', timepicker: 'selected_time',
  datetimepicker: 'selected_date_time', rich_text_input: 'rich_text_value',
};

/** What stands in an element, from a value of state.values. */
export function givenOf(value) {
  if (!value) return null;
  if (value.selected_option !== undefined) return value.selected_option?.value ?? null;
  if (value.selected_options) return value.selected_options.map((one) => one.value);
  return value[KEYS[value.type] || 'value'] ?? null;
}

const optionsOf = (element) => [...(element.options || []), ...(element.option_groups || []).flatMap((group) => group.options)];

/** What an element starts with. */
export function initialOf(element) {
  if (element.initial_option) return element.initial_option.value;
  if (element.initial_options) return element.initial_options.map((one) => one.value);
  const key = Object.keys(element).find((one) => one.startsWith('initial_'));
  return key ? element[key] : null;
}

function offered(element) {
  // Slack offers bots too, wherever its filter does not exclude them; whoever looks for a person reads people first.
  const people = () => state().people.filter((one) => !one.deleted && !(one.is_bot && element.filter?.exclude_bot_users))
    .sort((one, other) => one.is_bot - other.is_bot).map((one) => [one.id, one.real_name]);
  const channels = () => state().channels.filter((one) => one.kind !== 'im' && !one.archived).map((one) => [one.id, `#${one.name}`]);
  if (element.type.includes('users')) return people();
  if (element.type.includes('channels')) return channels();
  const direct = !element.filter?.include || element.filter.include.includes('im');
  if (element.type.includes('conversations')) return [...channels(), ...(direct ? people() : [])];
  return optionsOf(element).map((one) => [one.value, plain(one.text.text), one.description ? plain(one.description.text) : '']);
}

const hint = (element) => (element.placeholder ? plain(element.placeholder.text) : '');
const option = ([value, text, about]) => html`<option value=${value}>${about ? `${text} — ${about}` : text}</option>`;

function Select({ of, id, value, onChange, described, compact }) {
  const groups = of.option_groups?.map((group) => html`<optgroup label=${plain(group.label.text)}>
    ${group.options.map((one) => option([one.value, plain(one.text.text), one.description && plain(one.description.text)]))}
  </optgroup>`);
  return html`<select id=${id} class="select" value=${value ?? ''} aria-describedby=${described} aria-label=${compact ? hint(of) : null}
    onChange=${(event) => onChange(event.target.value || null)}>
    <option value="" disabled=${compact}>${hint(of) || t('input.choose')}</option>
    ${groups || offered(of).map(option)}
  </select>`;
}

/** A menu whose options the bot supplies while somebody types. What is chosen stands in it until other text is typed. */
function External({ of, id, value, onChange, described, invalid, ask }) {
  const [known, know] = useState(of.initial_option ? { [of.initial_option.value]: plain(of.initial_option.text.text) } : {});
  const [typed, type] = useState(null);
  const [options, offer] = useState([]);
  const newest = useRef(0);
  const search = async (text) => {
    type(text);
    const turn = ++newest.current;
    const found = ask ? await ask(text) : [];
    if (turn === newest.current) offer(found.map((one) => [one.value, plain(one.text.text)]));
  };
  const choose = ([chosen, text]) => {
    newest.current += 1;
    know({ ...known, [chosen]: text });
    type(null);
    onChange(chosen, text);
  };
  const leave = (event) => { if (!event.currentTarget.contains(event.relatedTarget)) { newest.current += 1; type(null); } };
  return html`<div class="external" onFocusOut=${leave}>
    <input id=${id} type="search" role="combobox" aria-expanded=${typed !== null} aria-controls=${`${id}-options`} autocomplete="off"
      placeholder=${hint(of)} aria-describedby=${described} aria-invalid=${invalid ? 'true' : null}
      value=${typed ?? known[value] ?? value ?? ''} onFocus=${(event) => { event.target.select(); search(''); }}
      onInput=${(event) => search(event.target.value)} />
    ${typed === null ? null : html`<ul id=${`${id}-options`} class="ticks" role="listbox">
      ${options.map((one) => html`<li><button type="button" class="option" role="option" aria-selected=${one[0] === value} onClick=${() => choose(one)}>${one[1]}</button></li>`)}
      ${options.length ? null : html`<li class="hint">${t('input.external_none')}</li>`}
    </ul>`}
  </div>`;
}

/** The same for several: each that is chosen can be taken away; of one at most another takes its place. */
function ExternalSeveral({ of, value, onChange, ...rest }) {
  const [known, know] = useState(Object.fromEntries((of.initial_options || []).map((one) => [one.value, plain(one.text.text)])));
  const chosen = value || [];
  const add = (one, text) => {
    know({ ...known, [one]: text });
    if (!chosen.includes(one)) onChange([...chosen, one].slice(-(of.max_selected_items || 100)));
  };
  return html`<div class="several">
    ${chosen.map((one) => html`<button type="button" class="chosen" aria-label=${t('input.remove', { what: known[one] ?? one })}
      onClick=${() => onChange(chosen.filter((other) => other !== one))}>${known[one] ?? one} <span aria-hidden="true">×</span></button>`)}
    <${External} of=${of} value=${null} onChange=${add} ...${rest} />
  </div>`;
}

/** Several choices: boxes to tick, in a list that scrolls where it is long. */
function Ticks({ of, id, value, onChange, described }) {
  const ticked = value || [];
  const most = of.max_selected_items || Infinity;
  const toggle = (one) => onChange(ticked.includes(one) ? ticked.filter((other) => other !== one) : [...ticked, one]);
  return html`<div id=${id} class="ticks" role="group" tabindex="-1" aria-describedby=${described}>
    ${offered(of).map(([one, text, about]) => html`<label class="tick">
      <input type="checkbox" checked=${ticked.includes(one)} disabled=${!ticked.includes(one) && ticked.length >= most} onChange=${() => toggle(one)} />
      <span>${text}${about ? html`<small>${about}</small>` : null}</span>
    </label>`)}
  </div>`;
}

function Choices({ of, id, value, onChange, described }) {
  const single = of.type === 'radio_buttons';
  const ticked = single ? [value] : value || [];
  const choose = (one) => {
    if (single) onChange(one);
    else onChange(ticked.includes(one) ? ticked.filter((other) => other !== one) : [...ticked, one]);
  };
  return html`<div id=${id} class="ticks open" role=${single ? 'radiogroup' : 'group'} tabindex="-1" aria-describedby=${described}>
    ${of.options.map((one) => html`<label class="tick">
      <input type=${single ? 'radio' : 'checkbox'} name=${id} value=${one.value} checked=${ticked.includes(one.value)} onChange=${() => choose(one.value)} />
      <span><${Text} of=${one.text} />${one.description ? html`<small><${Text} of=${one.description} /></small>` : null}</span>
    </label>`)}
  </div>`;
}

const NATIVE = {
  plain_text_input: { type: 'text' }, email_text_input: { type: 'email', inputmode: 'email' },
  url_text_input: { type: 'url', inputmode: 'url' }, number_input: { type: 'text', inputmode: 'decimal' },
  datepicker: { type: 'date' }, timepicker: { type: 'time' },
};

function Line({ of, id, value, onChange, onDone, described, invalid, compact }) {
  const many = of.multiline || of.type === 'rich_text_input';
  const typed = (event) => onChange(event.target.value);
  const shared = {
    id, value: value ?? '', placeholder: hint(of), 'aria-describedby': described, 'aria-invalid': invalid ? 'true' : null,
    'aria-label': compact ? hint(of) || t('input.value') : null,
  };
  if (many) return html`<textarea ...${shared} rows="4" onInput=${typed} onChange=${onDone}></textarea>`;
  return html`<input ...${shared} ...${NATIVE[of.type]} autocomplete="off" onInput=${typed} onChange=${onDone} />`;
}

function Rich({ of, value, onChange, ...rest }) {
  return html`<${Line} of=${of} value=${toTyped(value)} onChange=${(text) => onChange(fromTyped(text))} ...${rest} />`;
}

function Wall({ id, value, onChange, onDone, described }) {
  const shown = value ? toWall(new Date(value * 1000)) : '';
  const chosen = (event) => onChange(event.target.value ? fromWall(event.target.value).getTime() / 1000 : null);
  return html`<input id=${id} type="datetime-local" value=${shown} aria-describedby=${described} onInput=${chosen} onChange=${onDone} />`;
}

const File = ({ id }) => html`<p id=${id} class="unknown">${t('input.no_files')}</p>`;

const DRAWN = {
  checkboxes: Choices, radio_buttons: Choices, datetimepicker: Wall, rich_text_input: Rich, file_input: File,
  static_select: Select, users_select: Select, conversations_select: Select, channels_select: Select,
  external_select: External, multi_external_select: ExternalSeveral,
  multi_static_select: Ticks, multi_users_select: Ticks, multi_conversations_select: Ticks, multi_channels_select: Ticks,
};

export function Input(props) {
  const Drawn = DRAWN[props.of.type] || (NATIVE[props.of.type] ? Line : null);
  if (!Drawn) return html`<p class="unknown">${t('block.unknown_element', { type: props.of.type })}</p>`;
  return html`<${Drawn} ...${props} />`;
}

/** Elements whose value is typed, so that each key is no choice yet. */
export const isTyped = (element) => !DRAWN[element.type] || ['datetimepicker', 'rich_text_input'].includes(element.type);
