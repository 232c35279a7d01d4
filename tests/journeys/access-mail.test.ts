/** Mail, end to end: who is told, what stands in it, where it leads, and a mail server that is away for a while. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noticeKinds, noticePath } from '@safeguard/access';
import { everyRoute } from '../attacks/matrix/routes.ts';
import { type Databases, openDatabases } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { type Mail, type MailServer, startMailServer } from '../harness/mail-server.ts';
import { firstAdministrator, invite, type Person } from '../harness/people.ts';

const from = 'notices@clinic.example';
const reason = 'Frau Núñez wird in der Kardiologie behandelt.';
const until = new Date(Date.now() + 86_400_000).toISOString();
const record = 'b5f7a2f0-6a0e-4a53-9a0c-3a4a55b1f0de';

let server: MailServer;
let safeguard: Instance;
let databases: Databases;
let ada: Person;
let bea: Person;
before(async () => {
  server = await startMailServer();
  safeguard = await start({ env: { SAFEGUARD_MAIL_URL: server.url, SAFEGUARD_MAIL_FROM: from } });
  databases = await openDatabases(safeguard.data);
  ada = await firstAdministrator(safeguard, { login: 'ada@clinic.example', name: 'Ada Admin' });
  bea = await invite(safeguard, { login: 'bea@clinic.example', name: 'Bea Beth' });
});
after(async () => {
  await databases.close();
  await safeguard.stop();
  await server.close();
  await removeData(safeguard.data);
});

/** Notices are sent every 5 s; a machine under load takes longer. */
async function eventually<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 45_000; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come:\n${safeguard.output()}`);
}
const arrival = (list: readonly Mail[], count: number): Promise<Mail> =>
  eventually(`mail ${count}`, () => list[count - 1]);

const end = 'This message holds nothing of a patient.';
const expected = (sentence: string, id: string): string =>
  `${sentence}\n\nSign in to see it: ${safeguard.url}/access/requests/${id}\n\n${end}\n`;

/** All that a mail must not tell: whose record, why, who, which role. */
const private_ = ['Núñez', 'Kardiologie', record, 'Bea', 'Beth', 'Ada', 'Admin', 'billing', 'clinician', 'default'];

function checkSilent({ raw, headers, text, to }: Mail): void {
  const told = `${raw}\n${text}`.replaceAll(`${to[0]}`, '');
  for (const one of private_) assert.ok(!told.includes(one), `it tells ${one}`);
  assert.match(headers, /^Content-Type: text\/plain/m);
  assert.match(headers, /^From: Safeguard <notices@clinic\.example>$/m);
  assert.deepEqual([...text.matchAll(/https?:\/\/\S+/g)].length, 1, 'one link');
}

async function ask(role: string, more: object = {}): Promise<string> {
  const body = { account: bea.id, role, reason, until, ...more };
  const asked = await bea.jar.api('POST', '/access/requests', body);
  assert.equal(asked.status, 201, asked.text);
  return asked.json.id;
}

const linkIn = ({ text }: Mail): string => /https:\/\/\S+/.exec(text)?.[0] ?? '';

let request: string;
test('who may decide is told by mail: a sentence and a link to our own origin, nothing of what is asked', async () => {
  request = await ask('practice-clinician', { patients: [record] });
  const mail = await arrival(server.taken, 1);
  assert.deepEqual(mail.to, ['ada@clinic.example']);
  const sentence = 'A request for access waits for your decision.';
  assert.equal(mail.text, expected(sentence, request));
  assert.match(mail.headers, new RegExp(`^Subject: Safeguard: ${sentence}$`, 'm'));
  checkSilent(mail);
  assert.throws(() => checkSilent({ ...mail, text: `${mail.text}${reason}` }), /it tells/, 'negative control');
  const page = await ada.jar.go(linkIn(mail));
  assert.deepEqual([page.status, page.at], [200, linkIn(mail)]);
  assert.ok(page.text.includes('Núñez'), 'the reason is read there, signed in');
});

test('the decision is mailed to who asked, once, and to nobody else', async () => {
  const decided = await ada.jar.api('POST', `/access/requests/${request}/decision`, { verdict: 'approve' });
  assert.equal(decided.status, 200, decided.text);
  const mail = await arrival(server.taken, 2);
  assert.deepEqual(mail.to, ['bea@clinic.example']);
  assert.equal(mail.text, expected('A request for access was decided.', request));
  checkSilent(mail);
  const page = await bea.jar.go(linkIn(mail));
  assert.deepEqual([page.status, page.at], [200, linkIn(mail)]);
});

/** What waits out its first minute (while it is being sent it is claimed for two) is due at once. */
const makeDue = `update access.notice set try_at = now() where try_at < now() + interval '90 seconds'
  returning attempts`;

test('a mail server that takes nothing for a while loses nothing: the same mail comes later', async () => {
  server.busy(true);
  const later = await ask('billing');
  const refused = await arrival(server.refused, 1);
  const { json } = await ada.jar.api('GET', '/access/notices?unread=true');
  const told = json.items.find(({ about }: { about: string }) => about === later);
  assert.deepEqual(
    [told?.path, told?.sent_at],
    [`/access/requests/${later}`, null],
    'it stands at our pages meanwhile',
  );
  server.busy(false);
  // As if the minute of the back-off were over; how long it is, the tests of `notices` say.
  const [made] = await eventually('the back-off', async () => {
    const rows = await databases.sql('identity', makeDue);
    return rows.length === 0 ? undefined : rows;
  });
  assert.equal(made?.['attempts'], 1);
  const mail = await arrival(server.taken, 3);
  assert.equal(mail.text, expected('A request for access waits for your decision.', later));
  const idOf = ({ headers }: Mail) => /^Message-ID: (\S+)$/im.exec(headers)?.[1];
  assert.equal(idOf(mail), idOf(refused));
  assert.deepEqual([server.taken.length, server.refused.length], [3, 1]);
});

test('the log of the process names nobody who was mailed', () => {
  const written = safeguard.output();
  assert.match(written, /a notice could not be sent/);
  for (const one of [...private_.slice(0, 5), ada.login, bea.login]) assert.ok(!written.includes(one), one);
});

test('whatever people are told of, there is a page of ours for signed-in people under the link', () => {
  const pages = everyRoute().filter(({ method, auth }) => method === 'GET' && auth === 'session');
  const forms = pages.map(({ path }) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`));
  const isPage = (path: string) => forms.some((form) => form.test(path));
  for (const kind of noticeKinds) assert.ok(isPage(noticePath(kind, record)), kind);
  assert.ok(!isPage(`/access/request/${record}`), 'negative control');
});
