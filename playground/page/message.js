// One message: who, when, what it says, and the way into its thread.
import { Attachment, Blocks } from './blocks.js';
import { copyKit } from './copy.js';
import { html, memo, names, useEffect, useRef, useState } from './lib.js';
import { givenOf, initialOf } from './inputs.js';
import { unescaped } from './marks.js';
import { Menu } from './menu.js';
import { act, go, personById, view } from './store.js';
import { Emoji, Mrkdwn } from './text.js';
import { moment, words } from './time.js';
import { t } from './words.js';

const TONES = 8;

/** The same person has the same colour everywhere. */
export function Avatar({ id, name, app }) {
  const tone = [...String(id)].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) % 997, 7) % TONES;
  const letter = [...String(name).trim()][0]?.toUpperCase() || '?';
  return html`<span class=${names('avatar', app ? 'app' : `tone-${tone}`)} aria-hidden="true">${app ? '◆' : letter}</span>`;
}

function Thread({ of, channel }) {
  if (!of.reply_count) return null;
  const last = words(moment(of.latest_reply), { hour: 'numeric', minute: '2-digit' });
  return html`<button type="button" class="thread-link" onClick=${() => go({ channel, thread: of.ts })}>
    ${of.reply_users.slice(0, 3).map((id) => html`<${Avatar} id=${id} name=${personById(id)?.real_name || id} app=${personById(id)?.is_bot} />`)}
    <b>${t(of.reply_count === 1 ? 'message.reply' : 'message.replies', { count: of.reply_count })}</b>
    <span class="soft">${t('message.last_reply', { time: last })}</span>
  </button>`;
}

function Tools({ of, channel, threaded, onEdit }) {
  const items = [
    ...(threaded ? [] : [{ label: t('message.open_thread'), pick: () => go({ channel, thread: of.thread_ts || of.ts }) }]),
    { label: t('message.copy_kit'), pick: () => copyKit(of.blocks?.length ? { blocks: of.blocks } : { text: of.text, attachments: of.attachments }) },
    ...(of.user === view.get().state.reader.id ? [{ label: t('message.edit'), pick: onEdit }] : []),
  ];
  return html`<span class="message-tools"><${Menu} class="icon" label=${t('message.tools')} items=${items}>⋯</${Menu}></span>`;
}

function Editing({ of, channel, onDone }) {
  const [text, setText] = useState(unescaped(of.text));
  const save = async () => {
    if (text.trim()) await act('edit', { channel, ts: of.ts, text });
    onDone();
  };
  return html`<form class="editing" onSubmit=${(event) => { event.preventDefault(); save(); }}>
    <textarea aria-label=${t('message.edit')} rows="2" value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
    <button type="submit" class="button primary">${t('message.save')}</button>
    <button type="button" class="button" onClick=${onDone}>${t('dialog.cancel')}</button>
  </form>`;
}

const Reactions = ({ of }) => (of.reactions ? html`<div class="reactions">
  ${of.reactions.map((one) => html`<span class="reaction"><${Emoji} name=${one.name} /> ${one.count}</span>`)}</div>` : null);

function Content({ of, channel }) {
  const place = {
    where: { channel, ts: of.ts },
    given: (block, element) => givenOf(of.values[block.block_id]?.[element.action_id]) ?? initialOf(element),
  };
  return html`<div class="content">
    ${of.blocks?.length ? html`<${Blocks} blocks=${of.blocks} place=${place} />`
      : of.text ? html`<div class="text"><${Mrkdwn} text=${of.text} verbatim=${false} /></div>` : null}
    ${(of.files || []).map((one) => html`<div class="attachment" key=${one.id}><b>${one.name || '–'}</b>
      <span class="soft">${one.size ?? 0} B</span></div>`)}
    ${(of.attachments || []).map((one) => html`<${Attachment} of=${one} place=${place} />`)}
  </div>`;
}

/** Draw attention to a message that was edited while it was looked at, and to one that a link leads to. */
function useAttention(of, target) {
  const box = useRef(null);
  const first = useRef(of.edited?.ts);
  useEffect(() => {
    if (of.edited?.ts === first.current) return;
    first.current = of.edited?.ts;
    box.current.classList.remove('changed');
    void box.current.offsetWidth; // Starts the animation anew.
    box.current.classList.add('changed');
  }, [of.edited?.ts]);
  useEffect(() => {
    if (!target) return;
    box.current.scrollIntoView({ block: 'center' });
    box.current.focus({ preventScroll: true });
  }, [target]);
  return box;
}

export const Message = memo(({ of, channel, threaded, target }) => {
  const [editing, setEditing] = useState(false);
  const box = useAttention(of, target);
  const at = moment(of.ts);
  return html`<article ref=${box} class=${names('message', of.ephemeral && 'ephemeral', target && 'target')} tabindex="-1" data-ts=${of.ts}>
    <${Avatar} id=${of.user || of.bot_id} name=${of.author} app=${of.bot_id === view.get().state.app.bot_id} />
    <div class="grow">
      <header class="who"><b>${of.author}</b>${of.by_app ? html`<span class="app-mark">${t('message.app')}</span>` : null}
        <time title=${words(at, { dateStyle: 'full', timeStyle: 'medium' })}>${words(at, { hour: 'numeric', minute: '2-digit' })}</time>
        ${of.edited ? html`<span class="soft edited">${t('message.edited')}</span>` : null}</header>
      ${of.ephemeral ? html`<p class="only-you"><span aria-hidden="true">◐</span> ${t('message.only_you')}</p>` : null}
      ${editing ? html`<${Editing} of=${of} channel=${channel} onDone=${() => setEditing(false)} />` : html`<${Content} of=${of} channel=${channel} />`}
      <${Reactions} of=${of} />
      ${threaded ? null : html`<${Thread} of=${of} channel=${channel} />`}
    </div>
    <${Tools} of=${of} channel=${channel} threaded=${threaded} onEdit=${() => setEditing(true)} />
  </article>`;
});
