import { chmod, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { changePassphrase } from '@safeguard/seal';
import { passphrase } from '../../harness/programme.ts';
import { byOwner, changedRows, type Fault } from './scene.ts';

/** Of databases and their roles. */
const ofStore: readonly Fault[] = [
  {
    control: '164.308-a-4-i',
    check: 'store.segments-apart',
    what: 'a login of one segment is let in to another',
    says: /the login of identity was let in to clinical/,
    break: byOwner(
      'identity',
      'grant connect on database clinical to safeguard_identity',
      'revoke connect on database clinical from safeguard_identity',
    ),
  },
  {
    control: '164.312-a-1',
    check: 'store.row-security',
    what: 'row-level security of a table is switched off',
    says: /identity: records\.part is not behind forced row-level security/,
    break: byOwner(
      'identity',
      'alter table records.part disable row level security',
      'alter table records.part enable row level security',
    ),
  },
  {
    control: '164.308-a-3-i',
    check: 'store.roles-minimal',
    what: 'a role of the database may do too much',
    says: /identity: may make roles/,
    break: byOwner(
      'identity',
      'alter role safeguard_identity createrole',
      'alter role safeguard_identity nocreaterole',
    ),
  },
  {
    control: '164.308-a-7-i',
    check: 'store.durable',
    what: 'a table is taken out of what a crash leaves whole',
    says: /identity: a crash empties the unlogged table records\.stale/,
    break: byOwner('identity', 'alter table records.stale set unlogged', 'alter table records.stale set logged'),
  },
];

const planted = `convert_to('{"resourceType":"Patient","name":[{"family":"Plain"}],"text":"in clear"}', 'utf8')`;

/** Of keys and what is sealed under them. */
const ofSeal: readonly Fault[] = [
  {
    control: '164.306-a-1',
    check: 'seal.encrypted-at-rest',
    what: 'plaintext is planted in a table',
    says: /clinical: records\.history\.body: values that are not sealed: 1/,
    break: byOwner(
      'clinical',
      `insert into records.history (tenant, id, at, version, key, identity, type, body)
        select tenant, '00000000-0000-4000-8000-00000000f001', at, 1, key, null, type, ${planted}
        from records.resource where tenant = 1 limit 1`,
      "delete from records.history where id = '00000000-0000-4000-8000-00000000f001'",
    ),
  },
  {
    control: '164.310-d-2-ii',
    check: 'seal.encrypted-at-rest',
    what: 'a table of bytes that nobody declared',
    says: /identity: public\.dump\.body: nobody has said what stands in it/,
    break: byOwner('identity', 'create table public.dump (body bytea)', 'drop table public.dump'),
  },
  {
    control: '164.312-c-1',
    check: 'seal.tamper-refused',
    what: 'stored records are altered by a bit',
    says: /a stored value of clinical: it does not open as it stands/,
    break: (scene) =>
      changedRows(
        scene,
        { segment: 'clinical', table: 'records.resource', where: 'tenant = 1' },
        'update records.resource set body = set_byte(body, 20, get_byte(body, 20) # 1) where tenant = 1',
      ),
  },
  {
    control: '164.312-a-2-iv',
    check: 'seal.key-per-patient',
    what: 'the wall that keeps one key to one owner is gone',
    says: /clinical: an index that keeps keys and owners one to one is missing/,
    break: byOwner(
      'clinical',
      'alter table seal.data_key drop constraint data_key_tenant_owner_key',
      'alter table seal.data_key add constraint data_key_tenant_owner_key unique (tenant, owner)',
    ),
  },
  {
    control: '164.312-a-2-iv',
    check: 'seal.key-rotation',
    what: 'a key is older than is allowed',
    says: /tenant 1, identity: 40\d days old/,
    break: byOwner(
      'identity',
      "update seal.tenant_key set created_at = created_at - interval '401 days' where tenant = 1",
      "update seal.tenant_key set created_at = created_at + interval '401 days' where tenant = 1",
    ),
  },
  {
    control: '164.402',
    check: 'seal.root-key-guarded',
    what: 'others may read the file of the root key',
    says: /others have access to the file \S+ \(mode 644\)/,
    async break({ house: { safeguard } }) {
      const folder = join(safeguard.data, 'keys');
      const [name = ''] = await readdir(folder);
      await chmod(join(folder, name), 0o644);
      return () => chmod(join(folder, name), 0o600);
    },
  },
  {
    control: '164.312-a-2-iv',
    check: 'seal.root-key-guarded',
    what: 'the passphrase of the root key is taken off',
    says: /the root key stands in its file without a passphrase/,
    async break({ house: { safeguard } }) {
      const directory = join(safeguard.data, 'keys');
      await changePassphrase({ directory, passphrase }, undefined);
      return () => changePassphrase({ directory }, passphrase);
    },
  },
  {
    control: '164.310-d-2-i',
    check: 'seal.disposal',
    what: 'the database keeps keys that were destroyed',
    says: /clinical: the row of the key is not the tombstone that it must be/,
    break: byOwner(
      'clinical',
      `create function public.keep() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger keep before update on seal.data_key for each row execute function public.keep()`,
      'drop trigger keep on seal.data_key; drop function public.keep',
    ),
  },
];

const flipped = 'body = set_byte(body, 40, get_byte(body, 40) # 1)';

/** Of the log. */
const ofLedger: readonly Fault[] = [
  {
    control: '164.316-b-1-ii',
    check: 'ledger.append-only',
    what: 'the server could delete from the log',
    says: /"delete from ledger\.entries where false" was allowed/,
    break: byOwner(
      'ledger',
      'grant delete on ledger.entries to safeguard_ledger',
      'revoke delete on ledger.entries from safeguard_ledger',
    ),
  },
  {
    control: '164.316-b-2-i',
    check: 'ledger.retention',
    what: 'a new role may delete from the log',
    says: /the role tidy_up may delete from ledger\.entries/,
    break: byOwner(
      'ledger',
      'create role tidy_up login; grant usage on schema ledger to tidy_up; grant delete on ledger.entries to tidy_up',
      'drop owned by tidy_up; drop role tidy_up',
    ),
  },
  {
    control: '164.312-b',
    check: 'ledger.verifies',
    what: 'an entry of the log is tampered with',
    says: /the log of tenant 1 \(shard \d+\): entr\S+ .*\d/,
    break: (scene) =>
      changedRows(
        scene,
        { segment: 'ledger', table: 'ledger.entries', where: 'tenant = 1 and index = 5' },
        `update ledger.entries set ${flipped} where tenant = 1 and index = 5`,
      ),
  },
  {
    control: '164.414-b',
    check: 'ledger.verifies',
    what: 'an entry is taken out of the log',
    says: /the log of tenant \d+ \(shard \d+\): entr/,
    break: (scene) => {
      const where = `tenant = ${scene.quiet.number} and index = 0`;
      const rows = { segment: 'ledger', table: 'ledger.entries', where } as const;
      return changedRows(scene, rows, `delete from ledger.entries where ${where}`);
    },
  },
  {
    control: '164.312-c-2',
    check: 'ledger.checkpoints-signed',
    what: 'a signed head of a log is forged',
    says: /the log of tenant \d+ \(shard \d+\): its newest checkpoint/,
    break: (scene) => {
      const where = `tenant = ${scene.quiet.number}`;
      const rows = { segment: 'ledger', table: 'ledger.checkpoints', where } as const;
      return changedRows(
        scene,
        rows,
        `update ledger.checkpoints set note = replace(note, E'\\n', E' \\n') where ${where}`,
      );
    },
  },
  {
    control: '164.312-c-2',
    check: 'ledger.anchored',
    what: 'the anchor of a log is gone',
    says: /the log of tenant \d+ \(shard \d+\): it has no anchor/,
    async break({ house: { safeguard }, quiet }) {
      const folder = join(safeguard.data, 'anchors');
      for (const name of await readdir(folder)) {
        const [origin = ''] = (await readFile(join(folder, name), 'utf8')).split('\n');
        if (!new RegExp(`/${quiet.number}/\\d+$`).test(origin)) continue;
        const aside = join(safeguard.data, name);
        await rename(join(folder, name), aside);
        return () => rename(aside, join(folder, name));
      }
      throw new Error('the quiet log has no anchor');
    },
  },
];

export const databaseFaults: readonly Fault[] = [...ofStore, ...ofSeal, ...ofLedger];
