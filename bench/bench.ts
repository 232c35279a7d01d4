import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Floor } from './floor/start.ts';
import { startFloor } from './floor/start.ts';
import type { Plan, Report } from './generator/plan.ts';
import { generate } from './generator/run.ts';
import { makeRoom, removeRoom } from './instance/leftovers.ts';
import { type Instance, openInstance } from './instance/open.ts';
import { versionOf } from './instance/postgres.ts';
import type { Options } from './options.ts';
import { hottest } from './profile/hot.ts';
import type { FloorFigures, Measured, Row } from './row.ts';

/** A subject of measurement: an instance, its floor, and the rows that were taken from it. */
export interface Stand {
  readonly instance: Instance;
  readonly floor: Floor;
  readonly rows: Row[];
}

/** How a stand differs from the usual one. */
export interface How {
  /** Settings of the instance. */
  readonly settings?: object;
  /** The server is profiled, and each row is made whole when it has stopped: by the directory of its profile. */
  finish?(row: Row, profile: string): Promise<Row>;
}

/** What cases work with. */
export interface Bench {
  readonly options: Options;
  /**
   * Gives `work` a fresh instance with a floor beside it, and takes both down. Gives the rows that `work` made, with
   * profiles when they were asked for.
   */
  on(name: string, work: (stand: Stand) => Promise<void>, how?: How): Promise<Row[]>;
  /** The version of the PostgreSQL that was measured; undefined when none was. */
  postgres(): string | undefined;
  /** Progress for whoever waits. */
  say(text: string): void;
}

/** What a measured plan leaves open. */
export type Load = Pick<Plan, 'script' | 'per_second'> & {
  readonly connections?: number;
  /** The script comes to an end by itself: all of it is measured. */
  readonly once?: boolean;
};

export function createBench(options: Options, say: (text: string) => void): Bench {
  let postgres: string | undefined;
  return {
    options,
    say,
    postgres: () => postgres,
    on: async (name, work, { settings, finish } = {}) => {
      say(`${name}: a fresh instance`);
      const own = finish === undefined ? undefined : await makeRoom();
      const profile = (await profileRoom(options, name)) ?? own;
      const instance = await openInstance({ tls: options.tls, settings, profile });
      try {
        postgres ??= await versionOf(instance.login);
        const rows = await withFloor(instance, work);
        await instance.stop();
        if (profile === undefined) return rows;
        const whole = finish === undefined ? rows : await Promise.all(rows.map((row) => finish(row, profile)));
        return own === profile ? whole : await Promise.all(whole.map((row) => withProfile(row, profile)));
      } finally {
        await instance.remove();
        if (own !== undefined) await removeRoom(own);
      }
    },
  };
}

async function profileRoom({ profile }: Options, name: string): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  const room = join(resolve(profile), name);
  await mkdir(room, { recursive: true });
  return room;
}

async function withFloor(instance: Instance, work: (stand: Stand) => Promise<void>): Promise<Row[]> {
  const floor = await startFloor(instance);
  const rows: Row[] = [];
  try {
    await work({ instance, floor, rows });
  } finally {
    await floor.stop();
  }
  return rows;
}

async function withProfile(row: Row, directory: string): Promise<Row> {
  if (row.measured === undefined) return row;
  const profile = await hottest(directory, row.measured.window_us);
  return profile === undefined ? row : { ...row, profile };
}

export const measuredOf = ({ created: _, kept: __, ...measured }: Report): Measured => measured;

/** Enough for the code to be compiled by the engine and for the pools to be filled. */
const shortest_warmup_ms = 2_000;

/** How long a case's share is measured, and warmed up before. */
export function timesOf({ seconds, tiny }: Options, share: number) {
  const measured_ms = seconds * 1000 * share;
  const warmup_ms = tiny ? measured_ms / 4 : Math.max(measured_ms / 4, shortest_warmup_ms * share);
  return { measured_ms, warmup_ms };
}

/** Loads a server for the given share of the measured time. */
export function load(
  options: Options,
  { target, watch }: Pick<Plan, 'target' | 'watch'>,
  { once = false, ...wanted }: Load,
  share = 1,
): Promise<Report> {
  const times = once ? { warmup_ms: 0 } : timesOf(options, share);
  return generate({ connections: options.connections, ...wanted, ...times, target, watch });
}

const timed = async (...how: Parameters<typeof load>): Promise<Measured> => measuredOf(await load(...how));

export interface Compared {
  readonly measured: Measured;
  readonly floor: FloorFigures;
  readonly ratio: number;
}

/** What another floor reaches, in half of the measured time. */
export async function measureFloor(
  { options, say }: Bench,
  { floor }: Stand,
  name: string,
  floorLoad: Load,
): Promise<Measured> {
  say(`${name}: another floor`);
  return timed(options, floor, floorLoad, 0.5);
}

/** Half of the floor, the case, the other half of the floor. */
export async function compare(
  bench: Bench,
  stand: Stand,
  name: string,
  loaded: Load,
  floorLoad: Load,
): Promise<Compared> {
  const work = () => load(bench.options, stand.instance, loaded);
  const { kept: _, ...compared } = await beside(bench, stand, name, floorLoad, work);
  return compared;
}

/** The same, of whatever `work` measures. */
export async function beside(
  { options, say }: Bench,
  { floor }: Stand,
  name: string,
  floorLoad: Load,
  work: () => Promise<Report>,
): Promise<Compared & { readonly kept: readonly string[] }> {
  say(`${name}: floor, case, floor`);
  const before = await timed(options, floor, floorLoad, 0.5);
  const report = await work();
  const after = await timed(options, floor, floorLoad, 0.5);
  const failed = [before, after].find(({ errors }) => errors > 0);
  if (failed !== undefined) throw new Error(`the floor of ${name} answered with errors: ${failed.told[0]}`);
  const units_per_s = (before.units_per_s + after.units_per_s) / 2;
  const ratio = report.units_per_s / units_per_s;
  return { measured: measuredOf(report), floor: { before, after, units_per_s }, ratio, kept: report.kept };
}

/** Sends a list once and waits for its end. */
export function sendOnce({ instance }: Stand, script: Plan['script'], connections: number): Promise<Report> {
  const { target, watch } = instance;
  return generate({ target, watch, script, connections, warmup_ms: 0, collect: true });
}

/** The same, for what a case stands on: throws when anything was refused. */
export async function prepare(stand: Stand, script: Plan['script'], connections: number): Promise<Report> {
  const report = await sendOnce(stand, script, connections);
  if (report.errors > 0) throw new Error(`the data of the case was refused: ${report.told[0]}`);
  return report;
}
