import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Source } from './find.ts';
import { postEntry, requestBundle } from './request-bundle.ts';
import type { Unit } from './unit.ts';

const lines_a_batch = 100;

interface Group {
  readonly types: string[];
  readonly entries: string[];
  first: number;
}

/** The resource type of one line; undefined when the line is none. */
function typeOf(line: string): string | undefined {
  try {
    const value = JSON.parse(line) as { resourceType?: unknown } | null;
    return typeof value?.resourceType === 'string' ? value.resourceType : undefined;
  } catch {
    return undefined;
  }
}

function close(source: Source, { types, entries, first }: Group): Unit {
  const body = requestBundle('batch', entries);
  return { source, body, types, first, repeatable: false };
}

async function* linesOf({ path, zipped }: Source): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = zipped ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => input.destroy(error));
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    file.destroy();
  }
}

/**
 * Reads an NDJSON file as batches of at most 100 POSTs. The lines are sent as they are written, so every number keeps
 * its digits.
 * Never throws for what stands in the file; never holds more than one batch.
 */
export async function* readNdjson(source: Source): AsyncGenerator<Unit> {
  let group: Group = { types: [], entries: [], first: 0 };
  let number = -1;
  try {
    for await (const line of linesOf(source)) {
      number += 1;
      const text = line.trim();
      if (text === '') continue;
      const type = typeOf(text);
      if (type === undefined) {
        yield { source, reason: `line ${number + 1} is not a FHIR resource` };
        continue;
      }
      if (group.entries.length === 0) group.first = number;
      group.types.push(type);
      group.entries.push(postEntry(text, type));
      if (group.entries.length < lines_a_batch) continue;
      yield close(source, group);
      group = { types: [], entries: [], first: 0 };
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    yield {
      source,
      reason: code.startsWith('Z') ? `not a whole gzip file, after line ${number + 1}` : `cannot be read (${code})`,
    };
  }
  if (group.entries.length > 0) yield close(source, group);
}
