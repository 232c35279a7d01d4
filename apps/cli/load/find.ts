import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { fault } from '@safeguard/kernel';

export interface Source {
  readonly path: string;
  readonly bytes: number;
  readonly form: 'json' | 'ndjson';
  readonly zipped: boolean;
  /** 0 hospitals, 1 practitioners, 2 other bundles of those alone, 3 everything else: lower goes first, one by one. */
  readonly rank: 0 | 1 | 2 | 3;
}

export interface Found {
  readonly sources: readonly Source[];
  /** Files in the given directories that are no FHIR files by their name. */
  readonly ignored: number;
}

/** Resources that others refer to by condition, and that are nobody's record. */
const infrastructure = new Set([
  'Organization',
  'Location',
  'Practitioner',
  'PractitionerRole',
  'HealthcareService',
  'Endpoint',
  'OrganizationAffiliation',
]);

const peek_bytes = 64 * 1024;
const nameForm = /\.(?<form>json|ndjson)(?<zipped>\.gz)?$/i;

async function* walk(path: string, named: boolean): AsyncGenerator<{ path: string; bytes: number; named: boolean }> {
  const about = await stat(path).catch((cause: unknown) => {
    throw fault('missing', `${path} cannot be read`, { cause });
  });
  if (about.isFile()) yield { path, bytes: about.size, named };
  if (!about.isDirectory()) return;
  for (const name of (await readdir(path)).sort()) yield* walk(join(path, name), false);
}

/** The first bytes of a file, unpacked. */
async function head(path: string, zipped: boolean): Promise<string> {
  const file = createReadStream(path);
  const stream = zipped ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => stream.destroy(error));
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= peek_bytes) break;
    }
  } catch {
    // What is wrong with the file is said when it is loaded.
    return '';
  } finally {
    file.destroy();
  }
  return Buffer.concat(parts).subarray(0, peek_bytes).toString('utf8');
}

/** Judged by the first 64 KiB: a later Patient in such a bundle is then loaded early, which harms nothing. */
async function holdsInfrastructureOnly(path: string, zipped: boolean): Promise<boolean> {
  const types = [...(await head(path, zipped)).matchAll(/"resourceType"\s*:\s*"([A-Za-z]+)"/g)].map(
    ([, type]) => type ?? '',
  );
  const inside = types.filter((type) => type !== 'Bundle');
  return inside.length > 0 && inside.every((type) => infrastructure.has(type));
}

async function rankOf(path: string, zipped: boolean): Promise<Source['rank']> {
  const name = basename(path);
  if (/hospitalInformation/i.test(name)) return 0;
  if (/practitionerInformation/i.test(name)) return 1;
  return (await holdsInfrastructureOnly(path, zipped)) ? 2 : 3;
}

/** The FHIR files under the paths, in the order in which they are to be sent. Throws Fault for a missing path. */
export async function findSources(paths: readonly string[]): Promise<Found> {
  const sources: Source[] = [];
  let ignored = 0;
  for (const given of paths) {
    for await (const { path, bytes, named } of walk(given, true)) {
      const match = nameForm.exec(path)?.groups;
      if (match === undefined) {
        if (named) throw fault('invalid', `${path} is none of .json, .json.gz, .ndjson, .ndjson.gz`);
        ignored += 1;
        continue;
      }
      const zipped = match.zipped !== undefined;
      const form = match.form?.toLowerCase() === 'ndjson' ? 'ndjson' : 'json';
      sources.push({ path, bytes, form, zipped, rank: await rankOf(path, zipped) });
    }
  }
  return { sources: sources.sort((a, b) => a.rank - b.rank), ignored };
}
