import { hash } from 'node:crypto';
import { base64, type Fields, fields, json, list, moment, number, text } from './json.ts';
import { openStatement } from './signed.ts';
import { fail } from './wrong.ts';

export const format = 'safeguard-evidence-bundle/1';
const names = { manifest: 'manifest.json', note: 'manifest.note', entry: 'entry.tlog-proof' } as const;

export interface Manifest {
  readonly id: string;
  readonly organization: string;
  /** Milliseconds since the Unix epoch; `until` is exclusive. */
  readonly made_at: number;
  readonly from: number;
  readonly until: number;
  /** The name that the signer's logs begin with. */
  readonly signer: string;
  readonly publicKey: Buffer;
  /** Pieces of evidence received in the period. */
  readonly evidence: number;
  /** The bundle that was made before this one: its id and the digest of its manifest. */
  readonly previous: { readonly id: string; readonly manifest: string } | undefined;
  /** SHA-256 of manifest.json, hex. */
  readonly digest: string;
  readonly files: ReadonlySet<string>;
}

const sha256 = (bytes: Buffer): Buffer => hash('sha256', bytes, 'buffer');

export function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  return files.get(name) ?? fail(name, 'is missing');
}

/** Every file that the manifest names is there as it says, and no other. */
function checkFiles(files: ReadonlyMap<string, Buffer>, listed: readonly Fields[]): ReadonlySet<string> {
  const known = new Set<string>([names.manifest, names.note, names.entry]);
  for (const one of listed) {
    const path = text(names.manifest, one['path']);
    const bytes = fileOf(files, path);
    if (known.has(path)) fail(path, 'is named twice by the manifest');
    known.add(path);
    if (bytes.length !== number(names.manifest, one['bytes']) || sha256(bytes).toString('hex') !== one['sha256']) {
      fail(path, 'is not the file that the manifest names: its SHA-256 differs');
    }
  }
  for (const name of files.keys()) if (!known.has(name)) fail(name, 'is not named by the manifest');
  return known;
}

function previousOf(value: unknown): Manifest['previous'] {
  if (value === null) return undefined;
  const one = fields(names.manifest, value);
  return { id: text(names.manifest, one['id']), manifest: text(names.manifest, one['manifest']) };
}

/**
 * Reads the manifest, holds it against its signature, and every file against it. `trusted`: the key must be this one;
 * else the bundle's own counts, which says only that one holder of a key made all of it.
 */
export function readManifest(files: ReadonlyMap<string, Buffer>, trusted: Uint8Array | undefined): Manifest {
  const bytes = fileOf(files, names.manifest);
  const one = fields(names.manifest, json(names.manifest, bytes.toString('utf8')));
  if (one['format'] !== format) fail(names.manifest, 'is of a format that this program does not know');
  const publicKey = base64(names.manifest, one['public_key'], 32);
  if (trusted !== undefined && !publicKey.equals(trusted)) fail(names.manifest, 'names another key than was given');
  const signer = text(names.manifest, one['signer']);
  const statement = openStatement(names.note, fileOf(files, names.note).toString('utf8'), publicKey);
  if (!statement.manifest.equals(sha256(bytes))) fail(names.manifest, 'is not the manifest that was signed');
  if (!statement.entry.equals(sha256(fileOf(files, names.entry))))
    fail(names.entry, 'is not the proof that was signed');
  if (statement.name !== `${signer}/bundle` || statement.id !== one['id']) {
    fail(names.note, 'is the signature of another bundle');
  }
  const period = fields(names.manifest, one['period']);
  return {
    id: statement.id,
    organization: text(names.manifest, one['organization']),
    made_at: moment(names.manifest, one['made_at']),
    from: moment(names.manifest, period['from']),
    until: moment(names.manifest, period['until']),
    signer,
    publicKey,
    evidence: number(names.manifest, one['evidence']),
    previous: previousOf(one['previous']),
    digest: sha256(bytes).toString('hex'),
    files: checkFiles(
      files,
      list(names.manifest, one['files']).map((each) => fields(names.manifest, each)),
    ),
  };
}
