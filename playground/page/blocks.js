// Layout blocks. A type that is not known, or that cannot be drawn, says so in its place.
import { Charts } from './charts.js';
import { Element } from './elements.js';
import { Component, html } from './lib.js';
import { Field } from './field.js';
import { Mrkdwn, Text, plain } from './text.js';
import { RichText } from './rich.js';
import { visit } from './links.js';
import { isSafe } from './marks.js';
import { t } from './words.js';

/** An image is not fetched: no request leaves this machine. Its text and its address stand in its place. */
export function Picture({ of, small }) {
  const url = of.image_url || of.slack_file?.url || '';
  if (url.startsWith('data:image/')) return html`<img class=${small ? 'picture small' : 'picture'} src=${url} alt=${of.alt_text} />`;
  if (small) return html`<span class="picture small away" role="img" aria-label=${of.alt_text} title=${`${of.alt_text} ${url}`}>🖼</span>`;
  return html`<figure class="picture away">
    <span aria-hidden="true">🖼</span><span class="grow">${of.alt_text}<small>${t('block.image_away')}</small></span>
    ${isSafe(url) ? html`<button type="button" class="button small" onClick=${() => visit(url)}>${t('block.image_open')}</button>` : null}
  </figure>`;
}

function Section({ of, place }) {
  const { accessory } = of;
  return html`<div class=${accessory ? 'section with-accessory' : 'section'}>
    <div class="grow">
      ${of.text ? html`<div class="text"><${Text} of=${of.text} /></div>` : null}
      ${of.fields ? html`<div class="fields">${of.fields.map((one) => html`<div><${Text} of=${one} /></div>`)}</div>` : null}
    </div>
    ${accessory ? html`<div class="accessory">${accessory.type === 'image'
      ? html`<${Picture} of=${accessory} />` : html`<${Element} of=${accessory} block=${of} place=${place} />`}</div>` : null}
  </div>`;
}

const Actions = ({ of, place }) => html`<div class="actions">
  ${of.elements.map((one) => html`<${Element} key=${one.action_id} of=${one} block=${of} place=${place} />`)}
</div>`;

const Context = ({ of }) => html`<div class="context">
  ${of.elements.map((one) => (one.type === 'image' ? html`<${Picture} of=${one} small=${true} />` : html`<${Text} of=${one} />`))}
</div>`;

const Image = ({ of }) => html`<div>
  ${of.title ? html`<div class="image-title"><${Text} of=${of.title} /></div>` : null}<${Picture} of=${of} />
</div>`;

function cell(of) {
  if (of.type === 'rich_text') return html`<${RichText} of=${of} />`;
  return of.type === 'raw_number' ? of.text ?? String(of.value) : of.text;
}

function Table({ of }) {
  const look = (column, one) => {
    const set = of.column_settings?.[column] || {};
    return `${set.align || (one.type === 'raw_number' ? 'right' : 'left')} ${set.is_wrapped ? 'wrapped' : ''}`;
  };
  const row = (cells, Tag) => html`<tr>${cells.map((one, column) => html`<${Tag} class=${look(column, one)}>${cell(one)}</${Tag}>`)}</tr>`;
  const [head, ...rest] = of.rows;
  return html`<div class="table" tabindex="0" role="region" aria-label=${t('block.table')}>
    <table><thead>${row(head, 'th')}</thead><tbody>${rest.map((one) => row(one, 'td'))}</tbody></table>
  </div>`;
}

/** The markdown block, as much of it as bots send: headings and **bold** become Slack's own marks. */
function Markdown({ of }) {
  const text = of.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .replace(/^#{1,6}\s+(.*)$/gm, '*$1*').replace(/\*\*(.+?)\*\*/g, '*$1*').replace(/^[-*]\s+/gm, '• ')
    .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<$2|$1>').replace(/^&gt;/gm, '>');
  return html`<div class="text"><${Mrkdwn} text=${text} verbatim=${false} /></div>`;
}

const Alert = ({ of }) => html`<div class=${`alert ${of.level || 'default'}`} role="note"><${Text} of=${of.text} /></div>`;

const Card = ({ of, place }) => html`<div class="card">
  ${of.hero_image ? html`<${Picture} of=${of.hero_image} />` : null}
  ${['title', 'subtitle', 'body'].map((part) => (of[part] ? html`<div class=${`card-${part}`}><${Text} of=${of[part]} /></div>` : null))}
  ${of.actions ? html`<${Actions} of=${{ ...of, elements: of.actions }} place=${place} />` : null}
</div>`;

const Carousel = ({ of, place }) => html`<div class="carousel" tabindex="0" role="region" aria-label=${t('block.carousel')}>
  <${Blocks} blocks=${of.elements} place=${place} />
</div>`;

const Container = ({ of, place }) => html`<details class="container" open=${!of.default_collapsed}>
  <summary>${of.title ? html`<${Text} of=${of.title} />` : of.rich_text_title ? html`<${RichText} of=${of.rich_text_title} />` : null}
    ${of.subtitle ? html` <small><${Text} of=${of.subtitle} /></small>` : null}</summary>
  <${Blocks} blocks=${of.child_blocks} place=${place} />
</details>`;

const DRAWN = {
  section: Section,
  header: ({ of }) => html`<h3 class="header"><${Text} of=${of.text} /></h3>`,
  divider: () => html`<hr class="divider" />`,
  image: Image, actions: Actions, context: Context, rich_text: RichText, table: Table, markdown: Markdown, alert: Alert,
  card: Card, carousel: Carousel, container: Container, input: Field, data_visualization: Charts,
};

const Unknown = ({ of, why }) => html`<div class="unknown block"><strong>${t(why, { type: String(of?.type) })}</strong>
  <details><summary>JSON</summary><pre>${JSON.stringify(of, null, 2)}</pre></details></div>`;

/** One block. What breaks while it is drawn does not take the page with it. */
class Block extends Component {
  componentDidCatch() {
    this.setState({ broken: this.props.of });
  }

  render({ of, place }, { broken }) {
    if (broken && broken === of) return html`<${Unknown} of=${of} why="block.broken" />`;
    const Drawn = Object.hasOwn(DRAWN, of?.type) ? DRAWN[of.type] : null;
    return Drawn ? html`<${Drawn} of=${of} place=${place} />` : html`<${Unknown} of=${of} why="block.unknown" />`;
  }
}

export const Blocks = ({ blocks, place }) => html`<div class="blocks">
  ${(blocks || []).map((one) => html`<${Block} key=${one.block_id} of=${one} place=${place} />`)}
</div>`;

/** A secondary attachment, as MA tools and link previews use them. */
export function Attachment({ of, place }) {
  const md = (text) => html`<${Mrkdwn} text=${String(text)} verbatim=${false} />`;
  const line = (key, kind) => (of[key] ? html`<div class=${kind}>${md(of[key])}</div>` : null);
  const empty = !['pretext', 'title', 'text', 'author_name'].some((key) => of[key]) && !of.fields?.length && !of.blocks?.length;
  return html`<div class="attachment-around">${line('pretext', 'pretext')}
    <div class="attachment" style=${/^#?[0-9a-f]{6}$/i.test(of.color || '') ? { borderColor: `#${of.color.replace('#', '')}` } : null}>
      ${line('author_name', 'author')}${line('title', 'title')}${line('text', 'text')}
      ${of.fields?.length ? html`<dl class="fields">${of.fields.map((one) => html`<div class=${one.short ? '' : 'long'}>
        <dt>${plain(String(one.title || ''))}</dt><dd>${md(one.value || '')}</dd></div>`)}</dl>` : null}
      <${Blocks} blocks=${of.blocks} place=${place} />${empty ? of.fallback : null}${line('footer', 'footer')}
    </div>
  </div>`;
}
