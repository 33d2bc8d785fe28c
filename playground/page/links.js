// Where a link leads: a message of this workspace is shown here; everything else is asked about first, because it
// leaves this machine.
import { ask } from './confirm.js';
import { go, note, state } from './store.js';
import { t } from './words.js';

const PERMALINK = /^https:\/\/([^/]+)\.slack\.com\/archives\/([CDG][A-Z0-9]+)\/p(\d{10})(\d{6})(?:\?(.*))?$/;

/** Follow a link as it is clicked. */
export function follow(event, url) {
  event.preventDefault();
  visit(url);
}

export async function visit(url) {
  const found = PERMALINK.exec(url);
  if (found && found[1] === state().team.domain) {
    await openMessage(found[2], `${found[3]}.${found[4]}`, new URLSearchParams(found[5] || '').get('thread_ts'));
    return;
  }
  const leave = await ask({ title: t('link.title'), text: t('link.text', { url }), confirm: t('link.open'), deny: t('link.stay') });
  if (leave) window.open(url, '_blank', 'noopener,noreferrer');
}

async function openMessage(channel, ts, thread) {
  if (!state().channels.some((one) => one.id === channel)) {
    note(t('link.not_in'), 'problem');
    return;
  }
  await go({ channel, thread: thread || '', target: ts });
}
