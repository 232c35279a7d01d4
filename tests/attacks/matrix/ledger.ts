import type { RequestEvent } from '@safeguard/http';
import type { Inside } from '../../harness/inside.ts';
import type { Tried } from './run.ts';

/** A long entry stands in parts. */
type Entry = RequestEvent & { readonly part?: number };

/** Every entry of these logs by the id of its request. */
async function entriesOf(inside: Inside, tenants: readonly number[]): Promise<Map<string, Entry[]>> {
  const byId = new Map<string, Entry[]>();
  for (const tenant of tenants) {
    for (const event of (await inside.events(tenant)) as Entry[]) {
      if ((event.part ?? 1) > 1) continue;
      const known = byId.get(event.id);
      if (known === undefined) byId.set(event.id, [event]);
      else known.push(event);
    }
  }
  return byId;
}

const isDenial = (status: number): boolean => status === 401 || status === 403;

/** What is wrong with the entry of an attempt; undefined: nothing. */
function wrongIn({ attempt: { asker, target }, status }: Tried, found: readonly Entry[]): string | undefined {
  const [entry, second] = found;
  if (entry === undefined || second !== undefined) return `${found.length} entries`;
  if (entry.status !== status) return `says ${entry.status}`;
  if (isDenial(status) && entry.outcome !== 'deny') return `a denial that is told as ${entry.outcome}`;
  if (status >= 400 && entry.outcome === 'permit') return 'a refusal that is told as a permit';
  if (status < 400 && status !== 303 && entry.outcome !== 'permit') return `a success that is told as ${entry.outcome}`;
  const known = status === 401 ? 'anonymous' : asker.actor;
  // In these views ids are names of the caller's own: another one stands behind what they asked for.
  const isMasked = asker.asking.view === 'deidentified' || asker.asking.view === 'limited';
  if (target === undefined || isMasked) return undefined;
  if (entry.actor !== known) return `under ${entry.actor}`;
  const isNamed = entry.targets.some(({ type, id }) => type === target.type && id === target.id);
  return isNamed || status === 401 ? undefined : `without its target: ${JSON.stringify(entry.targets)}`;
}

/** Of all attempts, those whose one entry is missing or says something else. */
export async function unrecorded(inside: Inside, tenants: readonly number[], tried: readonly Tried[]) {
  const entries = await entriesOf(inside, tenants);
  return tried.flatMap((one) => {
    const wrong = wrongIn(one, entries.get(one.id) ?? []);
    const { asker, asked } = one.attempt;
    return wrong === undefined
      ? []
      : [`${asker.name}: ${asked.method ?? 'GET'} ${asked.path}: ${one.status}: ${wrong} (${one.id})`];
  });
}
