import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { makeRoom, removeRoom } from './instance/leftovers.ts';

/** What absolute figures depend on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memory_gb: number;
  readonly node: string;
  /** 8 KB appended and fdatasync'ed, one after the other, per second, where the instances stand. */
  readonly fdatasync_per_s: number;
}

const page = Buffer.alloc(8192, 1);

async function syncRate(duration_ms: number): Promise<number> {
  const room = await makeRoom();
  const file = openSync(join(room, 'sync'), 'w', 0o600);
  try {
    const began = performance.now();
    let count = 0;
    for (; performance.now() - began < duration_ms; count += 1) {
      writeSync(file, page);
      fdatasyncSync(file);
    }
    return count / ((performance.now() - began) / 1000);
  } finally {
    closeSync(file);
    await removeRoom(room);
  }
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memory_gb: totalmem() / 1e9,
    node: process.version,
    fdatasync_per_s: await syncRate(500),
  };
}
