// The list of messages. Only the newest are in the page at first; older ones come in portions while one scrolls up,
// and the browser skips what is out of sight (content-visibility), so that a thousand messages scroll as ten do.
import { html, memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from './lib.js';
import { Message } from './message.js';
import { moment, nearDay, useClock, words } from './time.js';
import { language, t } from './words.js';

const FIRST = 40;
const MORE = 25;
const NEAR = 40; // pixels from the end that still count as the end

const Day = memo(({ date }) => {
  useClock(60000);
  const shown = nearDay(date, language.get()) || words(date, { weekday: 'short', month: 'short', day: 'numeric' }, language.get());
  return html`<div class="day" role="separator"><span>${shown}</span></div>`;
});

const dayKey = (ts) => words(moment(ts), { year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA');

/** How many are drawn: grows while the first one drawn is near the edge of what is seen. */
function useWindow(list, count, target) {
  const [shown, setShown] = useState(FIRST);
  const edge = useRef(null);
  useEffect(() => {
    if (target >= 0 && count - target > shown) setShown(count - target + 5);
  }, [target, count]);
  useEffect(() => {
    if (!edge.current || shown >= count) return undefined;
    const watcher = new IntersectionObserver(([one]) => {
      if (one.isIntersecting) setShown((before) => Math.min(before + MORE, count));
    }, { root: list.current, rootMargin: '1500px 0px' });
    watcher.observe(edge.current);
    return () => watcher.disconnect();
  }, [shown, count]);
  return { first: Math.max(0, count - shown), edge };
}

/** Stay at the end while new messages come in, unless the reader has scrolled away. */
function useEnd(list, inside, count) {
  const atEnd = useRef(true);
  const [away, setAway] = useState(0);
  const seen = useRef(count);
  const last = useRef(0);
  const toEnd = () => { if (list.current) list.current.scrollTop = list.current.scrollHeight; };
  const scrolled = () => {
    const box = list.current;
    if (!box) return; // The last event of a list that has gone
    // Messages that turn out taller than guessed move the end away too; only who scrolls up has left it.
    const up = box.scrollTop < last.current - 1;
    last.current = box.scrollTop;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) atEnd.current = true;
    else if (up) atEnd.current = false;
    if (atEnd.current && away) setAway(0);
  };
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else if (count > seen.current) setAway((before) => before + count - seen.current);
    seen.current = count;
  }, [count]);
  useEffect(() => {
    const watcher = new ResizeObserver(() => { if (atEnd.current) toEnd(); });
    watcher.observe(inside.current);
    watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  return { away, scrolled, toEnd: () => { atEnd.current = true; setAway(0); toEnd(); } };
}

/** Arrow keys go from message to message; Tab goes into the one that has the focus. */
function keys(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const on = document.activeElement?.closest('.message');
  if (!steps[event.key] || event.target.closest('input, textarea, select, [role=menu]')) return;
  const all = [...event.currentTarget.querySelectorAll('.message')];
  const next = all[on ? all.indexOf(on) + steps[event.key] : all.length - 1];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function MessageList({ messages, channel, target = '', threaded = false, label }) {
  const list = useRef(null);
  const inside = useRef(null);
  const place = useMemo(() => messages.findIndex((one) => one.ts === target), [messages, target]);
  const { first, edge } = useWindow(list, messages.length, place);
  const { away, scrolled, toEnd } = useEnd(list, inside, messages.length);
  const drawn = [];
  let day = '';
  for (const one of messages.slice(first)) {
    const next = dayKey(one.ts);
    if (next !== day && !threaded) drawn.push(html`<${Day} key=${next} date=${moment(one.ts)} />`);
    day = next;
    drawn.push(html`<${Message} key=${one.ts} of=${one} channel=${channel} threaded=${threaded} target=${one.ts === target} />`);
  }
  return html`<div class="messages-around">
    <div ref=${list} class="messages" role="log" aria-label=${label} tabindex="0" onScroll=${scrolled} onKeyDown=${keys}>
      <div ref=${inside}>
        ${first > 0 ? html`<div ref=${edge} class="edge">${t('conversation.older', { count: first })}</div>` : null}
        ${drawn}
      </div>
    </div>
    ${away ? html`<button type="button" class="to-end" onClick=${toEnd}>${t('conversation.new', { count: away })} ↓</button>` : null}
  </div>`;
}
