import assert from 'node:assert/strict';
import type { Instance } from '../harness/instance.ts';

/** What a run did, and what of it was wrong: nothing may be. */
export interface Figures {
  pages: number;
  creates: number;
  increments: number;
  conditional: number;
  readonly wrong: string[];
}

export interface Drill {
  readonly instance: Pick<Instance, 'request'>;
  readonly token: string;
  readonly seconds: number;
  /** Callers that send one conditional create at the same moment. */
  readonly callers?: number;
  onProgress?(figures: Figures): void;
}

const base = '/fhir/R4';
const code = { coding: [{ system: 'http://example.org/drill', code: 'steady' }] };
const steady = 150;
const counters = 4;

/** Writers and readers together: pages stay whole, no update is lost, one conditional create makes one resource. */
export async function readersAndWriters(drill: Drill): Promise<Figures> {
  const { instance, token, seconds, callers = 64 } = drill;
  const figures: Figures = { pages: 0, creates: 0, increments: 0, conditional: 0, wrong: [] };
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    instance.request({ method, path, token, headers: { prefer: 'return=representation', ...headers }, body });
  const observation = (value: number) => ({ resourceType: 'Observation', status: 'final', code, valueInteger: value });
  const make = async (resource: { resourceType: string }) => {
    const { status, json } = await send('POST', `${base}/${resource.resourceType}`, resource);
    assert.equal(status, 201);
    return json.id as string;
  };

  const fixed = new Set(await Promise.all(Array.from({ length: steady }, () => make(observation(0)))));
  const basic = { resourceType: 'Basic', code: { text: 'counter' }, extension: [extension(0)] };
  const counted = await Promise.all(Array.from({ length: counters }, () => make(basic)));
  const made = new Map<string, number>();
  const end = Date.now() + seconds * 1000;
  const running = () => Date.now() < end;

  async function create(): Promise<void> {
    while (running()) {
      const sent = performance.now();
      made.set(await make(observation(1)), sent);
      figures.creates += 1;
    }
  }

  async function read(count: number): Promise<void> {
    while (running()) {
      const seen: string[] = [];
      let answered = 0;
      let path = `${base}/Observation?code=steady&_count=${count}`;
      while (path !== '') {
        const ids = await page(path);
        if (answered === 0) answered = performance.now();
        seen.push(...ids.found);
        if (ids.next !== '' && figures.pages % 10 === 0) await sameAgain(ids.next);
        path = ids.next;
      }
      judge(seen, answered);
    }
  }
  async function page(path: string): Promise<{ found: string[]; next: string }> {
    const { status, json, text } = await send('GET', path);
    assert.equal(status, 200, text);
    figures.pages += 1;
    const next = json.link.find(({ relation }: { relation: string }) => relation === 'next')?.url;
    const found = (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);
    return { found, next: next === undefined ? '' : new URL(next).pathname + new URL(next).search };
  }
  async function sameAgain(path: string): Promise<void> {
    const [one, other] = [await page(path), await page(path)];
    if (one.found.join() !== other.found.join()) figures.wrong.push('a page link answered two different sets');
  }
  function judge(seen: readonly string[], answered: number): void {
    const set = new Set(seen);
    if (set.size !== seen.length) figures.wrong.push('a resource stands on two pages');
    for (const id of fixed) if (!set.has(id)) figures.wrong.push('a resource that did not change is on no page');
    for (const id of seen) {
      if ((made.get(id) ?? 0) > answered) figures.wrong.push('a resource made after the first page is on a later one');
    }
  }

  async function increment(id: string): Promise<number> {
    let done = 0;
    while (running()) {
      const { json, headers } = await send('GET', `${base}/Basic/${id}`);
      const value = json.extension[0].valueInteger + 1;
      const changed = { ...json, extension: [extension(value)] };
      const answer = await send('PUT', `${base}/Basic/${id}`, changed, { 'if-match': String(headers.etag) });
      if (answer.status === 200) done += 1;
      else assert.ok([409, 412].includes(answer.status), answer.text);
    }
    figures.increments += done;
    return done;
  }

  async function conditional(round: number): Promise<void> {
    const identifier = { system: 'http://example.org/drill', value: `round-${round}-${process.pid}` };
    const condition = { 'if-none-exist': `identifier=${identifier.system}|${identifier.value}` };
    const answers = await Promise.all(
      Array.from({ length: callers }, () =>
        send('POST', `${base}/Patient`, { resourceType: 'Patient', identifier: [identifier] }, condition),
      ),
    );
    const created = answers.filter(({ status }) => status === 201).length;
    const other = answers.filter(({ status }) => ![200, 201, 409, 412].includes(status)).length;
    const query = `identifier=${encodeURIComponent(`${identifier.system}|${identifier.value}`)}&_total=accurate`;
    const { json } = await send('GET', `${base}/Patient?${query}`);
    figures.conditional += 1;
    if (created !== 1 || json.total !== 1)
      figures.wrong.push(`${created} of one conditional create, ${json.total} found`);
    if (other > 0) figures.wrong.push('a conditional create was answered with another status');
  }
  async function conditionals(): Promise<void> {
    for (let round = 0; running(); round += 1) {
      await conditional(round);
      drill.onProgress?.(figures);
    }
  }

  const totals = counted.map(async (id) => {
    const done = await Promise.all([increment(id), increment(id), increment(id)]);
    const { json } = await send('GET', `${base}/Basic/${id}`);
    const acknowledged = done.reduce((a, b) => a + b, 0);
    const stored = json.extension[0].valueInteger;
    if (stored !== acknowledged) figures.wrong.push(`${acknowledged} increments acknowledged, ${stored} stored`);
  });
  await Promise.all([...totals, create(), create(), read(7), read(50), read(23), conditionals()]);
  return figures;
}

const extension = (value: number) => ({ url: 'http://example.org/count', valueInteger: value });
