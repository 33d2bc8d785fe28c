// Dialogs: the frame that all of them share, and the question "are you sure".
import { html, useLayoutEffect, useRef, watched } from './lib.js';

export const question = watched(null);

/** Ask; resolves to whether the person agreed. */
export const ask = (words) => new Promise((answer) => {
  question.set({ ...words, answer: (agreed) => { question.set(null); answer(agreed); } });
});

/** A dialog in front of everything: the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ onClose, class: kind = '', labelledby, children }) {
  const box = useRef(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = box.current;
    shown.showModal();
    const first = shown.querySelector('[autofocus], .body input:not([type=radio]), .body textarea, .body select, .body input');
    (first || shown.querySelector('.foot button:last-child') || shown).focus();
    return () => {
      shown.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  const escape = (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  return html`<dialog ref=${box} class=${`dialog ${kind}`} aria-labelledby=${labelledby} onKeyDown=${escape}
    onCancel=${(event) => { event.preventDefault(); onClose(); }}>${children}</dialog>`;
}

/** The question, where one is asked. */
export function Question({ of }) {
  const no = () => of.answer(false);
  return html`<${Dialog} class="question" labelledby="question-title" onClose=${no}>
    <header><h2 id="question-title">${of.title}</h2></header>
    <div class="body"><p class="wrap">${of.text}</p></div>
    <footer class="foot">
      <button type="button" class="button" onClick=${no}>${of.deny}</button>
      <button type="button" class=${`button ${of.style || 'primary'}`} autofocus onClick=${() => of.answer(true)}>${of.confirm}</button>
    </footer>
  </${Dialog}>`;
}
