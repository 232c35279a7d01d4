import { writeJson } from '@safeguard/fhir';
import { isFault, type JsonObject } from '@safeguard/kernel';
import { outcomeText } from '../load/tally.ts';
import type { Session } from './authorize.ts';
import type { Reply } from './endpoint.ts';
import { send } from './send.ts';

/** The types that are sent, in this order: what others name goes before them. */
export const sentTypes = ['CodeSystem', 'ValueSet', 'StructureDefinition', 'SearchParameter'] as const;

export interface Counts {
  created: number;
  updated: number;
  refused: number;
}

export interface Refusal {
  readonly type: string;
  readonly url: string;
  readonly status?: number;
  readonly text: string;
}

export interface Loaded extends Counts {
  readonly types: Record<string, Counts>;
  readonly refusals: readonly Refusal[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A search for this url and version (FHIR R4 3.1.0.4.3): the server makes the id, or keeps the one it has. */
function condition({ url, version }: JsonObject): string {
  const asked = new URLSearchParams({ url: text(url) });
  if (text(version) !== '') asked.set('version', text(version));
  return asked.toString();
}

const bare = ({ id: _id, meta: _meta, ...resource }: JsonObject): JsonObject => resource;

function reasonOf({ body }: Reply): string {
  try {
    return outcomeText(JSON.parse(body.toString('utf8'))) ?? 'no reason given';
  } catch {
    // A proxy's page, perhaps: the status says enough.
    return 'no reason given';
  }
}

async function sendOne(session: Session, resource: JsonObject): Promise<'created' | 'updated' | Omit<Refusal, 'url'>> {
  const type = text(resource.resourceType);
  if (text(resource.url) === '') return { type, text: 'it has no url' };
  const url = `${session.endpoint.base}/${type}?${condition(resource)}`;
  try {
    const reply = await send(session, { method: 'PUT', url, body: writeJson(bare(resource)), repeatable: true });
    if (reply.status === 201) return 'created';
    if (reply.status >= 200 && reply.status < 300) return 'updated';
    return { type, status: reply.status, text: reasonOf(reply) };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { type, text: `${error.message}; whether it was stored is not known` };
  }
}

/** The definitions of a package that a server makes use of, in the order of sending. */
export const definitionsOf = (resources: readonly JsonObject[]): JsonObject[] =>
  sentTypes.flatMap((type) => resources.filter((one) => one.resourceType === type));

export interface LoadOptions {
  readonly concurrency: number;
  onProgress(loaded: Loaded): void;
}

/** Sends definitions as conditional updates, several at once within a type, and counts what became of them. */
export async function loadPackage(
  session: Session,
  definitions: readonly JsonObject[],
  { concurrency, onProgress }: LoadOptions,
): Promise<Loaded> {
  const types: Record<string, Counts> = {};
  const refusals: Refusal[] = [];
  const loaded = { created: 0, updated: 0, refused: 0, types, refusals };
  const count = (type: string, what: keyof Counts): void => {
    types[type] ??= { created: 0, updated: 0, refused: 0 };
    types[type][what] += 1;
    loaded[what] += 1;
    onProgress(loaded);
  };
  for (const group of Map.groupBy(definitions, (one) => text(one.resourceType)).values()) {
    const left = group.values();
    const work = async (): Promise<void> => {
      for (const resource of left) {
        const result = await sendOne(session, resource);
        if (typeof result === 'string') count(text(resource.resourceType), result);
        else {
          refusals.push({ ...result, url: text(resource.url) });
          count(result.type, 'refused');
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }
  return loaded;
}
