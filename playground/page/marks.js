// Reads Slack's mrkdwn into a tree. Nothing here makes HTML: whatever is not understood stays text.

const WORD = /[\p{L}\p{N}*_~`]/u;
const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' };
const SAFE = /^(https?:\/\/|mailto:|tel:|slack:\/\/)/i;
const BARE = /^https?:\/\/[^\s<>|"'`]+/;
const DEEPEST = 6;

export const unescaped = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Whether an address may become a link. */
export const isSafe = (url) => SAFE.test(url) && !/[\u0000-\u0020]/.test(url);

/** The tree of a mrkdwn text: a list of nodes {kind, …}. With `verbatim` bare addresses stay text. */
export function parse(text, { verbatim = false } = {}) {
  const nodes = [];
  const parts = text.split('```');
  const closed = parts.length % 2 === 1;
  parts.forEach((part, index) => {
    const fenced = index % 2 === 1 && (closed || index < parts.length - 1);
    if (fenced) nodes.push({ kind: 'pre', text: unescaped(part.replace(/^\n|\n$/g, '')) });
    else if (index % 2 === 1) nodes.push(...lines(`\`\`\`${part}`, verbatim));
    else if (part) nodes.push(...lines(index ? part.replace(/^\n/, '') : part, verbatim));
  });
  return nodes;
}

function lines(text, verbatim) {
  const nodes = [];
  let quoted = null;
  text.split('\n').forEach((line, index) => {
    const quote = /^(?:&gt;|>)(?!&gt;&gt;) ?/.exec(line);
    if (quote) {
      const inner = inline(line.slice(quote[0].length), verbatim);
      if (quoted) quoted.push({ kind: 'break' }, ...inner);
      else nodes.push({ kind: 'quote', nodes: (quoted = inner) });
      return;
    }
    if (index > 0 && !quoted && nodes.at(-1)?.kind !== 'item') nodes.push({ kind: 'break' });
    quoted = null;
    const bullet = /^(\s*)([•◦▪]|\d{1,3}[.)])\s+/.exec(line);
    if (bullet) nodes.push({ kind: 'item', mark: bullet[2], nodes: inline(line.slice(bullet[0].length), verbatim) });
    else nodes.push(...inline(line, verbatim));
  });
  return nodes;
}

function inline(source, verbatim, depth = 0) {
  const nodes = [];
  let plain = '';
  let at = 0;
  const flush = () => {
    if (plain) nodes.push({ kind: 'text', text: unescaped(plain) });
    plain = '';
  };
  while (at < source.length) {
    const found = special(source, at, verbatim, depth);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += source[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function special(source, at, verbatim, depth) {
  const mark = source[at];
  if (mark === '<') return angled(source, at);
  if (mark === '`') return code(source, at);
  if (mark === ':') return emoji(source, at);
  if (mark in STYLES && depth < DEEPEST) return styled(source, at, verbatim, depth);
  if (mark === 'h' && !verbatim && !WORD.test(source[at - 1] || ' ')) return bare(source, at);
  return null;
}

function angled(source, at) {
  const end = source.indexOf('>', at);
  if (end < 0) return null;
  const node = angle(source.slice(at + 1, end));
  return node && { node, end: end + 1 };
}

function angle(inside) {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : unescaped(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { kind: 'user', id: target.slice(1), label };
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return { kind: 'channel', id: target.slice(1), label };
  if (/^!subteam\^S[A-Z0-9]+$/.test(target)) return { kind: 'usergroup', id: target.slice(9), label };
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'broadcast', range: target.slice(1) };
  if (target.startsWith('!date^')) {
    const [timestamp, format = '', url = ''] = target.slice(6).split('^');
    return { kind: 'date', timestamp, format, url: unescaped(url), label };
  }
  const url = unescaped(target);
  if (!isSafe(url)) return null;
  return { kind: 'link', url, label: label || url.replace(/^(mailto|tel):/, '') };
}

function code(source, at) {
  const end = source.indexOf('`', at + 1);
  if (end <= at + 1 || source.slice(at, end).includes('\n')) return null;
  return { node: { kind: 'code', text: unescaped(source.slice(at + 1, end)) }, end: end + 1 };
}

function emoji(source, at) {
  const found = /^:([a-z0-9_+'-]{1,60}):/.exec(source.slice(at, at + 64));
  return found && { node: { kind: 'emoji', name: found[1] }, end: at + found[0].length };
}

/** *bold* counts where no letter touches the stars from outside; so it fails in Japanese, as it does in Slack. */
function styled(source, at, verbatim, depth) {
  const mark = source[at];
  if (WORD.test(before(source, at)) || /[\s]/.test(source[at + 1] ?? ' ')) return null;
  for (let end = at + 2; end < source.length; end += 1) {
    if (source[end] === '<') {
      const close = source.indexOf('>', end);
      if (close > 0) end = close;
    } else if (source[end] === mark && !/\s/.test(source[end - 1]) && !WORD.test(after(source, end + 1))) {
      const nodes = inline(source.slice(at + 1, end), verbatim, depth + 1);
      return { node: { kind: STYLES[mark], nodes }, end: end + 1 };
    }
  }
  return null;
}

// Whole characters, not halves of surrogate pairs.
const before = (source, at) => (at ? [...source.slice(Math.max(0, at - 2), at)].at(-1) : ' ');
const after = (source, at) => (at < source.length ? String.fromCodePoint(source.codePointAt(at)) : ' ');

function bare(source, at) {
  const found = BARE.exec(source.slice(at, at + 3000));
  if (!found) return null;
  const text = found[0].replace(/(&gt;|&lt;).*$/, '').replace(/[.,;:!?)\]]+$/, '');
  const url = unescaped(text);
  return { node: { kind: 'link', url, label: url }, end: at + text.length };
}
