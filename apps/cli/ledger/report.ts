import type { Bad, DatabaseVerdict, Verdict } from '@safeguard/verifier';
import { grouped } from '../progress.ts';

/** What `ledger verify --json` prints. `checkpoint`: the newest good checkpoint of each log, by the log's origin. */
export interface Report {
  readonly ok: boolean;
  readonly entries: number;
  readonly checkpoint: Record<string, { readonly size: number; readonly root: string }>;
  /** Entries that are chained and that no checkpoint has signed yet. */
  readonly uncovered: number;
  /** The first bad position of the first bad log. */
  readonly bad?: { readonly log: string } & Bad;
  readonly logs: readonly object[];
}

const logOf = ({ origin, ok, entries, checkpoints, uncovered, bad }: Verdict): object => ({
  origin,
  ok,
  entries,
  checkpoints,
  uncovered,
  ...(bad === undefined ? {} : { bad }),
});

export function reportOf({ ok, entries, logs }: DatabaseVerdict): Report {
  const checkpoint: Report['checkpoint'] = {};
  for (const { origin, checkpoint: newest } of logs) {
    if (newest !== null) checkpoint[origin] = { size: newest.size, root: newest.root.toString('base64') };
  }
  const first = logs.find(({ bad }) => bad !== undefined);
  return {
    ok,
    entries,
    checkpoint,
    uncovered: logs.reduce((sum, log) => sum + log.uncovered, 0),
    ...(first?.bad === undefined ? {} : { bad: { log: first.origin, ...first.bad } }),
    logs: logs.map(logOf),
  };
}

function badLine({ origin, bad }: Verdict): string {
  if (bad === undefined) return '';
  const range = bad.until === undefined ? `${bad.index}` : `${bad.index} to before ${bad.until}`;
  return `${origin}: ${bad.what} ${range}: ${bad.reason}\n`;
}

/** The verdict for people. */
export function reportText({ ok, entries, logs }: DatabaseVerdict): string {
  const checkpoints = logs.reduce((sum, log) => sum + log.checkpoints, 0);
  const signed = `${grouped(checkpoints)} signed checkpoints`;
  const read = `${grouped(entries)} entries of ${grouped(logs.length)} logs, ${signed}`;
  if (ok) return `The ledger holds: ${read}.\n`;
  return `THE LEDGER DOES NOT HOLD (${read} read):\n${logs.map(badLine).join('')}`;
}
