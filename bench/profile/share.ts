import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from './frames.ts';

type CallFrame = Profile['nodes'][number]['callFrame'];

/** What the frames of a part have in common. */
export type Part = (frame: CallFrame) => boolean;

/** Every node at or under one of the part's. Parents stand before their children in a profile. */
function nodesOf({ nodes }: Profile, part: Part): ReadonlySet<number> {
  const within = new Set<number>();
  for (const { id, callFrame, children = [] } of nodes) {
    if (part(callFrame)) within.add(id);
    if (within.has(id)) for (const child of children) within.add(child);
  }
  return within;
}

const isIdle = ({ functionName }: CallFrame): boolean => functionName === '(idle)';
/** Nobody's in particular: left out above and below the line. */
const isCollecting = ({ functionName }: CallFrame): boolean => functionName === '(garbage collector)';

/**
 * The share of each part, with all that it calls, in the time of a window in which the main thread was busy: 0 to 1.
 * The profile is the one that the server left in `directory`.
 */
export async function sharesOf<Name extends string>(
  directory: string,
  [from, to]: readonly [from: number, to: number],
  parts: Readonly<Record<Name, Part>>,
): Promise<Record<Name, number>> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = await Promise.all(
    files.map(async (name): Promise<Profile> => JSON.parse(await readFile(join(directory, name), 'utf8'))),
  );
  const profile = profiles.toSorted((one, other) => other.samples.length - one.samples.length)[0];
  if (profile === undefined) throw new Error('the server left no profile');
  const names = Object.keys(parts) as Name[];
  const within = names.map((name) => nodesOf(profile, parts[name]));
  const left = nodesOf(profile, (frame) => isIdle(frame) || isCollecting(frame));
  const times = names.map(() => 0);
  let [at, busy] = [profile.startTime, 0];
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index] ?? 0;
    if (at < from || at > to || left.has(id)) continue;
    const took = profile.timeDeltas[index + 1] ?? 0;
    busy += took;
    for (const [number, nodes] of within.entries()) if (nodes.has(id)) times[number] = (times[number] ?? 0) + took;
  }
  return Object.fromEntries(names.map((name, number) => [name, (times[number] ?? 0) / busy])) as Record<Name, number>;
}
