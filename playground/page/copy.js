// Copying to the clipboard.
import { note } from './store.js';
import { t } from './words.js';

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    note(t('copy.done'));
  } catch {
    note(t('copy.refused'), 'problem');
  }
}

/** As Block Kit Builder takes it: {"blocks": [...]}. */
export const copyKit = (payload) => copy(JSON.stringify(payload, null, 2));
