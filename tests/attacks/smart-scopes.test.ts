import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccess } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import { scopeParameters } from '@safeguard/records';
import { openServed, type Reply, type Served } from '../../packages/records/test/served.ts';
import { callers, get, ids, type Question, reads, things, writes } from './smart-scopes-world.ts';

/**
 * What a scope's restriction hides (`user/Observation.rs?category=…`) leaves no trace. Two worlds are alike but for
 * what is hidden from the caller: whatever is asked, both must answer the same. Without the guard they do not.
 */

interface Worlds {
  readonly served: Served;
  ask(tenant: number, caller: string, question: Question): Promise<string>;
}

const known = new Set<string>(Object.values(ids));
const uuidForm = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const timeForm = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** An answer without what no two servers have alike: times, ids that were made, links, the order of what has none. */
function plain({ status, text, headers }: Reply, isSorted: boolean): string {
  const told = text
    .replace(uuidForm, (id) => (known.has(id) ? id : 'ID'))
    .replace(timeForm, 'TIME')
    .replace(/_page=[^"]*/g, 'PAGE');
  const body = told.startsWith('{') ? JSON.parse(told) : told;
  if (body?.type === 'searchset' || body?.type === 'history') {
    const entries = (body.entry ?? []).map((one: object) => JSON.stringify(one));
    body.entry = isSorted ? entries : entries.sort();
  }
  return `${status} ${headers.get('etag') ?? ''} ${JSON.stringify(body)}`;
}

/** Two worlds for each caller: one of what they see, one of everything. Odd tenants are the former. */
async function build(open: Parameters<typeof openServed>[0]): Promise<Worlds> {
  let updateAsCreate = true;
  const tenantSettings = async () => ({ updateAsCreate, conditionalDelete: 'single' as const, profiles: {} });
  const served = await openServed({ ...open, tenantSettings });
  for (const [index, { sees }] of Object.values(callers).entries()) {
    for (const [tenant, all] of [
      [index * 2 + 1, false],
      [index * 2 + 2, true],
    ] as const) {
      for (const one of things.filter((each) => all || sees(each))) {
        const { resourceType, id } = one.resource;
        const put = await served.send('PUT', `/${resourceType}/${id}`, { body: one.resource, as: { tenant } });
        assert.equal(put.status, 201, put.text);
      }
      if (all) await served.send('DELETE', `/Observation/${ids.gone}`, { as: { tenant } });
    }
  }
  updateAsCreate = false;
  const ask = async (tenant: number, caller: string, [method, path, sent]: Question): Promise<string> => {
    const as = { tenant, ...callers[caller]?.as, ...sent?.as };
    const pages: string[] = [];
    for (let at: string | undefined = path; at !== undefined && pages.length < 20; ) {
      const reply: Reply = await served.send(method, at, { ...sent, as });
      pages.push(plain(reply, path.includes('_sort')));
      at = reply.json?.link?.find(({ relation }: { relation: string }) => relation === 'next')?.url;
      if (at !== undefined) at = at.replace(/^.*\/fhir\/R4/, '');
    }
    return pages.join('\n');
  };
  return { served, ask };
}

/** The questions that the two worlds of a caller answer differently. */
async function told({ ask }: Worlds, caller: string, questions: readonly Question[]): Promise<string[]> {
  const at = Object.keys(callers).indexOf(caller) * 2 + 1;
  const found: string[] = [];
  for (const question of questions) {
    const [small, whole] = [await ask(at, caller, question), await ask(at + 1, caller, question)];
    if (small !== whole) found.push(`${question[0]} ${question[1]}\n  ${small}\n  ${whole}`);
  }
  return found;
}

const access = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
let worlds: Worlds;
/** The same with sight broken: restrictions and compartments are decided, and not enforced. */
let blind: Worlds;
before(async () => {
  worlds = await build({ access });
  const all = ((...asked) => (access.visible(...asked) === 'none' ? 'none' : 'all')) as typeof access.visible;
  blind = await build({ access: { ...access, visible: all } });
});
after(async () => {
  await worlds?.served.close();
  await blind?.served.close();
});

for (const caller of Object.keys(callers)) {
  test(`${caller}: nothing that is read tells of what is hidden`, async () => {
    assert.deepEqual(await told(worlds, caller, reads), []);
  });
  test(`${caller}: nothing that is written does, and nothing hidden was changed`, async () => {
    assert.deepEqual(await told(worlds, caller, writes), []);
    const tenant = Object.keys(callers).indexOf(caller) * 2 + 2;
    for (const { resource } of things.filter((one) => !callers[caller]?.sees(one))) {
      const { resourceType, id } = resource;
      const { status, headers } = await worlds.served.send('GET', `/${resourceType}/${id}`, { as: { tenant } });
      assert.deepEqual([status, headers.get('etag')], id === ids.gone ? [410, null] : [200, 'W/"1"'], id);
    }
  });
  test(`negative control, ${caller}: without the guard many answers tell`, async () => {
    const [read, written] = [await told(blind, caller, reads), await told(blind, caller, writes)];
    assert.ok(read.length > reads.length / 4, `${read.length} of ${reads.length}`);
    assert.ok(written.length > writes.length / 6, `${written.length} of ${writes.length}`);
  });
}

test('and what they see is there: the worlds are not empty', async () => {
  for (const [index, caller] of Object.keys(callers).entries()) {
    const answer = await worlds.ask(index * 2 + 2, caller, get('/Observation?_count=50'));
    assert.match(answer, /^200 /);
    for (const id of [ids.pulse, ids.sugar]) assert.ok(answer.includes(`Observation/${id}`), `${caller} ${id}`);
    assert.match(await worlds.ask(index * 2 + 2, caller, get(`/Observation/${ids.pulse}`)), /^200 /);
    assert.match(await worlds.ask(index * 2 + 2, caller, get(`/Observation/${ids.hiv}`)), /^404 /);
  }
});
