import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMail, type MailDeps, type Message } from '../index.ts';

const from = 'notices@clinic.example';
const message: Message = {
  to: 'ann@mail.example',
  subject: 'Safeguard: A review was started.',
  text: 'One.\nTwo.\n',
  id: randomUUID(),
};
const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;

/** A mail server on this machine, and what it was given. */
async function serving(options: SMTPServerOptions, work: (port: number, mails: string[]) => Promise<void>) {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString());
        done();
      });
    },
    ...options,
  });
  server.on('error', () => mails.push('an error of the connection'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    await work((server.server.address() as AddressInfo).port, mails);
  } finally {
    await new Promise<void>((done) => server.close(done));
  }
}

async function sending(deps: MailDeps, sent: Message = message): Promise<void> {
  const mail = createMail(deps);
  try {
    await mail.send(sent);
  } finally {
    mail.close();
  }
}

/** A key and a certificate for `localhost` that signs itself. */
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), 'safeguard-mail-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
  ]);
  const read = made.status === 0 ? { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } : undefined;
  rmSync(folder, { recursive: true });
  return read;
}

test('a message arrives as plain text, with its id, from and to whom it was said', () =>
  serving({ disabledCommands: ['STARTTLS', 'AUTH'] }, async (port, mails) => {
    await sending({ url: `smtp://127.0.0.1:${port}`, from });
    const [mail = ''] = mails;
    assert.match(mail, /^From: Safeguard <notices@clinic\.example>\r$/m);
    assert.match(mail, /^To: ann@mail\.example\r$/m);
    assert.match(mail, /^Content-Type: text\/plain/m);
    assert.match(mail, new RegExp(`^Message-ID: <${message.id}@clinic\\.example>\\r$`, 'm'));
    assert.match(mail, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(mail, /\r\n\r\nOne\.\r\nTwo\.\r\n/);
    assert.doesNotMatch(mail, /html/i);
  }));

test('headers are not injected, recipients are one', async () => {
  const bad: readonly Partial<Message>[] = [
    ...['ann@x.example, ben@x.example', 'ann@x.example\r\nBcc: b@x.example', 'Ann <ann@x.example>', 'ann', ''].map(
      (to) => ({ to }),
    ),
    ...['a@b@c.example', '"a b"@x.example', 'ann@x.example;ben@x.example', 'ann@[127.0.0.1]', 'änn@x.example'].map(
      (to) => ({ to }),
    ),
    ...['One\r\nBcc: b@x.example', 'One\nTwo', '', 'x'.repeat(300), 'One\u0000', 'One\u2028'].map((subject) => ({
      subject,
    })),
    { text: 'x'.repeat(30_000) },
    { text: 'One\u0000' },
    { id: 'x>\r\nBcc: b@x.example' },
  ];
  await serving({ disabledCommands: ['STARTTLS', 'AUTH'] }, async (port, mails) => {
    for (const more of bad) {
      await assert.rejects(
        sending({ url: `smtp://127.0.0.1:${port}`, from }, { ...message, ...more }),
        kind('invalid'),
      );
    }
    assert.deepEqual(mails, []);
  });
  const { isAddress } = createMail({ url: 'smtps://mail.example', from });
  assert.deepEqual(["o'neil+ward-3@mail.clinic.example", 'Ann Example'].map(isAddress), [true, false]);
});

test('settings that would weaken it are refused, and quoted by nothing', () => {
  const secret = 'Zaphod4711';
  const urls = [
    ...['', 'mail.example', `https://u:${secret}@mail.example`, `smtp://mail.example?tls.rejectUnauthorized=false`],
    ...[
      `smtps://${secret}@mail.example`,
      `smtps://u:${secret}%zz@mail.example`,
      'smtp://',
      'smtp://h/path',
      'smtp://h#x',
    ],
  ];
  for (const url of urls) {
    const refused = (error: unknown) => kind('invalid')(error) && !String((error as Error).message).includes(secret);
    assert.throws(() => createMail({ url, from }), refused, url);
  }
  assert.throws(() => createMail({ url: 'smtps://mail.example', from: 'Safeguard <a@b>' }), kind('invalid'));
});

test('elsewhere than on this machine nothing goes in clear', () =>
  serving({ disabledCommands: ['STARTTLS', 'AUTH'] }, async (port, mails) => {
    // 127.0.0.2 is this machine too, but not by a name that the settings take for it.
    await assert.rejects(sending({ url: `smtp://127.0.0.2:${port}`, from }), kind('unavailable'));
    assert.deepEqual(mails, []);
  }));

test('TLS: the certificate must be of a known authority and name the host', async (t) => {
  const tls = certificate();
  if (tls === undefined) return t.skip('no openssl here to make a certificate with');
  await serving({ ...tls, secure: true }, async (port, mails) => {
    await assert.rejects(sending({ url: `smtps://localhost:${port}`, from }), kind('unavailable'));
    await assert.rejects(sending({ url: `smtps://127.0.0.1:${port}`, from, authority: tls.cert }), kind('unavailable'));
    assert.ok(!mails.some((mail) => mail.includes('One.')));
    await sending({ url: `smtps://localhost:${port}`, from, authority: tls.cert });
    assert.ok(mails.some((mail) => mail.includes('One.')));
  });
});

test('a server that is away or says later: unavailable; that has no such mailbox: invalid', async () => {
  await assert.rejects(sending({ url: 'smtp://127.0.0.1:1', from }), kind('unavailable'));
  const answering = (responseCode: number): SMTPServerOptions => ({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode })),
  });
  const send = (port: number) => sending({ url: `smtp://127.0.0.1:${port}`, from });
  await serving(answering(451), async (port) => assert.rejects(send(port), kind('unavailable')));
  await serving(answering(550), async (port) => assert.rejects(send(port), kind('invalid')));
});

test('the user signs in', () =>
  serving(
    {
      disabledCommands: ['STARTTLS'],
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'u@x' && password === 'p:w' ? done(null, { user: 'u' }) : done(new Error('no')),
    },
    async (port, mails) => {
      await sending({ url: `smtp://u%40x:p%3Aw@127.0.0.1:${port}`, from });
      assert.equal(mails.length, 1);
      await assert.rejects(sending({ url: `smtp://u%40x:wrong@127.0.0.1:${port}`, from }), kind('unavailable'));
    },
  ));
