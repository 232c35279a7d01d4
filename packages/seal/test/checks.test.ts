import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CheckResult } from '@safeguard/kernel';
import { fileProvider, type Seal, type Vault } from '../index.ts';
import { clinic, openChecks } from './checks-fixture.ts';

const { store, deps, run, put, patients, directory } = await openChecks();
const day_ms = 86_400_000;
const sql = (segment: 'identity' | 'clinical' | 'ledger', text: string) => store.sql(segment, text);

function met(found: CheckResult, least = 1): void {
  assert.equal(found.result, 'met', JSON.stringify(found));
  assert.ok(found.examined >= least, JSON.stringify(found));
}

function unmet(found: CheckResult, says: RegExp): void {
  assert.equal(found.result, 'unmet', JSON.stringify(found));
  assert.match(JSON.stringify(found.exceptions), says);
  assert.ok((found.todo ?? '') !== '');
}

const plain = (text: string): string => Buffer.from(text).toString('hex');

test('encrypted at rest: plaintext in a sealed column, with a head in front too; an undeclared column', async () => {
  met(await run('encrypted-at-rest'), 26);
  const text = `{"resourceType":"Patient","name":[{"family":"Zaphodson"}]}`;
  const id = '00000000-0000-4000-8000-0000000000aa';
  const insert = (bytes: string) =>
    `insert into records.resource (tenant, id, at, version, key, identity, type, body)
     values (${clinic}, '${id}', now(), 1, 1, null, 5, '\\x${bytes}')`;
  const remove = `delete from records.resource where id = '${id}'`;
  for (const bytes of [plain(text), `0100${plain(`nonce-nonce-${text}`)}`]) {
    await sql('clinical', insert(bytes));
    const found = await run('encrypted-at-rest');
    await sql('clinical', remove);
    unmet(found, /records\.resource\.body: values that are not sealed: 1/);
    assert.ok(!JSON.stringify(found).includes('Zaphodson'), 'evidence quotes nothing');
  }
  await sql('clinical', insert(`0100${plain('x'.repeat(12) + 'a note in free text, and in clear. '.repeat(4))}`));
  await sql('clinical', `delete from records.resource where tenant = ${clinic} and id <> '${id}'`);
  unmet(await run('encrypted-at-rest'), /sampled values that read like text/);
  await sql('clinical', remove);
  for (const patient of patients) await put(patient);
  await sql('ledger', `insert into ledger.entries values (${clinic}, 1, 0, '\\x${plain(text)}')`);
  unmet(await run('encrypted-at-rest'), /ledger\.entries\.body/);
  await sql('ledger', `delete from ledger.entries where tenant = ${clinic} and shard = 1`);
  await sql('identity', 'create table public.aside (body bytea)');
  unmet(await run('encrypted-at-rest'), /public\.aside\.body: nobody has said/);
  await sql('identity', 'drop table public.aside');
  met(await run('encrypted-at-rest'), 23);
});

test('encrypted at rest: a value whose key is not there', async () => {
  await sql('clinical', 'update records.resource set key = key + 100000');
  unmet(await run('encrypted-at-rest'), /whose data key is not there: 3/);
  await sql('clinical', 'update records.resource set key = key - 100000');
  met(await run('encrypted-at-rest'));
});

test('altered data: a vault that does not look, a stored row with a bit changed', async () => {
  met(await run('tamper-refused'), 40);
  const careless: Pick<Seal, 'vault' | 'destroy'> = {
    destroy: deps.seal.destroy,
    vault: async (segment, tenant) => {
      const vault = await deps.seal.vault(segment, tenant);
      const kept = new Map<string, Buffer>();
      const broken: Vault = {
        ...vault,
        seal: (key, binding, bytes) => {
          const sealed = vault.seal(key, binding, bytes);
          kept.set(sealed.subarray(14, 30).toString('hex'), bytes);
          return sealed;
        },
        open: (key, binding, sealed) =>
          kept.get(sealed.subarray(14, 30).toString('hex')) ?? vault.open(key, binding, sealed),
      };
      return broken;
    },
  };
  unmet(await run('tamper-refused', { seal: careless }), /it opened with a bit changed in the tag/);
  const flip = 'update records.resource set body = set_byte(body, 20, get_byte(body, 20) # 1)';
  await sql('clinical', flip);
  unmet(await run('tamper-refused'), /stored value of clinical: it does not open as it stands/);
  await sql('clinical', flip);
  met(await run('tamper-refused'), 40);
});

test('a key per patient: data under another key, one key for two, a missing wall', async () => {
  met(await run('key-per-patient'), 8);
  const [one = '', two = ''] = patients;
  const wrong = await put(one, two);
  unmet(await run('key-per-patient'), new RegExp(`resource ${wrong} under another`));
  await sql('clinical', `delete from records.resource where id = '${wrong}'`);
  met(await run('key-per-patient'));
  await sql('clinical', `create table public.was as select * from seal.data_key where owner = '${two}'`);
  const share = `update seal.data_key set wrapped =
    (select wrapped from seal.data_key where owner = '${one}' and tenant = ${clinic})`;
  await sql('clinical', `${share} where owner = '${two}' and tenant = ${clinic}`);
  // That row does not open any more, which is right; the rows under it are left out for this.
  await sql('clinical', `create table public.rows as select * from records.resource; delete from records.resource`);
  unmet(await run('key-per-patient'), /1 keys are the same as another owner/);
  await sql(
    'clinical',
    'insert into records.resource overriding system value select * from public.rows; drop table public.rows',
  );
  await sql(
    'clinical',
    `update seal.data_key k set wrapped = w.wrapped from public.was w where k.id = w.id and k.tenant = w.tenant`,
  );
  await sql('clinical', 'drop table public.was');
  await sql('clinical', 'alter table seal.data_key drop constraint data_key_tenant_owner_key');
  unmet(await run('key-per-patient'), /clinical: an index that keeps keys and owners one to one is missing/);
  await sql('clinical', 'alter table seal.data_key add unique (tenant, owner)');
  met(await run('key-per-patient'), 8);
});

test('rotation: a key older than is allowed', async () => {
  met(await run('key-rotation'), 3);
  unmet(await run('key-rotation', {}, Date.now() + 366 * day_ms), /tenant 7, clinical: 366 days old/);
  const older = "update seal.tenant_key set created_at = created_at - interval '400 days' where tenant = 7";
  await sql('identity', older);
  await deps.seal.vault('identity', clinic);
  await sql('clinical', older);
  unmet(await run('key-rotation'), /tenant 7, clinical: 400 days old/);
  await sql('identity', older.replace(' - ', ' + '));
  await sql('clinical', older.replace(' - ', ' + '));
  met(await run('key-rotation'), 3);
});

test('the root key: modes, and a key that stands in clear', async () => {
  met(await run('root-key-guarded'), 2);
  chmodSync(join(directory, 'root-key.json'), 0o640);
  unmet(await run('root-key-guarded'), /others have access to the file root-key\.json \(mode 640\)/);
  chmodSync(join(directory, 'root-key.json'), 0o600);
  chmodSync(directory, 0o755);
  unmet(await run('root-key-guarded'), /others have access to the directory/);
  chmodSync(directory, 0o700);
  copyFileSync(join(directory, 'root-key.json'), join(directory, 'copy.json'));
  chmodSync(join(directory, 'copy.json'), 0o644);
  unmet(await run('root-key-guarded'), /the file copy\.json/);
  rmSync(join(directory, 'copy.json'));
  const open = mkdtempSync(join(tmpdir(), 'safeguard-open-root-'));
  await fileProvider({ directory: open });
  unmet(await run('root-key-guarded', { root: { directory: open } }), /without a passphrase/);
  rmSync(open, { recursive: true });
  met(await run('root-key-guarded'), 2);
});

test('disposal: destroyed for real; a destruction that does nothing, a trigger that keeps a copy', async () => {
  met(await run('disposal'), 2);
  const idle: Pick<Seal, 'vault' | 'destroy'> = {
    vault: deps.seal.vault,
    destroy: async (tenant, owner) => ({ tenant, owner, destroyed_at: Date.now(), keys: 2 }),
  };
  unmet(await run('disposal', { seal: idle }), /clinical: the data still opened/);
  await sql(
    'clinical',
    `create function public.keep() returns trigger language plpgsql as $$ begin return null; end $$;
     create trigger keep before update on seal.data_key for each row execute function public.keep();`,
  );
  unmet(await run('disposal'), /clinical: the row of the key is not the tombstone/);
  await sql('clinical', 'drop trigger keep on seal.data_key; drop function public.keep');
  met(await run('disposal'), 2);
});

test('encrypted at rest: a table of many pages is gone through to its first page', async () => {
  const key = '(select min(id) from seal.data_key where tenant = 7 and wrapped is not null)';
  const rows = (from: number, to: number, body: string) =>
    `insert into records.part (tenant, row, edition, key, hour, body)
     select 7, '00000000-0000-4000-8000-0000000000ab', n, ${key}, 1, ${body} from generate_series(${from}, ${to}) n`;
  const vault = await deps.seal.vault('identity', clinic);
  await vault.keysFor(patients);
  await sql('identity', rows(1, 1, '\'{"name":"in clear, at the very beginning of the table"}\''));
  await sql('identity', rows(2, 50_000, "'\\x0100'::bytea || sha256(n::text::bytea)"));
  const found = await run('encrypted-at-rest');
  unmet(found, /records\.part\.body: values that are not sealed: 1/);
  assert.ok(found.examined >= 50_000, JSON.stringify(found));
  await sql('identity', 'delete from records.part where edition = 1');
  met(await run('encrypted-at-rest'), 49_999);
  await sql('identity', 'truncate records.part');
});
