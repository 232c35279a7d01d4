import { newId, systemClock } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import {
  checkIds,
  createEvidence,
  createPosture,
  createReports,
  programmeDirectory,
  type Reports,
  readContent,
} from '@safeguard/programme';
import { verifyBundle } from '@safeguard/verifier';
import type { Bench } from '../bench.ts';
import { atMost, type Figure, type Row } from '../row.ts';
import { fill, type House, openHouse, signer } from './programme-posture.ts';

const year_ms = 365 * 86_400_000;
const page = 1_000;
const actor = { tenant: 1, id: newId(), roles: ['auditor'] };

/** Reports over the house: no tasks, decisions and policies, which are few beside the evidence. */
async function reportsOf({ store, ledgers: [ledger], seal, key }: House, every_s: number): Promise<Reports> {
  const content = await readContent(programmeDirectory, { checks: checkIds });
  const segment = store.segment('identity');
  const evidence = createEvidence({ ledger, signer, segment, clock: systemClock });
  const checks = new Map([...checkIds].map((id) => [id, { id, title: id, query: `Asks for ${id}.`, every_s }]));
  const posture = createPosture({
    ...{ content, checks, evidence },
    decisionsAt: async () => new Map(),
    waiversAt: async () => new Map(),
    publishedAt: async () => new Set(),
  });
  const none = async () => [];
  return createReports({
    ...{ content: () => content, checks, evidence, postureAt: posture.at, ledger, signer: key, segment },
    vault: (tenant) => seal.vault('identity', tenant),
    ...{ clock: systemClock, code: async () => ({ version: '0', digest: 'd'.repeat(64) }), render: String, base: '' },
    policies: { list: none, versions: none, acknowledgements: none },
    decisions: { list: none, waivers: { list: none } },
    workflow: { list: none } as never,
  });
}

async function timed<T>(work: () => Promise<T> | T): Promise<readonly [seconds: number, made: T]> {
  const began = performance.now();
  const made = await work();
  return [(performance.now() - began) / 1000, made];
}

/** Opens every entry of both logs and looks at nothing: what no report over them can do without. */
async function readAll(ledger: Ledger): Promise<number> {
  let count = 0;
  for (const { shard, size } of await ledger.sizes(0)) {
    for (let from = 0; from < size; from += page) count += (await ledger.read(0, from, page, shard)).length;
  }
  return count;
}

/** A year's audit report and evidence bundle, and the bundle verified. */
export async function programmeReport({ options, say }: Bench): Promise<Row[]> {
  const count = options.tiny ? 2_000 : 100_000;
  const house = await openHouse();
  try {
    const step_ms = Math.floor(year_ms / count);
    const until = Date.now() - 1_000;
    say(`programme-report: ${count} evidence entries of a year`);
    await fill(house, count, until - count * step_ms, step_ms);
    // The second log is another process's, which signs it as it grows.
    await house.ledgers[1].checkpoint(0);
    const reports = await reportsOf(house, Math.ceil((checkIds.size * step_ms) / 1000));
    const wanted = { from: until - count * step_ms, until };
    const floor = async (): Promise<number> => (await timed(() => readAll(house.ledgers[0])))[0];
    const before = await floor();
    const [html_s] = await timed(() => reports.make(actor, { kind: 'audit', ...wanted, format: 'html' }));
    const [pdf_s] = await timed(() => reports.make(actor, { kind: 'audit', ...wanted }));
    const [bundle_s, made] = await timed(() => reports.make(actor, { kind: 'bundle', ...wanted }));
    const { bytes } = await reports.read(made.id);
    const [verify_s, verdict] = await timed(() => verifyBundle(bytes, { publicKey: house.key.publicKey }));
    if (!verdict.ok || verdict.evidence !== count)
      throw new Error(`the bundle does not hold: ${verdict.wrong?.reason}`);
    const floor_s = (before + (await floor())) / 2;
    const figures: Figure[] = [
      { what: 'audit report of a year, HTML', value: html_s, unit: 's' },
      { what: 'the same, PDF', value: pdf_s, unit: 's' },
      { what: 'evidence bundle', value: bundle_s, unit: 's' },
      { what: 'its size', value: bytes.length / 1e6, unit: 'MB' },
      { what: 'verifying it', value: verify_s, unit: 's' },
      { what: 'floor: opening the same entries', value: floor_s, unit: 's' },
      { what: 'ratio of the floor to the PDF', value: floor_s / pdf_s, unit: '' },
    ];
    const bars = [atMost('audit report of a year, PDF', pdf_s, 20, 's')];
    return [
      { name: 'programme-report', text: `${count} evidence entries in two logs`, unit: 'requests', figures, bars },
    ];
  } finally {
    await house.close();
  }
}
