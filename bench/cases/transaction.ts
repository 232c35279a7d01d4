import { createRng } from '@safeguard/synthetic';
import { type Bench, compare, type Stand } from '../bench.ts';
import type { Ask } from '../generator/plan.ts';
import { atLeast, atMost, type Row } from '../row.ts';
import { patientTransaction } from './bodies.ts';
import { bundles } from './floors.ts';

const pool = 10;

interface Turn {
  readonly name: string;
  readonly connections: number;
  bars(measured: NonNullable<Row['measured']>): Row['bars'];
}

const turns: readonly Turn[] = [
  {
    name: 'transaction',
    connections: 4,
    bars: ({ units_per_s }) => [atLeast('transactions of 100, 4 connections', units_per_s, 2500, 'resources/s')],
  },
  {
    name: 'transaction-64',
    connections: 64,
    bars: ({ errors }) => [atMost(`transactions of 100, 64 connections on a pool of ${pool}`, errors, 0, 'errors')],
  },
];

async function runTurn(bench: Bench, stand: Stand, turn: Turn, asks: readonly Ask[]): Promise<Row> {
  const { name, connections } = turn;
  const load = { script: { name: 'in turn', asks }, connections } as const;
  const floorLoad = { script: bundles(asks), connections };
  const compared = await compare(bench, stand, name, load, floorLoad);
  const text = `a patient and its observations in one, ${connections} connections; floor: one INSERT of as many rows`;
  return { name, text, unit: 'resources', ...compared, figures: [], bars: turn.bars(compared.measured) };
}

/** Transactions of 100 at 4 connections; at 64 on a pool of 10, where second connections for entries would deadlock. */
export async function transaction(bench: Bench): Promise<Row[]> {
  return bench.on(
    'transaction',
    async (stand) => {
      const rng = createRng('transaction');
      const asks = Array.from({ length: 16 }, () => patientTransaction(rng, bench.options.tiny ? 10 : 100));
      for (const turn of turns) stand.rows.push(await runTurn(bench, stand, turn, asks));
    },
    { settings: { pools: { clinical: pool, identity: pool } } },
  );
}
