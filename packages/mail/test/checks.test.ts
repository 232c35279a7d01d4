import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CheckResult } from '@safeguard/kernel';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { type MailCheckDeps, mailChecks } from '../index.ts';

const from = 'notices@clinic.example';

function run(mail: MailCheckDeps['mail']): Promise<CheckResult> {
  const [check] = mailChecks({ mail });
  assert.equal(check?.id, 'mail.transport');
  return check.run({ at: Date.now(), number: () => 0, signal: new AbortController().signal });
}

function certificate(days: number) {
  const folder = mkdtempSync(join(tmpdir(), 'safeguard-mail-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', String(days), '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
  ]);
  const read = made.status === 0 ? { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } : undefined;
  rmSync(folder, { recursive: true });
  return read;
}

async function serving(options: SMTPServerOptions, work: (port: number) => Promise<void>): Promise<void> {
  const server = new SMTPServer({ authOptional: true, ...options });
  // A caller that turns away from the handshake is an error to the server, and what is wanted.
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  try {
    await work((server.server.address() as AddressInfo).port);
  } finally {
    await new Promise<void>((done) => server.close(done));
  }
}

function unmet(found: CheckResult, says: RegExp): void {
  assert.equal(found.result, 'unmet', JSON.stringify(found));
  assert.match(JSON.stringify(found.exceptions), says);
  assert.ok(!JSON.stringify(found).includes('clinic'), 'no address in evidence');
}

test('no mail: nothing leaves', async () => {
  const found = await run(undefined);
  assert.equal(found.result, 'met');
  assert.match(found.saw, /no mail leaves/);
});

test('TLS that holds is met; an unknown signer, another name, no TLS at all are not', async (t) => {
  const tls = certificate(2);
  if (tls === undefined) return t.skip('no openssl here to make a certificate with');
  const authority = tls.cert;
  await serving({ ...tls, secure: true }, async (port) => {
    const url = `smtps://localhost:${port}`;
    assert.equal((await run({ url, from, authority })).result, 'met');
    unmet(await run({ url, from }), /signed by nobody that is trusted/);
    unmet(await run({ url: `smtps://127.0.0.1:${port}`, from, authority }), /does not name it/);
    assert.equal((await run({ url, from, authority })).result, 'met');
  });
  // 127.0.0.2 is this machine, but not by a name that the settings take for it.
  await serving({ disabledCommands: ['STARTTLS'] }, async (port) => {
    unmet(await run({ url: `smtp://127.0.0.2:${port}`, from, authority }), /offers no TLS/);
    const near = await run({ url: `smtp://127.0.0.1:${port}`, from });
    assert.equal(near.result, 'met');
    assert.match(near.saw, /on this machine/);
  });
  return undefined;
});

test('a server that is away, a password that is refused, settings that would weaken it', async () => {
  unmet(await run({ url: 'smtps://127.0.0.1:1', from }), /does not answer/);
  unmet(await run({ url: 'smtp://mail.example?tls.rejectUnauthorized=false', from }), /settings of mail are refused/);
  const options: SMTPServerOptions = {
    ...{ disabledCommands: ['STARTTLS'], authOptional: false, allowInsecureAuth: true },
    onAuth: (_auth, _session, done) => done(new Error('no')),
  };
  await serving(options, async (port) => {
    unmet(await run({ url: `smtp://u:wrong@127.0.0.1:${port}`, from }), /refuses the user/);
  });
});
