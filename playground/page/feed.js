// What comes in from outside, as MA tools and forms send it. Companies and people are invented.
import { direct, note } from './store.js';
import { language, t } from './words.js';

let samples = null;
const used = new Map();

async function leads() {
  samples ??= await (await fetch('/page/leads.json')).json();
  return samples;
}

/** The next sample of a kind, each once before any comes again; a second round has other addresses. */
async function next(kind, locale = language.get()) {
  const all = (await leads())[kind][locale];
  const key = `${kind} ${locale}`;
  const count = used.get(key) ?? Math.floor(Math.random() * all.length);
  used.set(key, count + 1);
  const lead = { ...all[count % all.length] };
  const stamp = Date.now().toString(36).slice(-6) + count.toString(36);
  if (lead.email) lead.email = lead.email.replace('@', `+${stamp}@`);
  return { ...lead, external_id: `demo-${stamp}` };
}

const NAMES = {
  ja: { company: '会社名', last: '姓', first: '名', email: 'メールアドレス', phone: '電話番号', channel: '流入元', score: 'スコア', message: 'お問い合わせ内容', new: '新しいコンタクトがMQLになりました' },
  en: { company: 'Company Name', last: 'Last Name', first: 'First Name', email: 'Email', phone: 'Phone Number', channel: 'Original Source', score: 'HubSpot Score', message: 'Message', new: 'A contact has become an MQL' },
};

const escaped = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As HubSpot posts into a channel: no text, one attachment with lines of *Label*: value. */
function hubspot(lead, locale) {
  const words = NAMES[locale];
  const [last, first] = locale === 'ja' ? lead.person.split(' ') : lead.person.split(' ').reverse();
  const values = {
    company: lead.company, last, first, email: `<mailto:${lead.email}|${lead.email}>`, phone: lead.phone,
    channel: lead.channel, score: lead.score, message: lead.message,
  };
  const line = (key) => `*${words[key]}*: ${key === 'email' ? values[key] : escaped(values[key] ?? '')}`;
  return { app: 'HubSpot', channel: 'mql-intake', classic: true, attachments: [{ fallback: words.new, pretext: words.new, text: Object.keys(values).map(line).join('\n') }] };
}

async function webhook(lead) {
  const said = await direct('/desk/webhook', lead);
  if (!said) return null;
  if (said.status >= 300) {
    note(t('feed.webhook_refused', { status: said.status }), 'problem');
    return null;
  }
  return said.answer.number;
}

async function one() {
  const number = await webhook(await next('leads'));
  return number ? t('feed.webhook_done', { number }) : null;
}

async function post() {
  const locale = language.get();
  const outcome = await direct('/apps', hubspot(await next('leads', locale), locale));
  return outcome && t('feed.posted', { channel: '#mql-intake' });
}

async function burst() {
  let sent = 0;
  for (let count = 0; count < 20; count += 1) {
    const locale = count % 3 === 2 ? 'en' : 'ja';
    const lead = await next('leads', locale);
    const done = count % 4 === 3 ? await direct('/apps', hubspot(lead, locale)) : await webhook(lead);
    if (!done) break;
    sent += 1;
  }
  return sent ? t('feed.burst_done', { count: sent }) : null;
}

async function unreadable() {
  const text = (await leads()).unreadable[language.get()];
  const at = used.get('unreadable') ?? 0;
  used.set('unreadable', at + 1);
  const outcome = await direct('/apps', { app: 'Form Mailer', channel: 'mql-intake', text: text[at % text.length] });
  return outcome && t('feed.posted', { channel: '#mql-intake' });
}

async function hostile() {
  const lead = await next('hostile', 'ja');
  lead.message = `${lead.message}\n${'重要なお知らせ <https://phish.example|請求書を確認> 🎁 '.repeat(200)}`.slice(0, 5000);
  const number = await webhook(lead);
  return number ? t('feed.webhook_done', { number }) : null;
}

export const FEEDS = { webhook: one, hubspot: post, burst, unreadable, hostile };
