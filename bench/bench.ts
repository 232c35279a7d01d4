import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Floor } from './floor/start.ts';
import { startFloor } from './floor/start.ts';
import type { Plan, Report } from './generator/plan.ts';
import { generate } from './generator/run.ts';
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

/** What cases work with. */
export interface Bench {
  readonly options: Options;
  /**
   * Gives `work` a fresh instance with a floor beside it, and takes both down. Gives the rows that `work` made, with
   * profiles when they were asked for.
   */
  on(name: string, work: (stand: Stand) => Promise<void>, settings?: object): Promise<Row[]>;
  /** The version of the PostgreSQL that was measured; undefined when none was. */
  postgres(): string | undefined;
  /** Progress for whoever waits. */
  say(text: string): void;
}

/** What a measured plan leaves open. */
export type Load = Pick<Plan, 'script'> & { readonly connections?: number };

export function createBench(options: Options, say: (text: string) => void): Bench {
  let postgres: string | undefined;
  return {
    options,
    say,
    postgres: () => postgres,
    on: async (name, work, settings) => {
      say(`${name}: a fresh instance`);
      const profile = await profileRoom(options, name);
      const instance = await openInstance({ tls: options.tls, settings, profile });
      try {
        postgres ??= await versionOf(instance.login);
        const rows = await withFloor(instance, work);
        await instance.stop();
        return profile === undefined ? rows : await Promise.all(rows.map((row) => withProfile(row, profile)));
      } finally {
        await instance.remove();
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

const measuredOf = ({ created: _, ...measured }: Report): Measured => measured;

/** Enough for the code to be compiled by the engine and for the pools to be filled. */
const shortest_warmup_ms = 2_000;

/** Loads a server for the given share of the measured time. */
async function timed(options: Options, subject: Pick<Plan, 'target' | 'watch'>, load: Load, share: number) {
  const measured_ms = options.seconds * 1000 * share;
  const warmup_ms = options.tiny ? measured_ms / 4 : Math.max(measured_ms / 4, shortest_warmup_ms * share);
  const plan = { connections: options.connections, ...load, warmup_ms, measured_ms };
  return measuredOf(await generate({ ...plan, target: subject.target, watch: subject.watch }));
}

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
  load: Load,
): Promise<Measured> {
  say(`${name}: another floor`);
  return timed(options, floor, load, 0.5);
}

/** Half of the floor, the case, the other half of the floor. */
export async function compare({ options, say }: Bench, stand: Stand, name: string, load: Load, floorLoad: Load) {
  say(`${name}: floor, case, floor`);
  const before = await timed(options, stand.floor, floorLoad, 0.5);
  const measured = await timed(options, stand.instance, load, 1);
  const after = await timed(options, stand.floor, floorLoad, 0.5);
  const failed = [before, after].find(({ errors }) => errors > 0);
  if (failed !== undefined) throw new Error(`the floor of ${name} answered with errors: ${failed.told[0]}`);
  const units_per_s = (before.units_per_s + after.units_per_s) / 2;
  return { measured, floor: { before, after, units_per_s }, ratio: measured.units_per_s / units_per_s };
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
