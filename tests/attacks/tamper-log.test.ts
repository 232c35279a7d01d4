import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newClient } from '../harness/clients.ts';
import { type Databases, openDatabases } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { putBack } from '../harness/put-back.ts';

let safeguard: Instance;
let databases: Databases;

const sql: Databases['sql'] = (segment, text, values) => databases.sql(segment, text, values);

before(async () => {
  safeguard = await start({ tls: 'off' });
  databases = await openDatabases(safeguard.data);
  const { token } = await newClient(safeguard);
  const body = { resourceType: 'Patient' };
  for (let count = 0; count < 30; count += 1) {
    const { status } = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token, body });
    assert.equal(status, 201);
  }
});

after(async () => {
  await databases?.close();
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const verify = (): Promise<{ code: number; stdout: string; stderr: string }> =>
  safeguard.cli('ledger', 'verify', '--json');

test('an entry of the log that is flipped, dropped, swapped, replayed or cut off is found', async () => {
  await sleep(1500); // what is there is signed once a second
  const good = await verify();
  assert.equal(good.code, 0, good.stdout + good.stderr);
  const [head] = await sql('ledger', 'select count(*)::int as n from ledger.entries where tenant = 1 and shard = 0');
  const size = Number(head?.n);
  assert.ok(size > 20);
  const take = 'update ledger.entries e set body = o.body from ledger.entries o';
  const note = 'update ledger.checkpoints set note =';
  const at = `tenant = 1 and shard = 0 and index = `;
  const attacks: [string, string[]][] = [
    ['flipped', [`update ledger.entries set body = set_bit(body, 77, 1 - get_bit(body, 77)) where ${at} 5`]],
    ['dropped in the middle', [`delete from ledger.entries where ${at} 7`]],
    [
      'dropped, the rest moved up',
      [
        `delete from ledger.entries where ${at} 7`,
        `update ledger.entries set index = -index where tenant = 1 and index > 7`,
        `update ledger.entries set index = -index - 1 where tenant = 1 and index < 0`,
      ],
    ],
    ['swapped', [`${take} where e.tenant = 1 and o.tenant = 1 and (e.index, o.index) in ((3, 4), (4, 3))`]],
    ['replayed', [`${take} where e.tenant = 1 and o.tenant = 1 and e.index = 9 and o.index = 8`]],
    ['the last one cut off', [`delete from ledger.entries where ${at} ${size - 1}`]],
    [
      'cut off with its checkpoints',
      [
        `delete from ledger.entries where tenant = 1 and index >= 10`,
        'delete from ledger.checkpoints where tenant = 1 and size > 10',
        'delete from ledger.tiles where tenant = 1',
      ],
    ],
    [
      'gone altogether',
      ['entries', 'checkpoints', 'tiles', 'logs'].map((table) => `delete from ledger.${table} where tenant = 1`),
    ],
    ['another log’s entry', [`${take} where e.tenant = 1 and o.tenant = 0 and e.index = 2 and o.index = 2`]],
    [
      'a checkpoint changed',
      [
        `${note} replace(note, E'\\n${size}\\n', E'\\n${size - 1}\\n') where tenant = 1`,
        `${note} regexp_replace(note, E'\\n([0-9]+)\\n', E'\\n1\\\\1\\n') where tenant = 1`,
      ],
    ],
  ];
  const tables = ['entries', 'checkpoints', 'tiles', 'logs'].map((table): [string, string] => [
    'ledger',
    `ledger.${table}`,
  ]);
  const unfound: string[] = [];
  for (const [what, texts] of attacks) {
    await putBack(
      sql,
      tables,
      async () => {
        // Moving indexes needs the check on them out of the way: an intruder with the databases has that too.
        await sql('ledger', 'alter table ledger.entries drop constraint if exists entries_index_check');
        for (const text of texts) await sql('ledger', text);
        const { code, stdout, stderr } = await verify();
        const told = `${what}: ${code} ${stdout.slice(0, 300)} ${stderr.slice(0, 300)}`;
        if (code !== 1 || !/"ok":false/.test(stdout)) unfound.push(told);
        // The platform's log goes on meanwhile: it holds that the log was verified.
      },
      'tenant = 1',
    );
  }
  assert.deepEqual(unfound, []);
  const again = await verify();
  assert.equal(again.code, 0, `put back it is whole again: ${again.stdout}`);
});

test('a platform log that was cut off is told as such, although the server takes no more entries', async () => {
  await sleep(1500);
  await sql(
    'ledger',
    'delete from ledger.entries where tenant = 0 and index = (select max(index) from ledger.entries where tenant = 0)',
  );
  // Somebody comes by; with its head gone the log stops, and nothing is answered any more.
  const answer = await safeguard.request({ path: `/fhir/R4/Patient/${randomUUID()}` });
  assert.equal(answer.status, 503);
  const { code, stdout, stderr } = await verify();
  assert.equal(code, 1);
  assert.match(stdout, /"ok":false/, `the first bad position is told; ${stderr}`);
});
