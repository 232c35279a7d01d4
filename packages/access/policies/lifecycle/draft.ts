import type { Principal } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { checkWorkforce } from '../../requests/person.ts';
import type { PolicyDeps } from '../deps.ts';
import { openDocument, type PolicyDocument, type SealedDocument, sealDocument } from '../document.ts';
import { documentOf, momentOf } from '../find.ts';
import { readPolicy } from '../reading/read.ts';
import { isVersion, lockPolicy, mustBe, noPolicy, type PolicyRow, policyColumns } from '../rows.ts';
import { readTests } from '../tests/read.ts';
import type { PolicyText } from '../types.ts';

const count = {
  name: 'access.policy_count.next',
  text: `insert into access.policy_count as c (tenant, last) values ($1, 1)
    on conflict (tenant) do update set last = c.last + 1 returning last`,
};
const insert = {
  name: 'access.policy.insert',
  text: `insert into access.policy (id, tenant, version, state, edition, authors, based_on, rolls_back, undoes,
      drafted_at, changed_at, key_id, sealed)
    values ($1, $2, $3, 'draft', 1, array[$4::uuid], $5, $6, $7, $8, $8, $9, $10)`,
};
const update = {
  name: 'access.policy.change',
  text: `update access.policy set edition = $3, changed_at = $4, key_id = $5, sealed = $6,
      authors = case when $7::uuid = any (authors) then authors else authors || $7::uuid end
    where tenant = $1 and version = $2`,
};
const read = {
  name: 'access.policy.read-draft',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version = $2`,
};

const note_chars_most = 2_000;
const drafts_most = 100;
const openDrafts = {
  name: 'access.policy.open',
  text: `select count(*) as n from access.policy where tenant = $1 and state in ('draft', 'submitted', 'approved')`,
};

function checkNote(note: string | undefined): void {
  if (note === undefined) return;
  const fits = note.trim().length > 0 && note.length <= note_chars_most && /^(?:[^\p{C}]|[\n\r\t])+$/u.test(note);
  if (!fits) throw fault('invalid', `note: expected 1 to ${note_chars_most} printable characters`);
}

/** What was written, over what stands there. */
function merged({ vocabulary }: PolicyDeps, before: PolicyDocument, wanted: PolicyText): PolicyDocument {
  checkNote(wanted.note);
  const policy = wanted.policy === undefined ? before.policy : readPolicy(wanted.policy, vocabulary);
  const note = wanted.note ?? before.note;
  const tests = readTests(wanted.tests ?? before.tests, policy, vocabulary);
  return { policy, tests, ...(note === undefined ? {} : { note }) };
}

interface NewRow {
  readonly id: string;
  readonly tenant: number;
  readonly author: string;
  readonly based_on: number;
  readonly rolls_back: boolean;
  readonly undoes: boolean;
  readonly at: number;
  readonly text: SealedDocument;
}

/** Writes a draft under the next number. Whoever else drafts waits until the commit. */
export async function insertDraft(connection: Connection, row: NewRow): Promise<number> {
  const { id, tenant, author, based_on, rolls_back, undoes, at, text } = row;
  const [next] = await connection.query<{ last: number }>(count, [tenant]);
  const version = next?.last ?? 0;
  const kind = [based_on, rolls_back, undoes];
  await connection.query(insert, [id, tenant, version, author, ...kind, new Date(at), text.key_id, text.sealed]);
  return version;
}

/** Answers the number of the new draft. */
export async function draft(
  deps: PolicyDeps,
  by: Principal,
  wanted: PolicyText & { readonly based_on?: number },
): Promise<number> {
  checkWorkforce(by);
  const { tenant, id: author } = by;
  const { segment, clock } = deps;
  const [open] = await segment.query<{ n: number }>(tenant, openDrafts, [tenant]);
  if ((open?.n ?? 0) >= drafts_most) throw fault('conflict', `At most ${drafts_most} versions may be open at a time.`);
  const { active } = await momentOf(deps, tenant);
  const based_on = wanted.based_on ?? active;
  const { policy } = await documentOf(deps, tenant, based_on);
  const document = merged(deps, { policy, tests: [] }, wanted);
  const id = newId();
  const text = await sealDocument(await deps.vault(tenant), id, 1, document);
  const kind = { rolls_back: false, undoes: false };
  return segment.transaction(tenant, (connection) =>
    insertDraft(connection, { id, tenant, author, based_on, ...kind, at: clock.now(), text }),
  );
}

const moved = () => fault('stale', 'The draft was changed by somebody else in the meantime.');

/** Changes what is named of a draft. Fault `stale` when it is of another edition than the one that was read. */
export async function change(
  deps: PolicyDeps,
  by: Principal,
  version: number,
  wanted: PolicyText & { readonly edition?: number },
): Promise<void> {
  checkWorkforce(by);
  const { tenant, id: author } = by;
  const { segment, clock } = deps;
  const [row] = isVersion(version) ? await segment.query<PolicyRow>(tenant, read, [tenant, version]) : [];
  if (row === undefined) throw noPolicy();
  mustBe(row, 'draft');
  if (wanted.edition !== undefined && wanted.edition !== row.edition) throw moved();
  const vault = await deps.vault(tenant);
  const document = merged(deps, await openDocument(vault, row), wanted);
  const edition = row.edition + 1;
  const text = await sealDocument(vault, row.id, edition, document);
  await segment.transaction(tenant, async (connection) => {
    const locked = await lockPolicy(connection, tenant, version);
    mustBe(locked, 'draft');
    if (locked.edition !== row.edition) throw moved();
    const at = new Date(clock.now());
    await connection.query(update, [tenant, version, edition, at, text.key_id, text.sealed, author]);
  });
}
