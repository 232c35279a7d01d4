import { type Checkpointer, createCheckpointer } from './checkpointer.ts';
import { bindingId, entryPlace, sealEnvelope } from './envelope.ts';
import { LogDiffers } from './failure.ts';
import { createSealingKey, type SealingKey } from './keys.ts';
import { loadLog } from './load.ts';
import { originOf } from './note.ts';
import { type LogRows, logRows } from './rows.ts';
import { createSequencer, type Sequencer } from './sequencer.ts';
import type { LedgerDeps } from './types.ts';

/** A log that this process writes. */
export interface OpenLog {
  readonly origin: string;
  readonly rows: LogRows;
  readonly keys: SealingKey;
  readonly sequencer: Sequencer;
  readonly checkpointer: Checkpointer;
}

export type LogDeps = Required<LedgerDeps>;

/** Registers the log when it is new, else reads its head. Throws LogDiffers when it is not what was signed. */
export async function openLog(deps: LogDeps, tenant: number, shard: number): Promise<OpenLog> {
  const { segment, signer, anchors, clock, log } = deps;
  const rows = logRows(segment, tenant, shard);
  const origin = originOf(signer.name, tenant, shard);
  const registered = await rows.register(origin);
  if (registered !== origin) throw new LogDiffers(`the log was begun as ${registered}, not as ${origin}`);
  const { tree, checkpoint } = await loadLog({ rows, signer, origin, anchors });
  const keys = await createSealingKey(await deps.vault(tenant), clock, log);
  const resource = bindingId(origin);
  const sequencer = createSequencer({
    rows,
    tree,
    seal: (index, plain) => sealEnvelope(keys.vault, keys.current(), entryPlace(resource, index), plain),
    deadline_ms: deps.append_deadline_ms,
    queue_limit: deps.queue_limit,
    log,
  });
  const checkpointer = createCheckpointer({
    rows,
    origin,
    signer,
    anchors,
    clock,
    log,
    tree: sequencer.tree,
    newest: checkpoint,
  });
  return { origin, rows, keys, sequencer, checkpointer };
}
