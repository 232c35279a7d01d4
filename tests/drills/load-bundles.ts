import type { Answer } from '../harness/instance.ts';
import { type Content, content, type Type } from './content.ts';
import { type Track, trackOf } from './journal.ts';
import type { Worker } from './load.ts';

const fhir = '/fhir/R4';

interface Part {
  readonly type: Type;
  readonly marker: string;
  readonly urn: string;
}

interface Change {
  readonly track: Track;
  readonly content: Content;
}

interface Location {
  readonly type: Type;
  readonly id: string;
  readonly version: number;
}

function locationsOf(answer: Answer): (Location | undefined)[] {
  const entries: { response: { location?: string } }[] = answer.json.entry ?? [];
  return entries.map(({ response }) => {
    const [, type, id, version] = /\/(\w+)\/([^/]+)\/_history\/(\d+)$/.exec(response.location ?? '') ?? [];
    return type && id ? { type: type as Type, id, version: Number(version) } : undefined;
  });
}

const nameOf = ({ type, id, version }: Location): string => `${type}/${id}/${version}`;

/** A resource of the worker's own to be written in a bundle, with the bundle's mark. */
function changeOf({ own, journal, random }: Worker, bundle?: string): Change | undefined {
  if (own.length === 0) return undefined;
  const track = journal.tracks.get(random.pick(own));
  if (track === undefined) return undefined;
  track.touched = true;
  const marks = { marker: journal.nextMarker(), ...(bundle === undefined ? {} : { bundle }) };
  return { track, content: content(track.type, marks) };
}

const put = ({ track: { type, id }, content: resource }: Change): object => ({
  fullUrl: `${fhir}/${type}/${id}`,
  resource: { ...resource, id },
  request: { method: 'PUT', url: `${type}/${id}` },
});

/** A patient with 2 to 8 that point at it, now and then with a change to what was there; all carry one mark. */
export async function askTransaction(worker: Worker): Promise<void> {
  const { journal, random } = worker;
  const mark = `bundle-${journal.nextMarker()}`;
  const parts = Array.from({ length: random.between(3, 9) }, (_, index): Part => {
    const type = index === 0 ? 'Patient' : random.pick(['Encounter', 'Observation'] as const);
    return { type, marker: journal.nextMarker(), urn: `urn:uuid:${crypto.randomUUID()}` };
  });
  const change = random.chance(0.4) ? changeOf(worker, mark) : undefined;
  const patient = parts[0]?.urn ?? '';
  const made = (part: Part, reference: string): Content =>
    content(part.type, {
      marker: part.marker,
      bundle: mark,
      ...(part.type === 'Patient' ? {} : { patient: reference }),
    });
  const entry = parts.map((part) => ({
    fullUrl: part.urn,
    resource: made(part, patient),
    request: { method: 'POST', url: part.type },
  }));
  const body = { resourceType: 'Bundle', type: 'transaction', entry: [...entry, ...(change ? [put(change)] : [])] };
  const answer = await worker.ask('transaction', { method: 'POST', path: fhir, body });
  const changes = change && `${change.track.type}/${change.track.id}`;
  const attempt = { mark, size: parts.length, checked: false, ...(changes ? { changes } : {}) };
  if (answer?.status !== 200) {
    journal.bundles.push({ ...attempt, state: answer === undefined ? 'unknown' : 'refused' });
    if (answer !== undefined) return worker.note(answer, []);
    return void change?.track.attempts.push({ kind: 'update', content: change.content });
  }
  journal.bundles.push({ ...attempt, state: 'acknowledged' });
  const locations = locationsOf(answer);
  const reference = `Patient/${locations[0]?.id}`;
  parts.forEach((part, index) => {
    const { id = '', version = 0 } = locations[index] ?? {};
    trackOf(journal, part.type, id).attempts.push({ kind: 'create', content: made(part, reference), version });
  });
  const changed = locations[parts.length];
  if (change && changed) {
    change.track.attempts.push({ kind: 'update', content: change.content, version: changed.version });
  }
  worker.note(
    answer,
    locations.flatMap((one) => (one ? [nameOf(one)] : [])),
  );
}

/** Two creations, a change and a read, each on its own. */
export async function askBatch(worker: Worker): Promise<void> {
  const { journal, random } = worker;
  const types = [random.pick(['Patient', 'Observation'] as const), 'Encounter'] as const;
  const created = types.map((type) => {
    const marker = journal.nextMarker();
    return { type, marker, content: content(type, { marker }) };
  });
  const change = changeOf(worker);
  const entry = [
    ...created.map((one) => ({ resource: one.content, request: { method: 'POST', url: one.type } })),
    ...(change ? [put(change), { request: { method: 'GET', url: `${change.track.type}/${change.track.id}` } }] : []),
  ];
  const body = { resourceType: 'Bundle', type: 'batch', entry };
  const answer = await worker.ask('batch', { method: 'POST', path: fhir, body });
  if (answer?.status !== 200) {
    journal.lost.push(...created);
    change?.track.attempts.push({ kind: 'update', content: change.content });
    if (answer !== undefined) worker.note(answer, []);
    return;
  }
  const locations = locationsOf(answer);
  for (const [index, one] of created.entries()) {
    const made = locations[index];
    if (made === undefined) {
      journal.odd.push(`batch: a creation was refused: ${answer.text.slice(0, 300)}`);
      continue;
    }
    trackOf(journal, one.type, made.id).attempts.push({ kind: 'create', content: one.content, version: made.version });
    worker.own.push(`${one.type}/${made.id}`);
  }
  const changed = locations[created.length];
  if (change && changed) {
    change.track.attempts.push({ kind: 'update', content: change.content, version: changed.version });
  }
  worker.note(
    answer,
    locations.flatMap((one) => (one ? [nameOf(one)] : [])),
    { entries: entry.length },
  );
}
