import { hash } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import { auditDocument } from '../audit/audit.ts';
import { documentHtml } from '../document/html.ts';
import { readPeriod } from '../period/period.ts';
import type { ReportsDeps, Told } from '../types.ts';
import { canonical } from './canonical.ts';
import { type Files, lineFiles, lineOf, type Stated } from './lines.ts';
import { addLogs, type Mark } from './logs.ts';
import { signBundle } from './note.ts';
import { readme } from './readme.ts';
import { addRecords } from './records.ts';
import { zipped } from './zip.ts';

/** What a bundle leaves for the next one. */
export interface Marks {
  /** SHA-256 of its manifest, hex. */
  readonly manifest: string;
  readonly logs: readonly Mark[];
}

export interface BundleInput {
  readonly id: string;
  readonly from: number;
  readonly until: number;
  readonly made_at: number;
  readonly notes: boolean;
  readonly previous?: { readonly id: string; readonly marks: Marks } | undefined;
}

/** Writes the entry that says so, and answers where it stands. */
export type Chain = (digest: string) => Promise<{ readonly shard: number; readonly index: number }>;

/** Pieces of evidence of one bundle: a longer period takes several. */
const evidence_most = 500_000;

/** The files of the evidence, and which leaf each piece is. */
async function addEvidence(deps: ReportsDeps, files: Files, input: BundleInput, told: Told) {
  const stated: Stated[] = [];
  const lines = lineFiles(files, 'evidence/');
  const span = { from: input.from, until: input.until };
  const period = await readPeriod(
    deps,
    span,
    (placed) => {
      const { line, ...one } = lineOf(placed);
      stated.push(one);
      lines.add(line);
      if (stated.length > evidence_most) throw fault('invalid', 'The period holds too much evidence for one bundle.');
    },
    told,
  );
  lines.flush();
  const before = period.before.map(lineOf);
  stated.push(...before.map(({ line: _, ...one }) => one));
  files.set('evidence/before.jsonl', Buffer.from(before.map(({ line }) => `${line}\n`).join('')));
  return { period, stated };
}

const iso = (at: number): string => new Date(at).toISOString();

function manifestOf(deps: ReportsDeps, files: Files, input: BundleInput, evidence: number, code: object): Buffer {
  const { signer } = deps;
  const { organization, digest } = deps.content();
  const { id, from, until, made_at, notes, previous } = input;
  const listed = [...files].map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
  }));
  const manifest = {
    ...{
      format: 'safeguard-evidence-bundle/1',
      id,
      made_at: iso(made_at),
      period: { from: iso(from), until: iso(until) },
    },
    ...{ organization: organization.name, signer: signer.name, evidence, notes, programme: digest, code },
    public_key: Buffer.from(signer.publicKey).toString('base64'),
    previous: previous === undefined ? null : { id: previous.id, manifest: previous.marks.manifest },
    files: listed,
  };
  return Buffer.from(`${canonical(manifest)}\n`);
}

/** Makes a bundle: files, manifest, its entry in the log, the proof of that, the signature over both, the archive. */
export async function makeBundle(deps: ReportsDeps, input: BundleInput, chain: Chain, told: Told) {
  const files: Files = new Map([['README.md', Buffer.from(readme)]]);
  const { period, stated } = await addEvidence(deps, files, input, told);
  const report = auditDocument(deps, { id: input.id, period, families: [], made_at: input.made_at });
  files.set('report.html', Buffer.from(documentHtml(report)));
  await addRecords(deps, files, period, input.notes);
  const logs = await addLogs(deps.ledger, files, stated, input.previous?.marks.logs ?? [], told);
  const manifest = manifestOf(deps, files, input, period.evidence, await deps.code());
  const digest = hash('sha256', manifest, 'hex');
  const place = await chain(digest);
  const entry = Buffer.from(await deps.ledger.offlineProof(0, place.index, place.shard));
  const note = await signBundle(deps.signer, input.id, { manifest, entry });
  told('Packing', 1);
  const all: Files = new Map([
    ['manifest.json', manifest],
    ['manifest.note', note],
    ['entry.tlog-proof', entry],
    ...files,
  ]);
  const marks: Marks = { manifest: digest, logs };
  return { bytes: await zipped(all), place, marks };
}
