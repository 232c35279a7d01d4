import { type Check, isFault, resultOf } from '@safeguard/kernel';
import type { Connection, Statement } from '@safeguard/store';
import { createOpener, type Opener } from '../storage/open.ts';
import { createRowReader } from '../storage/read.ts';
import { currentRows, exactParts, type PartRow, type StoredRow } from '../storage/rows.ts';
import { hour_s, type RecordsCheckDeps } from './deps.ts';
import { asked, type ProbePatient, withPatient } from './probe-patient.ts';

const flip = 'set_byte(body, length(body) / 2, get_byte(body, length(body) / 2) # 1)';
const alter = (name: string, change: string): Statement => ({
  name: `records.check.alter-${name}`,
  text: `update records.resource set ${change} where tenant = $1 and id = $2`,
});
/** Of the clinical row, by whoever may write to the database. */
const alterations: readonly { readonly what: string; readonly statement: Statement }[] = [
  { what: 'one bit of the body', statement: alter('bit', `body = ${flip}`) },
  { what: 'the version', statement: alter('version', 'version = version + 1') },
  { what: 'the time', statement: alter('time', `at = at + interval '1 day'`) },
  { what: 'the end of the body', statement: alter('end', 'body = substring(body for length(body) - 1)') },
];
const dropPart: Statement = {
  name: 'records.check.drop-part',
  text: 'delete from records.part where tenant = $1 and row = $2 and edition = $3',
};
const putPart: Statement = {
  name: 'records.check.put-part',
  text: `insert into records.part (tenant, row, edition, key, hour, body)
    select $1, $2, $3, $4, 0,
      set_byte($5::bytea, length($5::bytea) / 2, get_byte($5::bytea, length($5::bytea) / 2) # 1)`,
};

const undo = new Error('altered, and rolled back');

/** Whether the code that answers reads opens these rows all the same. */
async function isShown(opener: Opener, tenant: number, row: StoredRow, part?: PartRow): Promise<boolean> {
  try {
    const [opened] = await opener.open(tenant, [row], 'full', part === undefined ? [] : [part]);
    return opened !== undefined;
  } catch (error) {
    if (isFault(error) && error.kind === 'internal') return false;
    throw error;
  }
}

/** In a transaction that is rolled back: whatever happens to the process, the row stays as it was. */
async function rolledBack<T>(
  deps: RecordsCheckDeps,
  of: 'identity' | 'clinical',
  tenant: number,
  work: (c: Connection) => Promise<T>,
) {
  const found: T[] = [];
  try {
    await deps[of].transaction(tenant, async (connection) => {
      found.push(await work(connection));
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return found[0];
}

interface Stored {
  readonly row: StoredRow;
  readonly part: PartRow;
}

/** Both halves as they are; their keys are at hand afterwards: inside a transaction nothing else is asked. */
async function storedOf(deps: RecordsCheckDeps, { tenant, id }: ProbePatient): Promise<Stored> {
  const { clinical, identity, seal } = deps;
  const [row] = await clinical.query<StoredRow>(tenant, currentRows, [tenant, [id]]);
  const pseudonym = (await seal.vault('identity', tenant)).pseudonym(id);
  const [part] = await identity.query<PartRow>(tenant, exactParts, [tenant, [pseudonym], [row?.identity ?? 0]]);
  if (row === undefined || part === undefined) throw new Error('the patient that was just written is not stored');
  return { row, part };
}

async function look(deps: RecordsCheckDeps, patient: ProbePatient): Promise<string[]> {
  const { tenant, id } = patient;
  const stored = await storedOf(deps, patient);
  const opener = createOpener(deps.seal, createRowReader(deps.identity, deps.clinical), deps.clock.now);
  const wrong: string[] = [];
  if (!(await isShown(opener, tenant, stored.row, stored.part))) wrong.push('a row as it was written does not open');
  for (const { what, statement } of alterations) {
    const row = await rolledBack(deps, 'clinical', tenant, async (connection) => {
      await connection.query(statement, [tenant, id]);
      return (await connection.query<StoredRow>(currentRows, [tenant, [id]]))[0];
    });
    if (row !== undefined && (await isShown(opener, tenant, row, stored.part)))
      wrong.push(`${what} was altered, and it was shown`);
  }
  const { part } = stored;
  const altered = await rolledBack(deps, 'identity', tenant, async (connection) => {
    await connection.query(dropPart, [tenant, part.row, part.edition]);
    await connection.query(putPart, [tenant, part.row, part.edition, part.key, part.body]);
    return (await connection.query<PartRow>(exactParts, [tenant, [part.row], [part.edition]]))[0];
  });
  const row = { ...stored.row };
  if (altered === undefined || (await isShown(opener, tenant, row, altered))) {
    wrong.push('one bit of the identity half was altered, and it was shown');
  }
  await asked(deps, `/Patient/${id}`);
  return wrong;
}

export const alteredRefused = (deps: RecordsCheckDeps): Check => ({
  id: 'records.altered-refused',
  title: 'What was altered in the database is refused',
  query:
    'Alters the stored row of a patient of the checks in the database (a bit, its end, its version, ' +
    'its time; a bit of ' +
    'the identity half), each in a transaction that is rolled back, and reads it with the code that ' +
    'answers requests: ' +
    'it must be refused, never shown.',
  every_s: 12 * hour_s,
  run: () =>
    withPatient(deps, 'records.altered-refused', async (patient) =>
      resultOf({
        examined: alterations.length + 2,
        wrong: await look(deps, patient),
        met:
          `${alterations.length + 1} alterations of a stored record were refused when it was read; as ` +
          'written it opens.',
        unmet: 'records that were altered in the database are shown as if they were right.',
        todo: 'Take the server off the network: nothing it shows can be trusted until the seals are checked again.',
      }),
    ),
});
