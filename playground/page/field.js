// An input block: label, element, hint, and the error under it.
import { html } from './lib.js';
import { Input } from './inputs.js';
import { suggestions } from './store.js';
import { plain } from './text.js';
import { t } from './words.js';

export function Field({ of, place }) {
  const id = `${of.block_id}-${of.element.action_id}`;
  const error = place.errors?.[of.block_id];
  const hint = of.hint ? plain(of.hint.text) : '';
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || null;
  return html`<div class=${error ? 'field wrong' : 'field'}>
    <label for=${id}>${plain(of.label.text)}${of.optional ? html` <span class="optional">${t('input.optional')}</span>` : null}</label>
    <${Input} of=${of.element} id=${id} value=${place.given(of, of.element)} described=${described} invalid=${Boolean(error)}
      onChange=${(value) => place.change?.(of, of.element, value)} onDone=${() => place.done?.(of, of.element)}
      ask=${(typed) => suggestions(of.block_id, of.element.action_id, typed)} />
    ${error ? html`<p class="error" id=${`${id}-error`} role="alert">${error}</p>` : null}
    ${hint ? html`<p class="hint" id=${`${id}-hint`}>${hint}</p>` : null}
  </div>`;
}
