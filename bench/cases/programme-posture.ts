import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, systemClock } from '@safeguard/kernel';
import {
  createLedger,
  ed25519Signer,
  type Ledger,
  type LedgerSigner,
  migrations as ledgerMigrations,
} from '@safeguard/ledger';
import {
  checkIds,
  createEvidence,
  createPosture,
  type Evidence,
  migrations,
  programmeDirectory,
  readContent,
} from '@safeguard/programme';
import { createSeal, fileProvider, type Seal, migrations as sealMigrations } from '@safeguard/seal';
import { type TestStore, testStore } from '@safeguard/store';
import type { Bench } from '../bench.ts';
import { atMost, type Figure, type Row } from '../row.ts';
import { sequence } from './access-world.ts';

export const signer = 'bench.example';
const every_s = 3600;
const batch = 500;

/** An evidence of usual length. */
const evidenceOf = (check: string, at: number): Evidence => ({
  ...{ kind: 'evidence', id: newId(), check, at, from: at, until: at, result: 'met', examined: 120 },
  ...{ saw: 'Everything that was examined behaved as required.', how: 'performed', why: 'schedule', took_ms: 40 },
  query: 'Asks the running platform over its own address without credentials, for each resource type, and wants 401.',
  code: { version: '0.1.0', digest: 'd'.repeat(64), programme: 'p'.repeat(64) },
});

export interface House {
  readonly store: TestStore;
  readonly seal: Seal;
  readonly key: LedgerSigner;
  /** Two, each with a log of its own, as of two servers. */
  readonly ledgers: readonly [Ledger, Ledger];
  close(): Promise<void>;
}

/** A real PostgreSQL (fsync off: nothing that is measured writes), a real seal, two real ledgers. */
export async function openHouse(): Promise<House> {
  const store = await testStore([...sealMigrations, ...ledgerMigrations, ...migrations], { ledger: 12 });
  const home = await mkdtemp(join(tmpdir(), 'safeguard-bench-'));
  const [identity, clinical, ledger] = [store.segment('identity'), store.segment('clinical'), store.segment('ledger')];
  const provider = await fileProvider({ directory: join(home, 'root') });
  const seal = createSeal({ provider, segments: { identity, clinical, ledger }, clock: systemClock });
  const key = ed25519Signer(signer, generateKeyPairSync('ed25519').privateKey);
  const log = { info() {}, warn() {}, error() {} };
  const open = (): Promise<Ledger> =>
    createLedger({
      ...{ segment: ledger, vault: (of: number) => seal.vault('ledger', of), clock: systemClock, signer: key },
      ...{ anchors: join(home, 'anchors'), checkpoint_interval_ms: 60_000, log },
    });
  const ledgers = [await open(), await open()] as const;
  return {
    ...{ store, ledgers, seal, key },
    close: async () => {
      await Promise.all(ledgers.map((one) => one.close()));
      seal.close();
      await store.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

const addRows = `insert into programme.evidence (id, check_id, at, shard, index)
  select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::bigint[])`;

/** Fills both logs in turns, as the runner would, but in batches; the rows too. */
export async function fill({ store, ledgers }: House, count: number, start: number, step_ms: number): Promise<void> {
  const ids = [...checkIds];
  for (let from = 0; from < count; from += batch) {
    const ledger = ledgers[(from / batch) % 2] as Ledger;
    const some = Array.from({ length: batch }, (_, n) =>
      evidenceOf(ids[(from + n) % ids.length] ?? '', start + (from + n) * step_ms),
    );
    const { first } = await ledger.append(0, some);
    await store.sql('identity', addRows, [
      ...[some.map(({ id }) => id), some.map(({ check }) => check), some.map(({ at }) => at)],
      ...[some.map(() => ledger.shard()), some.map((_, n) => first + n)],
    ]);
  }
  await store.sql('identity', 'analyze programme.evidence');
  await store.sql('ledger', 'analyze ledger.entries');
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

async function timesOf(rounds: number, work: (round: number) => Promise<void>): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await work(round);
    took.push(performance.now() - began);
  }
  return took.sort((one, other) => one - other);
}

const floorStatement = {
  name: 'bench.newest',
  text: `select e.id, e.at, e.shard, e.index from programme.evidence e where e.check_id = $1 and e.at <= $2
         order by e.at desc, e.id desc limit 1`,
};

/** The state of every control of the shipped programme at moments of the past; each evidence held against the log. */
export async function programmePosture({ options, say }: Bench): Promise<Row[]> {
  const [count, rounds] = options.tiny ? [2_000, 5] : [100_000, 100];
  const house = await openHouse();
  try {
    const step_ms = Math.floor((every_s * 1000) / checkIds.size);
    const start = Date.now() - count * step_ms;
    say(`programme-posture: ${count} evidence entries of ${checkIds.size} checks`);
    await fill(house, count, start, step_ms);
    const content = await readContent(programmeDirectory, { checks: checkIds });
    const segment = house.store.segment('identity');
    const posture = createPosture({
      content,
      checks: new Map([...checkIds].map((id) => [id, { id, title: id, every_s }])),
      evidence: createEvidence({ ledger: house.ledgers[0], signer, segment, clock: systemClock }),
      decisionsAt: async () => new Map(),
      waiversAt: async () => new Map(),
      publishedAt: async () => new Set(),
    });
    const next = sequence(7);
    const moment = (): number => start + (checkIds.size + next(count - checkIds.size)) * step_ms;
    const ids = [...checkIds];
    const select = () =>
      timesOf(rounds, async () => {
        await segment.query(0, floorStatement, [ids[next(ids.length)], moment()]);
      });
    const before = await select();
    const took = await timesOf(rounds, async () => {
      const { counts, forged } = await posture.at(moment());
      if (counts.met === 0 || forged.length > 0) throw new Error('a posture without its evidence measures nothing');
    });
    const after = await select();
    const floor = (quantile(before, 0.5) + quantile(after, 0.5)) / 2;
    const p99 = quantile(took, 0.99);
    const figures: Figure[] = [
      { what: 'posture at a past moment, p50', value: quantile(took, 0.5), unit: 'ms' },
      { what: 'the same, p99', value: p99, unit: 'ms' },
      { what: 'floor: one SELECT of one row by the index, p50', value: floor, unit: 'ms' },
      { what: 'ratio of the floor to it', value: floor / quantile(took, 0.5), unit: '' },
    ];
    const text = `${content.controls.size} controls by ${checkIds.size} of ${count} evidence entries, in two logs`;
    const bars = [atMost('posture at a past moment, p99', p99, 200, 'ms')];
    return [{ name: 'programme-posture', text, unit: 'requests', figures, bars }];
  } finally {
    await house.close();
  }
}
