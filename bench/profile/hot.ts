import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { framesOf, type Profile } from './frames.ts';

/** A function and its share of the time in which the process was not idle. */
export interface Hot {
  readonly name: string;
  /** Package or file, with the line. */
  readonly where: string;
  readonly share: number;
}

export interface Profiled {
  /** In whose own code the time went. */
  readonly self: readonly Hot[];
  /** On whose behalf: the engine, Node and libraries count for the nearest function of ours that called them. */
  readonly owners: readonly Hot[];
}

const most = 25;

/** Where the main thread spent a window, from the profile that the server left in `directory`, if it did. */
export async function hottest(
  directory: string,
  window: readonly [from: number, to: number],
): Promise<Profiled | undefined> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = await Promise.all(
    files.map(async (name): Promise<Profile> => JSON.parse(await readFile(join(directory, name), 'utf8'))),
  );
  const profile = profiles.toSorted((one, other) => other.samples.length - one.samples.length)[0];
  return profile === undefined ? undefined : inWindow(profile, window);
}

/** Sums up time by name. */
function tally() {
  const times = new Map<string, { name: string; where: string; time: number }>();
  return {
    add: ({ name, where }: { name: string; where: string }, time: number): void => {
      const known = times.get(`${name} ${where}`) ?? { name, where, time: 0 };
      known.time += time;
      times.set(`${name} ${where}`, known);
    },
    top: (whole: number): Hot[] =>
      [...times.values()]
        .toSorted((one, other) => other.time - one.time)
        .slice(0, most)
        .map(({ name, where, time }) => ({ name, where, share: time / whole })),
  };
}

function inWindow(profile: Profile, [from, to]: readonly [number, number]): Profiled {
  const { startTime, samples, timeDeltas } = profile;
  const frames = framesOf(profile);
  const [self, owners] = [tally(), tally()];
  let [at, busy] = [startTime, 0];
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index] ?? 0;
    const frame = frames.get(id);
    if (frame === undefined || at < from || at > to || frame.name === '(idle)') continue;
    const took = timeDeltas[index + 1] ?? 0;
    busy += took;
    self.add(frame, took);
    owners.add(frame.owner ?? frame, took);
  }
  return { self: self.top(busy), owners: owners.top(busy) };
}
