import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A V8 CPU profile (Chrome DevTools Protocol, Profiler.Profile), as far as it is read here. */
export interface Profile {
  readonly nodes: readonly Node[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface Frame {
  readonly name: string;
  readonly where: string;
  /** Itself, or the nearest of its callers that is our code. */
  readonly owner: Frame | undefined;
}

const isOurs = (url: string): boolean => url.startsWith('file:') && !url.includes('/node_modules/');

function placeOf(url: string, line: number): string {
  if (url === '') return 'native';
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  const inside = path.split('/node_modules/').at(-1) ?? path;
  const short = inside === path ? join(basename(dirname(path)), basename(path)) : inside;
  return `${short}:${line + 1}`;
}

/** Every node of the call tree as a frame with its owner. Parents stand before their children in a profile. */
export function framesOf({ nodes }: Profile): ReadonlyMap<number, Frame> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const frames = new Map<number, Frame>();
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const [name, where] = [functionName || '(anonymous)', placeOf(url, lineNumber)];
    const own = { name, where, owner: undefined };
    const above = frames.get(parents.get(id) ?? -1)?.owner;
    frames.set(id, { name, where, owner: isOurs(url) ? own : above });
  }
  return frames;
}
