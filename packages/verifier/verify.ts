import { isRefusal, openCheckpoint } from './note.ts';
import type { LogSource } from './source.ts';
import type { Bad, Verdict, VerifyOptions } from './verdict.ts';
import { beginWalk, finish, step, type Walk } from './walk.ts';

const progressEvery = 10_000;

/** What can be said of a walk where it stands. */
export function verdict(walk: Walk, bad: Bad | undefined): Verdict {
  const { range, good, checkpoints, source } = walk;
  const found = {
    origin: source.origin,
    entries: range.size,
    checkpoint: good,
    checkpoints,
    uncovered: range.size - (good?.size ?? 0),
  };
  return bad === undefined ? { ok: true, ...found } : { ok: false, ...found, bad };
}

/** The anchors as trusted checkpoints, or the first that does not hold: a copy that cannot be read hides something. */
function readAnchors(origin: string, { anchors = [], publicKeys }: VerifyOptions): Walk['anchors'] | Bad {
  const held: Walk['anchors'] = [];
  for (const note of anchors) {
    const found = openCheckpoint(note, origin, publicKeys);
    if (isRefusal(found)) return { what: 'anchor', index: 0, reason: found.reason };
    if (found.size > 0) held.push(found);
  }
  return held;
}

/**
 * Re-verifies one whole log: contiguous indexes, every leaf against the stored hashes, every checkpoint's signature
 * and root, every tile, every anchor. Streams; memory does not grow with the log. Stops at the first bad position.
 * Throws only what the source throws.
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<Verdict> {
  const anchors = readAnchors(source.origin, options);
  const walk = beginWalk(source, options.publicKeys, Array.isArray(anchors) ? anchors : []);
  if (!Array.isArray(anchors)) return verdict(walk, anchors);
  for await (const page of source.entries()) {
    for (const row of page) {
      const bad = await step(walk, row);
      if (bad !== undefined) return verdict(walk, bad);
      if (walk.range.size % progressEvery === 0) {
        options.onProgress?.({ origin: source.origin, entries: walk.range.size });
      }
    }
  }
  options.onProgress?.({ origin: source.origin, entries: walk.range.size });
  return verdict(walk, await finish(walk));
}
