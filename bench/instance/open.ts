import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../generator/plan.ts';
import { newToken } from './admin.ts';
import { type Launched, launch } from './launch.ts';
import { makeRoom, removeRoom } from './leftovers.ts';
import { type Login, loginOf, postmasterOf } from './postgres.ts';

/** A fresh Safeguard in a temporary directory. */
export interface Instance {
  readonly data: string;
  /** Its public base: what its pages call their own origin. */
  readonly origin: string;
  readonly target: Target & { readonly token: string };
  readonly watch: { readonly server: number; readonly postmaster: number };
  readonly login: Login;
  readonly started_ms: number;
  /** Stops the server. Its directory stays. */
  stop(): Promise<void>;
  /** Stops it if it runs, and removes all that it left. */
  remove(): Promise<void>;
}

export interface OpenOptions {
  readonly tls: 'on' | 'off';
  /** Goes to `<data>/safeguard.json`. */
  readonly settings?: object | undefined;
  readonly profile?: string | undefined;
}

/** The base of the FHIR interface on every instance. */
export const fhirBase = '/fhir/R4';

export const targetOf = ({ url, ca }: Pick<Launched, 'url' | 'ca'>): Target => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), ca };
};

export async function openInstance({ tls, settings, profile }: OpenOptions): Promise<Instance> {
  const room = await makeRoom();
  const data = join(room, 'data');
  try {
    if (settings !== undefined) await writeSettings(data, settings);
    const launched = await launch({ data, tls, profile });
    return await describe(room, data, launched);
  } catch (error) {
    await removeRoom(room);
    throw error;
  }
}

async function writeSettings(data: string, settings: object): Promise<void> {
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(data, 'safeguard.json'), JSON.stringify(settings), { mode: 0o600 });
}

async function describe(room: string, data: string, launched: Launched): Promise<Instance> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= launched.stop();
    return stopping;
  };
  try {
    const target = { ...targetOf(launched), token: await newToken(data) };
    const watch = { server: launched.pid, postmaster: await postmasterOf(data) };
    const login = await loginOf(data);
    const remove = async (): Promise<void> => {
      try {
        await stop();
      } finally {
        await removeRoom(room);
      }
    };
    return { data, origin: launched.url, target, watch, login, started_ms: launched.took_ms, stop, remove };
  } catch (error) {
    await stop();
    throw error;
  }
}
