// A button with a menu. The menu lies in the browser's top layer, so nothing cuts it off.
import { html, useRef } from './lib.js';

function place(button, list) {
  const from = button.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const below = from.bottom + size.height + 8 < window.innerHeight;
  list.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - size.height - 4)}px`;
  list.style.left = `${Math.max(8, Math.min(from.left, window.innerWidth - size.width - 8))}px`;
}

/** Move the focus among the items with the arrows, Home and End. */
export function rove(event, selector) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: 'first', End: 'last' };
  const step = steps[event.key];
  if (step === undefined) return false;
  const items = [...event.currentTarget.querySelectorAll(selector)];
  const at = items.indexOf(document.activeElement);
  const next = { first: 0, last: items.length - 1 }[step] ?? (at + step + items.length) % items.length;
  items[next]?.focus();
  event.preventDefault();
  event.stopPropagation();
  return true;
}

export function Menu({ label, class: kind, items, children }) {
  const button = useRef(null);
  const list = useRef(null);
  const open = () => {
    list.current.showPopover();
    place(button.current, list.current);
    list.current.querySelector('[role=menuitem]')?.focus();
  };
  const close = () => {
    list.current.hidePopover();
    button.current.focus();
  };
  const keys = (event) => {
    if (rove(event, '[role=menuitem]')) return;
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  return html`<span class="menu">
    <button ref=${button} type="button" class=${kind} aria-haspopup="menu" aria-label=${label} title=${label} onClick=${open}>${children}</button>
    <div ref=${list} popover="auto" role="menu" aria-label=${label} class="menu-list" onKeyDown=${keys}>
      ${items.map((one) => html`<button type="button" role="menuitem" tabindex="-1" onClick=${() => { close(); one.pick(); }}>
        ${one.label}${one.hint ? html`<small>${one.hint}</small>` : null}
      </button>`)}
    </div>
  </span>`;
}
