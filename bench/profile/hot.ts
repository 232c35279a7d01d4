import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A function and its share of the time in which the process was not idle. */
export interface Hot {
  readonly name: string;
  /** Package or file, with the line. */
  readonly where: string;
  readonly self_share: number;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const most = 25;

/** The functions in whose own code the main thread spent a window, from the profile that the server left in `directory`. */
export async function hottest(directory: string, window: readonly [from: number, to: number]): Promise<Hot[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = await Promise.all(
    files.map(async (name): Promise<Profile> => JSON.parse(await readFile(join(directory, name), 'utf8'))),
  );
  const profile = profiles.toSorted((one, other) => other.samples.length - one.samples.length)[0];
  return profile === undefined ? [] : inWindow(profile, window);
}

function inWindow({ nodes, startTime, samples, timeDeltas }: Profile, [from, to]: readonly [number, number]): Hot[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const self = new Map<string, { name: string; where: string; time: number }>();
  let at = startTime;
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const took = timeDeltas[index + 1] ?? 0;
    at += timeDeltas[index] ?? 0;
    const frame = frames.get(id);
    if (frame === undefined || at < from || at > to || frame.functionName === '(idle)') continue;
    busy += took;
    const [name, where] = [frame.functionName || '(anonymous)', placeOf(frame.url, frame.lineNumber)];
    const known = self.get(`${name} ${where}`) ?? { name, where, time: 0 };
    known.time += took;
    self.set(`${name} ${where}`, known);
  }
  return [...self.values()]
    .toSorted((one, other) => other.time - one.time)
    .slice(0, most)
    .map(({ name, where, time }) => ({ name, where, self_share: time / busy }));
}

function placeOf(url: string, line: number): string {
  if (url === '') return 'native';
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  const inside = path.split('/node_modules/').at(-1) ?? path;
  const short = inside === path ? join(basename(dirname(path)), basename(path)) : inside;
  return `${short}:${line + 1}`;
}
