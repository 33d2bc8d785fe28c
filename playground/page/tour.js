// The tour: five steps through the story, or the one to the set-up of a bot that nobody has set up. It points at what
// to press and does not stand in the way.
import { get } from './api.js';
import { FEEDS } from './feed.js';
import { html, memory, useEffect, useLayoutEffect, useRef, useState } from './lib.js';
import { go, set, state } from './store.js';
import { now as clock } from './time.js';
import { jump } from './topbar.js';
import { t } from './words.js';

const channelNamed = (name) => state().channels.find((one) => one.name === name)?.id || '';
const direct = () => state().channels.find((one) => one.kind === 'im')?.id || '';
const playing = (role) => state().people.find((one) => one.role === role)?.name || state().people[0].name;
const as = async (role, where, tab) => {
  await go({ person: playing(role), channel: '' });
  return go({ channel: where(), tab });
};

/** Go past the deadline on the newest card, the latest moment that it counts down to, until somebody is told. */
async function pastDeadline() {
  const { messages } = await get(`/conversation?as=${playing('rep')}&channel=${channelNamed('mql')}`);
  const found = JSON.stringify(messages.at(-1)?.blocks || []).matchAll(/"timestamp":(\d+)/g);
  const due = Math.max(0, ...[...found].map((one) => Number(one[1]) * 1000));
  const answer = await (due > clock().getTime() ? jump({ to: new Date(due + 60000).toISOString() }) : jump({ seconds: 86400 }));
  if (answer?.held) await jump({ to: 'morning' });
}

/** Each step: its words, what it points at, and what its button does for the reader. */
const STORY = [
  { words: 1, point: '[data-panel=desk]', run: async () => { await as('rep', () => channelNamed('mql')); await FEEDS.webhook(); } },
  { words: 2, point: '.messages', run: () => as('rep', direct) },
  { words: 3, point: '.jumps', run: pastDeadline },
  { words: 4, point: '.side section', run: () => as('manager', direct) },
  { words: 5, point: '[data-jump=digest]', run: async () => { await jump({ to: 'digest' }); await as('manager', direct); } },
];
const SET_UP = [{ words: 'set_up', point: '[data-channel=app]', alone: true, run: () => as('admin', direct, 'home') }];
/** Only a team that is set up has a digest before it. */
const stepsNow = () => (state().desk && !state().desk.next_digest ? SET_UP : STORY);

export const wantsTour = () => memory.read('tour') !== 'done';

function useSpot(point) {
  const card = useRef(null);
  useLayoutEffect(() => {
    const found = document.querySelector(point);
    found?.classList.add('pointed');
    return () => found?.classList.remove('pointed');
  });
  return card;
}

export function Tour({ onEnd }) {
  const [steps] = useState(stepsNow);
  const [step, setStep] = useState(0);
  const [busy, setBusy] = useState(false);
  const { words, point, run: act, alone } = steps[step];
  const card = useSpot(point);
  useEffect(() => { card.current.focus(); set({ panel: '' }); }, [step]);
  const end = () => { if (steps === STORY) memory.write('tour', 'done'); onEnd(); };
  const next = () => (step + 1 < steps.length ? setStep(step + 1) : end());
  const run = async () => {
    if (busy) return;
    setBusy(true);
    await act();
    setBusy(false);
    if (alone) end();
  };
  const keys = (event) => { if (event.key === 'Escape') end(); };
  const number = step + 1;
  return html`<div ref=${card} class="tour" role="dialog" aria-labelledby="tour-title" tabindex="-1" onKeyDown=${keys}>
    <p class="tour-step">${t('tour.step', { number, all: steps.length })}
      <span class="dots" aria-hidden="true">${steps.map((_, at) => html`<i class=${at <= step ? 'on' : ''}></i>`)}</span></p>
    <h2 id="tour-title">${t(`tour.title_${words}`)}</h2>
    <p>${t(`tour.text_${words}`)}</p>
    <button type="button" class=${busy ? 'button try busy' : 'button try'} aria-disabled=${busy} data-tour="try" onClick=${run}>${t(`tour.try_${words}`)}</button>
    <div class="tour-foot">
      <button type="button" class="plain-button" data-tour="skip" onClick=${end}>${t(number < steps.length ? 'tour.skip' : 'dialog.close')}</button>
      <span class="grow"></span>
      ${step ? html`<button type="button" class="button" onClick=${() => setStep(step - 1)}>${t('tour.back')}</button>` : null}
      ${alone ? null : html`<button type="button" class="button primary" data-tour="next" onClick=${next}>${t(number < steps.length ? 'tour.next' : 'tour.end')}</button>`}
    </div>
  </div>`;
}
