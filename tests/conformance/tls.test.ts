import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { removeData, temporaryData } from '../harness/instance.ts';
import { assertTls } from './launched.ts';

test('control: the check of TLS finds a server that speaks an old version', async () => {
  const directory = await temporaryData();
  const authority = await localAuthority({ directory: join(directory, 'tls'), hosts: [], clock: systemClock });
  assert.ok(await readFile(authority.caFile));
  const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const { key, cert } = authority.current();
  const server = createServer({ key, cert, ...old });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  try {
    await assert.rejects(assertTls(`https://localhost:${(server.address() as AddressInfo).port}`), /TLSv1/);
  } finally {
    server.close();
    await removeData(directory);
  }
});
