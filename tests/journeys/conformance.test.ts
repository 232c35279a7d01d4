/** Everything that the CapabilityStatement claims is tried on the running server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';
import { minimalResource } from './minimal-resources.ts';

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}
interface Claimed {
  readonly type: string;
  readonly profile: string;
  readonly interaction: readonly { readonly code: string }[];
  readonly conditionalCreate: boolean;
  readonly conditionalUpdate: boolean;
  readonly conditionalDelete: string;
  readonly conditionalRead: string;
  readonly updateCreate: boolean;
  readonly searchParam?: readonly Parameter[];
  readonly searchInclude?: readonly string[];
  readonly searchRevInclude?: readonly string[];
  readonly operation?: readonly { readonly name: string; readonly definition: string }[];
}

let safeguard: Instance;
let token: string;
// biome-ignore lint/suspicious/noExplicitAny: a document that is looked into
let statement: any;
let claimed: readonly Claimed[];

before(async () => {
  safeguard = await start({ tls: 'off' });
  token = await safeguard.token('system/*.cruds', { may: 'reindex purge' });
  statement = (await safeguard.request({ path: '/fhir/R4/metadata' })).json;
  claimed = statement.rest[0].resource;
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

const ask = (path: string, more: Omit<Asked, 'path'> = {}): Promise<Answer> =>
  safeguard.request({ path: `/fhir/R4${path}`, token, ...more });

async function expect(status: number, path: string, more: Omit<Asked, 'path'> = {}): Promise<Answer> {
  const answer = await ask(path, more);
  assert.equal(answer.status, status, `${more.method ?? 'GET'} ${path}: ${answer.text.slice(0, 500)}`);
  return answer;
}

/** `work` on each, a few at once; every failure is told, not the first alone. */
async function each<T>(list: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const failed: string[] = [];
  const left = list.values();
  const worker = async (): Promise<void> => {
    for (const one of left) await work(one).catch((error: Error) => failed.push(error.message));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.deepEqual(failed.slice(0, 12), [], `${failed.length} of ${list.length} failed`);
}

const patchOf = (): Omit<Asked, 'path'> => ({
  method: 'PATCH',
  headers: { 'content-type': 'application/json-patch+json' },
  body: JSON.stringify([{ op: 'add', path: '/language', value: 'en' }]),
});

/** What each interaction is tried with: on a resource that was made, and that goes at the end. */
async function tryInteractions({ type, interaction, ...claim }: Claimed): Promise<void> {
  const codes = new Set(interaction.map(({ code }) => code));
  const has = async (code: string, work: () => Promise<unknown>): Promise<void> => {
    if (codes.delete(code)) await work();
  };
  const body = minimalResource(type);
  const at = `/${type}`;
  // What is only read (AuditEvent) is there already: this very test leaves some.
  const made = codes.has('create') ? undefined : (await expect(200, `${at}?_count=1`)).json.entry[0].resource;
  let id: string = made?.id ?? '';
  await has('create', async () => {
    const made = await expect(201, at, { method: 'POST', body });
    id = made.json.id;
  });
  const one = `${at}/${id}`;
  await has('read', () => expect(200, one));
  await has('vread', () => expect(200, `${one}/_history/1`));
  await has('update', () => expect(200, one, { method: 'PUT', body: { ...body, id } }));
  await has('patch', () => expect(200, one, patchOf()));
  await has('history-instance', () => expect(200, `${one}/_history`));
  await has('history-type', () => expect(200, `${at}/_history`));
  await has('search-type', () => expect(200, at));
  const once = { 'if-none-exist': `_id=${id}` };
  if (claim.conditionalCreate) await expect(200, at, { method: 'POST', body, headers: once });
  if (claim.conditionalRead === 'full-support') {
    const { headers } = await expect(200, one);
    await expect(304, one, { headers: { 'if-none-match': String(headers.etag) } });
    await expect(304, one, { headers: { 'if-modified-since': String(headers['last-modified']) } });
  }
  if (claim.conditionalUpdate) await expect(200, `${at}?_id=${id}`, { method: 'PUT', body });
  if (claim.conditionalDelete !== 'not-supported') await expect(204, `${at}?_id=${id}`, { method: 'DELETE' });
  else await has('delete', () => expect(204, one, { method: 'DELETE' }));
  codes.delete('delete');
  assert.equal(claim.updateCreate, false, 'there is a try for update as create only when it is off');
  assert.deepEqual([...codes], [], `${type}: interactions that nobody tried`);
}

const nobody = 'Patient/4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
const values: Readonly<Record<string, string>> = {
  number: '1',
  date: '2026-01-01',
  string: 'a',
  token: 'a',
  reference: nobody,
  composite: 'a$a',
  quantity: '1',
  uri: 'http://example.org/a',
  special: 'a',
};
const special: Readonly<Record<string, string>> = {
  _has: '',
  _filter: '_id eq a',
  near: '1|1|1|km',
};

async function trySearch(type: string, { name, type: kind }: Parameter, leading = ''): Promise<void> {
  if (name === '_has') return void (await expect(200, `/${type}?_has:${leading}:_id=a&_count=1`));
  // Words are looked for within one patient's compartment only.
  const at = name === '_text' || name === '_content' ? `/${nobody}/${type}` : `/${type}`;
  const tried = await ask(`${at}?${name}=${encodeURIComponent(special[name] ?? values[kind] ?? 'a')}&_count=1`);
  if (tried.status === 200) return;
  // A value of a composite has the form of its parts, which the statement does not tell: dates and quantities too.
  const forms = kind === 'composite' ? ['a$1', 'a$2026-01-01', 'a$Patient/1', '1$1', '2026-01-01$a', 'a$1$1'] : [];
  for (const form of forms) {
    const { status } = await ask(`/${type}?${name}=${encodeURIComponent(form)}&_count=1`);
    if (status === 200) return;
  }
  assert.fail(`${type}?${name}: ${tried.status} ${tried.text.slice(0, 300)}`);
}

describe('what the CapabilityStatement claims answers', () => {
  test('it tells of itself: formats, modes, the base', async () => {
    assert.equal(statement.implementation.url, `${safeguard.url}/fhir/R4`);
    for (const format of statement.format) {
      const answer = await safeguard.request({ path: `/fhir/R4/metadata?_format=${encodeURIComponent(format)}` });
      assert.equal(answer.status, 200, format);
      assert.match(String(answer.headers['content-type']), format.includes('xml') ? /fhir\+xml/ : /fhir\+json/);
    }
    const terminology = await safeguard.request({ path: '/fhir/R4/metadata?mode=terminology' });
    assert.equal(terminology.json.resourceType, 'TerminologyCapabilities');
    const [uris] = statement.rest[0].security.extension;
    for (const { url, valueUri } of uris.extension) {
      const answer = await safeguard.request({ method: 'POST', path: new URL(valueUri).pathname });
      assert.notEqual(answer.status, 404, url);
    }
  });

  test('every interaction of every type', async () => {
    assert.equal(claimed.length, 146);
    await each(claimed, tryInteractions);
  });

  test('every search parameter of every type', async () => {
    const all = claimed.flatMap(({ type, searchParam = [], searchRevInclude = [] }) =>
      searchParam.map((one) => ({ type, one, leading: searchRevInclude[0] })),
    );
    assert.ok(all.length > 2_000);
    await each(all, ({ type, one, leading }) => trySearch(type, one, leading));
  });

  test('every include and reverse include', async () => {
    const chunks = claimed.flatMap(({ type, searchInclude = [], searchRevInclude = [] }) => {
      const all = [
        ...searchInclude.map((one) => `_include=${encodeURIComponent(one)}`),
        ...searchRevInclude.map((one) => `_revinclude=${encodeURIComponent(one)}`),
      ];
      const at = Array.from({ length: Math.ceil(all.length / 5) }, (_, index) => all.slice(index * 5, index * 5 + 5));
      return at.map((some) => `/${type}?_count=1&${some.join('&')}`);
    });
    assert.ok(chunks.length > 300);
    await each(chunks, (path) => expect(200, path));
  });

  test('every profile and every definition of a parameter can be read', async () => {
    await each(claimed, ({ type }) => expect(200, `/StructureDefinition/${type}`));
    const ids = claimed.flatMap(({ searchParam = [] }) =>
      searchParam.flatMap(({ definition }) => definition?.split('/').at(-1) ?? []),
    );
    await each([...new Set(ids)], async (id) => {
      const { json } = await expect(200, `/SearchParameter/${id}`);
      assert.equal(json.id, id);
    });
    const found = await expect(200, '/StructureDefinition?url=http://hl7.org/fhir/StructureDefinition/Patient');
    assert.equal(found.json.entry[0].resource.id, 'Patient');
    await expect(200, '/StructureDefinition/Patient/_history/1');
    await expect(404, '/StructureDefinition/Patient/_history/2');
    await expect(404, '/StructureDefinition/Nobody');
  });

  test('every operation answers, and its definition is served', async () => {
    const patient = (await expect(201, '/Patient', { method: 'POST', body: minimalResource('Patient') })).json.id;
    const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'a' }] } }] };
    const tries: Readonly<Record<string, (type: string) => Promise<unknown>>> = {
      validate: (type) => expect(200, `/${type}/$validate`, { method: 'POST', body: minimalResource(type) }),
      meta: (type) => expect(200, `/${type}/$meta`),
      'meta-add': () => expect(200, `/Patient/${patient}/$meta-add`, { method: 'POST', body: meta }),
      'meta-delete': () => expect(200, `/Patient/${patient}/$meta-delete`, { method: 'POST', body: meta }),
      everything: () => expect(200, `/Patient/${patient}/$everything`),
      lastn: () => expect(200, `/Observation/$lastn?patient=${patient}&category=vital-signs`),
      purge: async () => {
        const made = await expect(201, '/Patient', { method: 'POST', body: minimalResource('Patient') });
        await expect(200, `/Patient/${made.json.id}/$purge`, { method: 'POST' });
        await expect(410, `/Patient/${made.json.id}`);
      },
      reindex: (type) => expect(202, `/${type}/$reindex`, { method: 'POST' }),
    };
    const operations = claimed.flatMap(({ type, operation = [] }) => operation.map((one) => ({ type, ...one })));
    assert.ok(operations.length > 146);
    await each(operations, async ({ type, name, definition }) => {
      const attempt = tries[name];
      assert.ok(attempt, `nobody tried $${name}`);
      await attempt(type);
      const { json } = await expect(200, `/OperationDefinition/${definition.split('/').at(-1)}`);
      assert.equal(json.code, name);
    });
  });

  test('the whole system: history, search, batch, transaction, operations', async () => {
    const bundle = (type: string) => ({
      method: 'POST',
      body: { resourceType: 'Bundle', type, entry: [{ request: { method: 'GET', url: 'Patient' } }] },
    });
    const tries: Readonly<Record<string, () => Promise<unknown>>> = {
      transaction: () => expect(200, '', bundle('transaction')),
      batch: () => expect(200, '', bundle('batch')),
      'search-system': () => expect(200, '?_type=Patient,Observation'),
      'history-system': () => expect(200, '/_history'),
    };
    for (const { code } of statement.rest[0].interaction) {
      assert.ok(tries[code], `nobody tried ${code}`);
      await tries[code]();
    }
    for (const { name } of statement.rest[0].operation ?? []) {
      const method = name === 'reindex' ? 'POST' : 'GET';
      const { status, text } = await ask(`/$${name}`, { method });
      assert.ok(status === 200 || status === 202, `$${name}: ${status} ${text}`);
    }
    if (statement.rest[0].compartment) {
      await expect(200, `/${nobody}/Observation`);
    }
  });

  test('what is not claimed does not answer: the tries above can fail', async () => {
    await expect(400, '/Patient?no-such-parameter=1');
    await expect(400, '/Patient?_include=Patient:no-such');
    await expect(404, '/Nobody');
    await assert.rejects(trySearch('Patient', { name: 'no-such-parameter', type: 'token' }));
    await assert.rejects(expect(200, '/Patient/$no-such-operation'));
  });
});
