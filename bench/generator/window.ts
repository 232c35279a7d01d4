import type { Ask, Plan, Report } from './plan.ts';
import { cpuOf, cpuOfPostgres, rssOf } from './processes.ts';

const most_told = 5;
const most_created = 100_000;

interface Mark {
  readonly at_us: number;
  readonly server: number;
  readonly postgres: number;
  readonly generator: number;
}

const monotonic_us = (): number => Number(process.hrtime.bigint() / 1000n);

function mark({ server, postmaster }: Plan['watch']): Mark {
  const { user, system } = process.cpuUsage();
  const generator = (user + system) / 1000;
  return { at_us: monotonic_us(), server: cpuOf(server), postgres: cpuOfPostgres(postmaster), generator };
}

/** What is counted between `begin` and `end`; errors and created ids count always. */
export interface Window {
  begin(): void;
  end(): void;
  done(ask: Ask, took_ms: number, status: number): void;
  created(id: string): void;
  kept(text: string): void;
  wrong(text: string): void;
  report(): Report;
}

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Opens the books of one run. */
export function openWindow(watch: Plan['watch']): Window {
  const took: number[] = [];
  const told: string[] = [];
  const created: string[] = [];
  const kept: string[] = [];
  const statuses: Record<string, number> = {};
  let [units, errors, rss] = [0, 0, 0];
  let [from, to]: (Mark | undefined)[] = [];
  let sampler: NodeJS.Timeout | undefined;
  const sample = (): void => {
    rss = Math.max(rss, rssOf(watch.server));
  };
  return {
    begin: () => {
      sample();
      sampler = setInterval(sample, 100);
      from = mark(watch);
    },
    end: () => {
      to = mark(watch);
      clearInterval(sampler);
      sample();
    },
    done: (ask, took_ms, status) => {
      if (from === undefined || to !== undefined) return;
      took.push(took_ms);
      statuses[status] = (statuses[status] ?? 0) + 1;
      units += ask.units;
    },
    created: (id) => {
      if (created.length < most_created) created.push(id);
    },
    kept: (text) => void kept.push(text),
    wrong: (text) => {
      errors += 1;
      if (told.length < most_told) told.push(text);
    },
    report: () => {
      if (from === undefined || to === undefined) throw new Error('nothing was measured');
      return { ...figures(took, units, from, to), rss_peak_bytes: rss, errors, told, created, kept, statuses };
    },
  };
}

function figures(took: readonly number[], units: number, from: Mark, to: Mark) {
  const sorted = Float64Array.from(took).sort();
  const seconds = (to.at_us - from.at_us) / 1e6;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(sorted, share)) as [number, number, number];
  return {
    requests: took.length,
    units,
    seconds,
    requests_per_s: took.length / seconds,
    units_per_s: units / seconds,
    latency_ms: { p50, p95, p99, max: sorted.at(-1) ?? 0 },
    cpu_ms: {
      server: to.server - from.server,
      postgres: to.postgres - from.postgres,
      generator: to.generator - from.generator,
    },
    window_us: [from.at_us, to.at_us] as const,
  };
}
