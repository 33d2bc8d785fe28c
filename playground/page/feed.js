// What comes in from outside, as MA tools and forms send it. Companies and people are invented.
import { memory } from './lib.js';
import { direct, note, state, view } from './store.js';
import { language, t } from './words.js';

let samples = null;

async function leads() {
  samples ??= await (await fetch('/page/leads.json')).json();
  return samples;
}

/** How often this has been asked for since the playground started, in all tabs; other browsers leave traces in the log. */
function count(key) {
  const { run } = state();
  const known = JSON.parse(memory.read('feed') || '{}');
  const counts = known.run === run ? known.counts : {};
  const now = counts[key] ?? view.get().exchanges.filter((one) => one.method === 'webhook').length;
  memory.write('feed', JSON.stringify({ run, counts: { ...counts, [key]: now + 1 } }));
  return now;
}

/** The next sample: first each as it stands, then each company with another person, so that no lead comes twice. */
async function next(kind, locale = language.get()) {
  const all = (await leads())[kind][locale];
  const at = count(`${kind} ${locale}`);
  const company = all[at % all.length];
  const other = all[(at + Math.floor(at / all.length)) % all.length];
  const email = `${other.email.split('@')[0]}@${company.email.split('@')[1]}`;
  return { ...company, person: other.person, title: other.title, email, external_id: `demo-${state().run}-${kind}-${locale}-${at}` };
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
  return said.answer;
}

const taken = (answer) => answer && t(answer.repeated ? 'feed.webhook_again' : 'feed.webhook_done', { number: answer.number });

async function one() {
  return taken(await webhook(await next('leads')));
}

async function post() {
  const locale = language.get();
  const outcome = await direct('/apps', hubspot(await next('leads', locale), locale));
  return outcome && t('feed.posted', { channel: '#mql-intake' });
}

async function burst() {
  let sent = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    const locale = turn % 3 === 2 ? 'en' : 'ja';
    const lead = await next('leads', locale);
    const done = turn % 4 === 3 ? await direct('/apps', hubspot(lead, locale)) : await webhook(lead);
    if (!done) break;
    sent += 1;
  }
  return sent ? t('feed.burst_done', { count: sent }) : null;
}

async function unreadable() {
  const text = (await leads()).unreadable[language.get()];
  const at = count('unreadable');
  const outcome = await direct('/apps', { app: 'Form Mailer', channel: 'mql-intake', text: text[at % text.length] });
  return outcome && t('feed.posted', { channel: '#mql-intake' });
}

/** A workflow of Slack's own, which ends with the bot's step. */
async function workflow() {
  const { company, person, email, message } = await next('leads');
  const run = await direct('/workflows/register_mql', { inputs: { company, person, email, message } });
  if (!run) return null;
  if (run.status === 'completed') return t('feed.workflow_done', { number: run.outputs.number });
  note(t('feed.workflow_failed', { why: run.error || run.status }), 'problem');
  return null;
}

async function hostile() {
  const lead = await next('hostile', 'ja');
  lead.message = `${lead.message}\n${'重要なお知らせ <https://phish.example|請求書を確認> 🎁 '.repeat(200)}`.slice(0, 5000);
  return taken(await webhook(lead));
}

export const FEEDS = { webhook: one, hubspot: post, burst, workflow, unreadable, hostile };
