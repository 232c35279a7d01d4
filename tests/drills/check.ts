import type { Answer, Instance } from '../harness/instance.ts';
import { bundleSystem, markerOf, markerSystem, same, type Type } from './content.ts';
import { withDatabase } from './database.ts';
import type { Entry } from './entries.ts';
import { type Attempt, type BundleAttempt, type Journal, type Track, trackOf } from './journal.ts';

/** A promise that was not kept. `kind` is one of few fixed words, so that a control can say which it expects. */
export interface Breach {
  readonly kind:
    | 'acknowledged write lost'
    | 'content differs'
    | 'version from nowhere'
    | 'read of what never was'
    | 'half transaction'
    | 'answer without entry'
    | 'entry twice'
    | 'write without entry'
    | 'entry without write'
    | 'log does not verify'
    | 'does not serve'
    | 'odd answer';
  readonly text: string;
}

const fhir = '/fhir/R4';

export type Ask = (path: string) => Promise<Answer>;
export const asking =
  (instance: Pick<Instance, 'request'>, token: string): Ask =>
  async (path) => {
    const answer = await instance.request({ path: `${fhir}/${path}`, token });
    if (answer.status >= 500) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer;
  };

interface Version {
  readonly deleted: boolean;
  readonly resource: Readonly<Record<string, unknown>>;
}

async function versionsOf(ask: Ask, { type, id }: Track): Promise<Map<number, Version>> {
  const { json } = await ask(`${type}/${id}/_history?_count=1000`);
  const entries: { resource?: Version['resource']; request: { method: string }; response: { etag: string } }[] =
    json.entry ?? [];
  return new Map(
    entries.map(({ resource = {}, request, response }) => [
      Number(/\d+/.exec(response.etag)?.[0]),
      { deleted: request.method === 'DELETE', resource },
    ]),
  );
}

const fits = (attempt: Attempt, { deleted, resource }: Version): boolean =>
  attempt.content === undefined ? deleted : !deleted && same(attempt.content, resource);

/** Acknowledged attempts that are missing or differ, and gaps in the numbers. */
function missing(name: string, attempts: readonly Attempt[], versions: ReadonlyMap<number, Version>): Breach[] {
  const breaches = attempts.flatMap((attempt): Breach[] => {
    if (attempt.version === undefined) return [];
    const there = versions.get(attempt.version);
    const text = `${name} version ${attempt.version} (${attempt.kind})`;
    if (there === undefined) return [{ kind: 'acknowledged write lost', text }];
    return fits(attempt, there) ? [] : [{ kind: 'content differs', text }];
  });
  const gaps = Array.from({ length: versions.size }, (_, index) => index + 1).filter((number) => !versions.has(number));
  return [
    ...breaches,
    ...gaps.map((gap): Breach => ({ kind: 'acknowledged write lost', text: `${name} lacks version ${gap}` })),
  ];
}

/** Versions that no attempt explains; each attempt without an answer explains one at most. */
function unexplained(name: string, attempts: readonly Attempt[], versions: ReadonlyMap<number, Version>): Breach[] {
  const acknowledged = new Set(attempts.map(({ version }) => version));
  const open = attempts.filter(({ version }) => version === undefined);
  return [...versions].reverse().flatMap(([version, there]): Breach[] => {
    if (acknowledged.has(version)) return [];
    const at = open.findIndex((attempt) => fits(attempt, there));
    if (at === -1) return [{ kind: 'version from nowhere', text: `${name} version ${version}` }];
    open.splice(at, 1);
    return [];
  });
}

/** One resource against all that was asked of it: nothing acknowledged is missing, nothing shown that nobody wrote. */
export async function checkTrack(ask: Ask, track: Track): Promise<Breach[]> {
  const { attempts, seen } = track;
  const name = `${track.type}/${track.id}`;
  const versions = await versionsOf(ask, track);
  const shown = seen
    .filter(({ version, marker }) => markerOf(versions.get(version)?.resource ?? {}) !== marker)
    .map(({ version, marker }): Breach => {
      return { kind: 'read of what never was', text: `${name} version ${version} was shown as ${marker}` };
    });
  const { status, headers } = await ask(name);
  const newest = versions.get(versions.size);
  const current = newest?.deleted ? status === 410 : headers.etag === `W/"${versions.size}"`;
  const differs: Breach = { kind: 'content differs', text: `${name}: a read answers ${status} ${headers.etag}` };
  return [
    ...missing(name, attempts, versions),
    ...unexplained(name, attempts, versions),
    ...shown,
    ...(versions.size === 0 || current ? [] : [differs]),
  ];
}

const found = async (ask: Ask, type: Type, system: string, value: string): Promise<{ id: string }[]> => {
  const { json } = await ask(`${type}?identifier=${encodeURIComponent(`${system}|${value}`)}&_count=1000`);
  return (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource);
};

/** All of a transaction's resources or none of them; all when it was acknowledged, none when it was refused. */
export async function checkBundle(ask: Ask, journal: Journal, bundle: BundleAttempt): Promise<Breach[]> {
  const { mark, size, state, changes } = bundle;
  const types = ['Patient', 'Encounter', 'Observation'] as const;
  const lists = await Promise.all(types.map((type) => found(ask, type, bundleSystem, mark)));
  // The changed resource carries the mark in one version, which may not be its newest any more.
  const made = lists.flat().filter(({ id }) => !changes?.endsWith(`/${id}`)).length;
  const wanted = state === 'acknowledged' ? [size] : state === 'refused' ? [0] : [0, size];
  const breaches: Breach[] = [];
  if (!wanted.includes(made)) {
    breaches.push({ kind: 'half transaction', text: `${mark} (${state}): ${made} of ${size} resources are there` });
  }
  const track = changes === undefined ? undefined : journal.tracks.get(changes);
  if (track === undefined) return breaches;
  const versions = [...(await versionsOf(ask, track)).values()];
  const changed = versions.some(({ resource }) => JSON.stringify(resource).includes(`"${mark}"`));
  if (changed !== made > 0) {
    const text = `${mark} (${state}): ${made} of ${size} made, and ${changes} ${changed ? 'was' : 'was not'} changed`;
    breaches.push({ kind: 'half transaction', text });
  }
  return breaches;
}

/** Creations without an answer: each came to be once or not at all. What is found is kept track of from now on. */
export async function settleLost(ask: Ask, journal: Journal): Promise<Breach[]> {
  const breaches: Breach[] = [];
  for (const { type, content, marker } of journal.lost.splice(0)) {
    const [first, ...more] = await found(ask, type, markerSystem, marker);
    if (more.length > 0) breaches.push({ kind: 'version from nowhere', text: `${marker} was created twice` });
    if (first !== undefined) trackOf(journal, type, first.id).attempts.push({ kind: 'create', content });
  }
  return breaches;
}

/** Every version that was acknowledged, looked for past the server: also where the server refuses to serve any more. */
export async function checkRows(data: string, journal: Journal): Promise<Breach[]> {
  const acknowledged = [...journal.tracks.values()].flatMap(({ type, id, attempts }) =>
    attempts.flatMap(({ version }) => (version === undefined ? [] : [{ type, id, version }])),
  );
  const stored = await withDatabase(data, 'clinical', async (client) => {
    const text = 'select id, version from records.resource union all select id, version from records.history';
    const { rows } = await client.query<{ id: string; version: number }>(text);
    return new Set(rows.map(({ id, version }) => `${id}/${version}`));
  });
  return acknowledged
    .filter(({ id, version }) => !stored.has(`${id}/${version}`))
    .map(({ type, id, version }) => ({ kind: 'acknowledged write lost', text: `no row of ${type}/${id}/${version}` }));
}

/** Every answer that came has its one entry, and the entry names what the answer gave. */
export function checkAnswers(entries: readonly Entry[], { answered }: Pick<Journal, 'answered'>): Breach[] {
  const whole = entries.filter(({ part }) => part === undefined || part === 1);
  const byId = Map.groupBy(whole, ({ id }) => id);
  const within = Map.groupBy(whole, (entry) => entry.within);
  const breaches: Breach[] = answered.flatMap(({ request, status, targets, entries: count }) => {
    const own = byId.get(request)?.filter((entry) => entry.status === status) ?? [];
    if (own.length === 0) {
      const others = (byId.get(request) ?? []).map((entry) => entry.status).join(', ') || 'none';
      return [{ kind: 'answer without entry', text: `request ${request} was answered ${status}; entries: ${others}` }];
    }
    const parts = within.get(request) ?? [];
    if (count !== undefined && parts.length !== count) {
      return [{ kind: 'answer without entry', text: `batch ${request}: ${parts.length} entries of ${count}` }];
    }
    const named = new Set([...own, ...parts, ...restOf(entries, request)].flatMap(namesOf));
    const missing = targets.filter((target) => !named.has(target));
    if (missing.length === 0) return [];
    return [{ kind: 'answer without entry', text: `the entry of ${request} does not name ${missing.join(', ')}` }];
  });
  for (const [id, same] of byId) {
    const statuses = same.map((entry) => entry.status);
    if (new Set(statuses).size < statuses.length) {
      breaches.push({ kind: 'entry twice', text: `${id} (${same[0]?.action}): ${statuses.join(', ')}` });
    }
  }
  return breaches;
}

const restOf = (entries: readonly Entry[], id: string): Entry[] =>
  entries.filter(({ part = 1 }) => part > 1).filter((entry) => entry.id === id || entry.within === id);

const namesOf = ({ targets = [] }: Entry): string[] =>
  targets.map(({ type, id, version }) => `${type}/${id}/${version ?? 0}`);

const writing = new Set(['create', 'update', 'delete', 'transaction']);

/** Every version that is stored has exactly one entry that tells of its writing, and the other way round. */
export async function checkVersions(data: string, entries: readonly Entry[]): Promise<Breach[]> {
  const told = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (!writing.has(entry.action) || entry.outcome !== 'permit') continue;
    for (const { id, version } of entry.targets ?? []) {
      const name = `${id}/${version}`;
      told.set(name, [...(told.get(name) ?? []), entry]);
    }
  }
  const stored = await withDatabase(data, 'clinical', async (client) => {
    const text = 'select id, version from records.resource union all select id, version from records.history';
    return (await client.query<{ id: string; version: number }>(text)).rows.map(
      ({ id, version }) => `${id}/${version}`,
    );
  });
  const breaches: Breach[] = stored
    .filter((name) => !told.has(name))
    .map((name) => ({ kind: 'write without entry', text: `version ${name} stands in no permitted entry` }));
  const rows = new Set(stored);
  for (const [name, some] of told) {
    const ids = some.map(({ id, action, status }) => `${id} ${action} ${status}`).join('; ');
    // A second DELETE of what is deleted names the version that it found.
    const makers = some.filter(({ action }) => action !== 'delete');
    if (makers.length > 1) breaches.push({ kind: 'entry twice', text: `version ${name}: ${ids}` });
    if (!rows.has(name)) breaches.push({ kind: 'entry without write', text: `version ${name}: ${ids}` });
  }
  return breaches;
}

export async function checkVerifies(instance: Pick<Instance, 'cli'>): Promise<Breach[]> {
  const { code, stdout, stderr } = await instance.cli('ledger', 'verify', '--json');
  const ok = code === 0 && JSON.parse(stdout).ok === true;
  return ok ? [] : [{ kind: 'log does not verify', text: `${code}: ${stdout.slice(0, 500)} ${stderr.slice(0, 500)}` }];
}
