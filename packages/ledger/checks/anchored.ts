import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, isFault, resultOf } from '@safeguard/kernel';
import { readAnchors } from '../anchor.ts';
import type { LedgerCheckDeps } from './checks.ts';
import { nameOf, type Standing, standingsOf } from './logs.ts';
import type { Checkpoint } from './verifier-port.ts';

/** The anchor is written right after the database has the checkpoint. */
const settle_ms = 700;

const originOf = (note: string): string => note.slice(0, Math.max(0, note.indexOf('\n')));

/** Whether the log still begins with what the anchor says: by a proof between the two trees. */
async function agrees(deps: LedgerCheckDeps, log: Standing, anchor: Checkpoint, newest: Checkpoint): Promise<boolean> {
  const { tenant, shard } = log;
  try {
    const proof = await deps.ledger.proveConsistency(tenant, anchor.size, newest.size, shard);
    const roots = proof.fromRoot.equals(anchor.root) && proof.toRoot.equals(newest.root);
    return roots && deps.verifier.verifyConsistency(proof);
  } catch (error) {
    // A log that is not as it was signed cannot be opened, or has no such sizes.
    if (isFault(error) && error.kind !== 'unavailable') return false;
    throw error;
  }
}

async function faultOf(deps: LedgerCheckDeps, log: Standing, note: string | undefined): Promise<string | undefined> {
  const { verifier, signer, ledger } = deps;
  // Another process keeps the anchors of its own logs, perhaps on another machine.
  if (note === undefined) return log.shard === ledger.shard() ? 'it has no anchor' : undefined;
  const anchor = verifier.openCheckpoint(note, log.origin, [signer.publicKey]);
  if ('reason' in anchor) return `its anchor: ${anchor.reason}`;
  if (anchor.size > log.signed) return 'its anchor knows more entries than the database has signed: it went back';
  const newest = verifier.openCheckpoint(log.note ?? '', log.origin, [signer.publicKey]);
  if ('reason' in newest) return `its newest checkpoint: ${newest.reason}`;
  if (log.shard === ledger.shard() && anchor.size < log.signed) return 'its anchor is older than its newest checkpoint';
  return (await agrees(deps, log, anchor, newest)) ? undefined : 'it is not the log that its anchor speaks of';
}

async function look(deps: LedgerCheckDeps) {
  // Anchors first: the database may be ahead of them, and must never be behind.
  const notes = await readAnchors(deps.anchors);
  const logs = (await standingsOf(deps.reader)).filter(({ signed }) => signed > 0);
  const byOrigin = new Map(notes.map((note) => [originOf(note), note]));
  const known = new Set(logs.map(({ origin }) => origin));
  const lost = [...byOrigin.keys()].filter((origin) => !known.has(origin));
  const faults = await Promise.all(
    logs.map(async (log) => {
      const fault = await faultOf(deps, log, byOrigin.get(log.origin));
      return fault === undefined ? [] : [`${nameOf(log)}: ${fault}`];
    }),
  );
  return {
    held: notes.length,
    logs,
    wrong: [...faults.flat(), ...lost.map(() => 'an anchor speaks of a log that is gone')],
  };
}

/** 45 CFR 164.312(c)(1): what was signed is also kept beside the database, so that a rolled-back one is noticed. */
export const anchored = (deps: LedgerCheckDeps): Check => ({
  id: 'ledger.anchored',
  title: 'Signed heads of the log are kept apart',
  query:
    'The anchor file of every log of this process: its signature, and by a consistency proof, whether the log still ' +
    'begins with what it says. Anchors of logs that are gone count.',
  every_s: 3_600,
  async run() {
    const first = await look(deps);
    // A checkpoint may have been signed between the two looks.
    if (first.wrong.length > 0) await sleep(settle_ms);
    const { held, logs, wrong } = first.wrong.length > 0 ? await look(deps) : first;
    return resultOf({
      examined: logs.length,
      wrong,
      met: `${held} anchors for ${logs.length} signed logs: each holds, and its log begins with what it says.`,
      unmet:
        'The log and the copies of its signatures beside the database do not agree: entries may have been taken back.',
      todo:
        'Verify the log against other copies of its checkpoints; a restart writes a missing anchor ' +
        'with the next entry.',
    });
  },
});
