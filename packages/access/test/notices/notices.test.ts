import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { fault, isFault, newId } from '@safeguard/kernel';
import { createNotices } from '../../notices/notices.ts';
import type { MailPort } from '../../notices/send.ts';
import { type NewNotice, noticeKinds } from '../../notices/types.ts';
import { startWorld, type World } from '../grants/world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());
beforeEach(() => world.sql('truncate access.notice'));

type Message = Parameters<MailPort['send']>[0];

/** A mail server in memory; `fails` may refuse. */
function mailing(fails: (message: Message) => Error | undefined = () => undefined) {
  const sent: Message[] = [];
  const mail: MailPort = {
    isAddress: (text) => text.includes('@') && !text.includes(' '),
    async send(message) {
      const error = fails(message);
      if (error !== undefined) throw error;
      sent.push(message);
    },
  };
  return { sent, mail };
}

function house(mail?: MailPort) {
  const { segment, deps, people } = world;
  const base = 'https://clinic.example';
  const common = { segment, clock: deps.clock, people: people.port, base, log: deps.log };
  return createNotices(mail === undefined ? common : { ...common, mail });
}

const telling = (notices: ReturnType<typeof house>, more: Partial<NewNotice> & Pick<NewNotice, 'to'>) =>
  world.segment.transaction(1, (connection) =>
    notices.tell(connection, { tenant: 1, kind: 'request-to-decide', about: newId(), at: world.time.now, ...more }),
  );

test('a notice is mailed once to each, with a fixed sentence and a link; nothing else', async () => {
  const { sent, mail } = mailing();
  const notices = house(mail);
  const [ann, ben] = [world.people.add({ login: 'ann@x.example' }), world.people.add({ login: 'ben@x.example' })];
  const about = newId();
  await telling(notices, { to: [ann, ben, ann], about });
  await telling(notices, { to: [ann], about });
  assert.equal(await notices.send(), 2);
  assert.equal(await notices.send(), 0);
  assert.deepEqual(sent.map(({ to }) => to).sort(), ['ann@x.example', 'ben@x.example']);
  assert.match(sent[0]?.text ?? '', new RegExp(`https://clinic.example/access/requests/${about}\\n`));
  const [told] = await notices.list(1, ann);
  assert.deepEqual([told?.path, told?.sent_at], [`/access/requests/${about}`, world.time.now]);
});

test('rolled back is not told', async () => {
  const notices = house(mailing().mail);
  const to = [world.people.add({ login: 'ann@x.example' })];
  const work = world.segment.transaction(1, async (connection) => {
    await notices.tell(connection, { tenant: 1, kind: 'review-due', to, about: newId(), at: world.time.now });
    throw new Error('no');
  });
  await assert.rejects(work);
  assert.equal(await notices.send(), 0);
});

test('two replicas at once send each notice once', async () => {
  const { sent, mail } = mailing();
  const to = Array.from({ length: 50 }, (_, index) => world.people.add({ login: `p${index}@x.example` }));
  await telling(house(mail), { to });
  const counts = await Promise.all([house(mail).send(), house(mail).send(), house(mail).send()]);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    50,
  );
  assert.equal(new Set(sent.map(({ to: address }) => address)).size, 50);
});

test('what fails is tried again, less and less often, and given up; what died in between too', async () => {
  let away = true;
  const { sent, mail } = mailing(() => (away ? fault('unavailable', 'away') : undefined));
  const notices = house(mail);
  await telling(notices, { to: [world.people.add({ login: 'ann@x.example' })] });
  assert.equal(await notices.send(), 0);
  assert.equal(await notices.send(), 0);
  world.time.now += 60_000;
  away = false;
  assert.equal(await notices.send(), 1);
  away = true;
  await telling(notices, { to: [world.people.add({ login: 'ben@x.example' })] });
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await notices.send();
    world.time.now += 24 * 3_600_000;
  }
  assert.deepEqual(await world.sql('select attempts, try_at from access.notice where sent_at is null'), [
    { attempts: 12, try_at: null },
  ]);
  assert.equal(sent.length, 1);
  assert.ok(world.warned.includes('a notice could not be sent and is given up'));
});

test('refused for good is not tried again; who left, has no address or is suspended is not mailed', async () => {
  const { sent, mail } = mailing(({ to }) => (to.startsWith('bad') ? fault('invalid', 'no such mailbox') : undefined));
  const notices = house(mail);
  const to = [
    world.people.add({ login: 'bad@x.example' }),
    world.people.add({ login: 'a name' }),
    world.people.add({ login: 'gone@x.example', state: 'terminated' }),
    newId(),
  ];
  await telling(notices, { to });
  assert.equal(await notices.send(), 0);
  assert.deepEqual(sent, []);
  assert.deepEqual(await world.sql('select count(*)::int as n from access.notice where try_at is not null'), [
    { n: 0 },
  ]);
});

test('without a mail server notices are shown, and that is said', async () => {
  const notices = house();
  const ann = world.people.add({ login: 'ann@x.example' });
  await telling(notices, { to: [ann] });
  notices.start();
  assert.ok(world.warned.includes('no mail server is set: notices stand at our own pages only'));
  assert.equal(await notices.send(), 0);
  const [told] = await notices.list(1, ann, { unread: true });
  assert.equal(told?.sent_at, undefined);
  // A mail server set later does not get what is old.
  const { sent, mail } = mailing();
  await house(mail).send();
  assert.deepEqual(sent, []);
});

test('nobody reads another’s, nor another tenant’s; pages follow each other', async () => {
  const notices = house();
  const [ann, ben] = [world.people.add(), world.people.add()];
  for (let count = 0; count < 5; count += 1) await telling(notices, { to: [ann] });
  const first = await notices.list(1, ann, { count: 2 });
  const rest = await notices.list(1, ann, { after: first.at(-1)?.id ?? '' });
  assert.equal(new Set([...first, ...rest].map(({ id }) => id)).size, 5);
  const id = first[0]?.id ?? '';
  assert.deepEqual(await notices.list(1, ben), []);
  assert.deepEqual(await notices.list(2, ann), []);
  for (const [tenant, who, what] of [
    [1, ben, id],
    [2, ann, id],
    [1, ann, 'x'],
  ] as const) {
    await assert.rejects(notices.read(tenant, who, what), (error) => isFault(error) && error.kind === 'missing');
  }
  await notices.read(1, ann, id);
  assert.equal((await notices.list(1, ann, { unread: true })).length, 4);
});

test('a link holds nothing but an id of ours, whatever the kind', async () => {
  const notices = house();
  const ann = world.people.add();
  for (const about of ['../admin', 'Mrs Zaphod', 'x?y', '1/2', '', '-1']) {
    await assert.rejects(
      telling(notices, { to: [ann], about }),
      (error) => isFault(error) && error.kind === 'internal',
    );
  }
  for (const kind of noticeKinds) await telling(notices, { to: [ann], kind, about: '7' });
  const told = await notices.list(1, ann);
  assert.equal(told.length, noticeKinds.length);
  assert.ok(
    told.every(({ path }) => /^\/(access\/[a-z-]+|programme\/[a-z]+|rights|account\/record\/requests)\/7$/.test(path)),
  );
});
