import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Inside, openInside } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { cliJson, firstAdministrator } from '../harness/people.ts';
import { asking, passphrase, type ShownControl, type SoundHouse, soundStart } from '../harness/programme.ts';

let safeguard: Instance;
let inside: Inside;
let asked: Pick<SoundHouse, 'run' | 'control'>;
before(async () => {
  safeguard = await start(soundStart());
  inside = await openInside(safeguard.data, passphrase);
  asked = asking(await firstAdministrator(safeguard));
});
after(async () => {
  await inside?.close();
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

interface Posture {
  readonly counts: Readonly<Record<string, number>>;
  readonly forged: readonly string[];
  readonly controls: readonly ShownControl[];
}
const posture = (): Promise<Posture> => cliJson<Posture>(safeguard, 'controls');

test('before anything was tried nothing is met: without evidence it is unknown, without a decision unmet', async () => {
  const { counts, controls, forged } = await posture();
  assert.deepEqual([counts['met'], forged], [0, []]);
  const limits = controls.find(({ id }) => id === '164.306-a-2');
  assert.equal(limits?.state, 'unknown');
  assert.match(limits?.because ?? '', /There is no evidence yet/);
});

const insert = (id: string, check: string, place: { shard: number; index: number }): string =>
  `insert into programme.evidence (id, check_id, at, shard, index)
    values ('${id}', '${check}', ${Date.now()}, ${place.shard}, ${place.index})`;
/** Of a control whose one check is unmet: no receipt was ever left. */
const unmet = { control: '164.308-a-6-ii', check: 'operations.intrusion-detection' };
const forgeries = { runtime: '00000000-0000-4000-8000-00000000f0a1', owner: '00000000-0000-4000-8000-00000000f0a2' };

/** Where evidence of something that is met stands: a forged row that points there tells of nothing. */
async function somethingMet(): Promise<{ shard: number; index: number }> {
  const [made] = await asked.run('programme.retention');
  assert.equal(made?.result, 'met');
  const text = 'select shard, index from programme.evidence where id = $1';
  const [row] = await inside.databases.sql('identity', text, [made.id]);
  return { shard: Number(row?.['shard']), index: Number(row?.['index']) };
}

test('evidence that somebody wrote into the table counts for nothing, and is named', async () => {
  await asked.run(unmet.check);
  const was = await asked.control(unmet.control);
  assert.equal(was.state, 'unmet', was.because);
  const place = await somethingMet();
  const runtime = await inside.databases.as('safeguard_identity', 'identity');
  try {
    await runtime.query("select set_config('safeguard.tenant', '0', false)");
    // What an attacker inside the server could do: a row of their own, at an entry that is not its own.
    await runtime.query(insert(forgeries.runtime, unmet.check, { shard: place.shard, index: 1_000_000 }));
    for (const text of [
      "update programme.evidence set check_id = 'programme.retention'",
      'delete from programme.evidence',
      'truncate programme.evidence',
    ]) {
      await assert.rejects(runtime.query(text), /permission denied/, text);
    }
  } finally {
    await runtime.end();
  }
  await inside.databases.sql(
    'identity',
    `set local session_replication_role = replica; update programme.evidence set check_id = '${unmet.check}',
      id = '${forgeries.owner}', at = ${Date.now()} where shard = ${place.shard} and index = ${place.index}`,
  );
  const { forged, controls } = await posture();
  assert.deepEqual(new Set(forged), new Set(Object.values(forgeries)));
  const is = controls.find(({ id }) => id === unmet.control);
  assert.deepEqual([is?.state, is?.because], [was.state, was.because]);
  const [found] = await asked.run('programme.evidence-kept');
  assert.equal(found?.result, 'unmet');
  for (const id of Object.values(forgeries)) assert.ok(found.exceptions.includes(`row ${id}`), found.exceptions.join());
  const told = await safeguard.cli('controls', '--strict');
  assert.equal(told.code, 1);
  assert.match(told.stdout, /2 rows of evidence are not borne out by the log: treat it as an incident/);
});

test('a check that throws is unknown, not met and not unmet', async () => {
  const { control, check } = { control: '164.526', check: 'rights.clocks' };
  await asked.run(check);
  assert.equal((await asked.control(control)).state, 'met');
  await inside.databases.sql('identity', 'alter table rights.request rename to gone');
  try {
    const [evidence] = await asked.run(check);
    assert.deepEqual([evidence?.result, evidence?.examined], ['unknown', 0]);
    assert.equal(evidence?.saw, 'The check failed before it could tell.');
    const is = await asked.control(control);
    assert.equal(is.state, 'unknown', is.because);
  } finally {
    await inside.databases.sql('identity', 'alter table rights.gone rename to request');
  }
  await asked.run(check);
  assert.equal((await asked.control(control)).state, 'met');
});

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** Names of everything that a schema lets a caller say. */
function fieldsOf(schema: unknown, { components }: Pick<Document, 'components'>): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  const { $ref, properties, ...rest } = schema as { $ref?: string; properties?: object };
  const target = $ref === undefined ? undefined : components.schemas[$ref.split('/').at(-1) ?? ''];
  return [
    ...Object.keys(properties ?? {}),
    ...[target, ...Object.values(properties ?? {}), ...Object.values(rest)].flatMap((one) =>
      fieldsOf(one, { components }),
    ),
  ];
}

test('no operation, command or SQL function sets a state or a result', async () => {
  const document: Document = (await safeguard.request({ path: '/api/v1/openapi.json' })).json;
  const written = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => path.includes('/programme/') && method !== 'get')
      .map(([method, { requestBody }]) => ({
        name: `${method} ${path.slice(path.indexOf('/programme/'))}`,
        fields: fieldsOf(Object.values(requestBody?.content ?? {})[0]?.schema, document),
      })),
  );
  assert.ok(written.length > 10, `${written.length}`);
  const onStates = written.filter(({ name }) => /\/(?:controls|posture|evidence|checks)\b/.test(name));
  assert.deepEqual(
    onStates.map(({ name, fields }) => [name, fields]),
    [['post /programme/checks/run', ['checks']]],
  );
  const saying = written.filter(({ fields }) => fields.some((one) => /^(?:state|result|met|saw|examined)$/.test(one)));
  assert.deepEqual(saying, []);
  const commands = (await safeguard.cli('help')).stdout;
  const ofControls = [...commands.matchAll(/^ +(controls[a-z ]*?) {2,}/gm)].map(([, name]) => name);
  assert.deepEqual(ofControls.sort(), [
    ...['controls', 'controls checks', 'controls parameters', 'controls run', 'controls show'],
  ]);
  const functions = await inside.databases.sql(
    'identity',
    `select p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'programme' and p.prorettype <> 'trigger'::regtype and p.provolatile = 'v'
        and has_function_privilege('safeguard_identity', p.oid, 'execute')`,
  );
  assert.deepEqual(functions, []);
});
