import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { rssOf } from '../generator/processes.ts';
import { type Launched, launch } from '../instance/launch.ts';
import { makeRoom, removeRoom } from '../instance/leftovers.ts';
import { atMost, type Row } from '../row.ts';

interface Starts {
  readonly first_ms: number;
  readonly later_ms: number;
  readonly idle_bytes: number;
}

/** Whatever happens in between, the server does not stay. */
async function during<T>(launched: Launched, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await launched.stop();
  }
}

async function startTwice({ tls, tiny }: Bench['options']): Promise<Starts> {
  const room = await makeRoom();
  const data = join(room, 'data');
  try {
    const first = await launch({ data, tls });
    const idle_bytes = await during(first, async () => {
      await sleep(tiny ? 0 : 5000);
      return rssOf(first.pid);
    });
    const later = await launch({ data, tls });
    await later.stop();
    return { first_ms: first.took_ms, later_ms: later.took_ms, idle_bytes };
  } finally {
    await removeRoom(room);
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** From the command to the ready file: on an empty directory, and again on the same; median of three directories. */
export async function start(bench: Bench): Promise<Row[]> {
  const all: Starts[] = [];
  for (let turn = 0; turn < (bench.options.tiny ? 1 : 3); turn += 1) {
    bench.say(`start: ${turn + 1}`);
    all.push(await startTwice(bench.options));
  }
  const first = median(all.map(({ first_ms }) => first_ms)) / 1000;
  const later = median(all.map(({ later_ms }) => later_ms)) / 1000;
  const idle = median(all.map(({ idle_bytes }) => idle_bytes)) / 1e6;
  const figures = [
    { what: 'first start to ready', value: first, unit: 's' },
    { what: 'later start to ready', value: later, unit: 's' },
    { what: 'RSS of the server, idle, 5 s after its first start', value: idle, unit: 'MB' },
  ];
  const bars = [
    atMost('first start', first, 15, 's'),
    atMost('later start', later, 3, 's'),
    atMost('RSS idle', idle, 250, 'MB'),
  ];
  return [
    { name: 'start', text: 'from the command to the ready file, median of three', unit: 'requests', figures, bars },
  ];
}
