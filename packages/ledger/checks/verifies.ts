import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, resultOf } from '@safeguard/kernel';
import type { LedgerCheckDeps } from './checks.ts';
import { nameOf, queryOf, type Standing, standingsOf } from './logs.ts';
import type { Onward, Reached } from './verifier-port.ts';

/** Work of one run; between two pages it rests as long as it worked, so that requests come first. */
const work_ms = 4_000;
const page = 500;
const hour_ms = 3_600_000;

/** What is known of one log, in memory only: a start of the server verifies everything anew. */
interface Known {
  readonly seen_at: number;
  /** The end of what was verified: from here the newest entries are. */
  tip: Reached | undefined;
  /** The round under way over the whole log. */
  round: { readonly begun_at: number; readonly reached: Reached | undefined } | undefined;
  /** When the last finished round began. */
  whole_at: number | undefined;
}

interface Run {
  readonly left: () => boolean;
  readonly enough: () => Promise<boolean>;
  read: number;
  readonly wrong: string[];
}

function newRun(signal: AbortSignal): Run {
  let [worked, since] = [0, performance.now()];
  const left = (): boolean => worked < work_ms && !signal.aborted;
  const enough = async (): Promise<boolean> => {
    const spent = performance.now() - since;
    worked += spent;
    await sleep(Math.min(spent, 100));
    since = performance.now();
    return !left();
  };
  return { left, enough, read: 0, wrong: [] };
}

const placeOf = ({ index, until }: { readonly index: number; readonly until?: number }): string =>
  until === undefined ? `entry ${index}` : `entries ${index} to ${until - 1}`;

function judge(run: Run, log: Standing, known: Known, { verdict, read }: Onward): boolean {
  run.read += read;
  if (verdict.bad === undefined) return true;
  const { what, reason } = verdict.bad;
  run.wrong.push(`${nameOf(log)}: ${placeOf(verdict.bad)} (${what}): ${reason}`);
  // Whoever repairs it wants the whole log looked at again.
  known.tip = undefined;
  known.round = undefined;
  return false;
}

function ageing(log: Standing, known: Known, at: number, hours: number): string[] {
  const since = known.whole_at ?? known.seen_at;
  return at - since > hours * hour_ms ? [`${nameOf(log)}: not verified as a whole for ${hours} hours`] : [];
}

/** 45 CFR 164.312(c)(2), 164.312(b): the log is what was written, by the independent verifier. */
export function verifies(deps: LedgerCheckDeps): Check {
  const all = new Map<string, Known>();
  const query = queryOf(deps.reader);
  const onward = (log: Standing, run: Run, from: Reached | undefined): Promise<Onward> =>
    deps.verifier.verifyOnward(query, log, { publicKeys: [deps.signer.publicKey], from, enough: run.enough, page });

  const news = async (log: Standing, known: Known, run: Run): Promise<void> => {
    if (known.tip === undefined || !run.left()) return;
    const found = await onward(log, run, known.tip);
    if (judge(run, log, known, found)) known.tip = found.reached;
  };
  const round = async (log: Standing, known: Known, run: Run, at: number): Promise<void> => {
    if (!run.left()) return;
    const { begun_at, reached } = known.round ?? { begun_at: at, reached: undefined };
    const found = await onward(log, run, reached);
    if (!judge(run, log, known, found)) return;
    known.round = found.ended ? undefined : { begun_at, reached: found.reached };
    if (!found.ended) return;
    known.tip = found.reached;
    known.whole_at = begun_at;
  };
  const knownOf = (log: Standing, at: number): Known => {
    const known = all.get(log.origin) ?? { seen_at: at, tip: undefined, round: undefined, whole_at: undefined };
    all.set(log.origin, known);
    return known;
  };

  return {
    id: 'ledger.verifies',
    title: 'The log is unaltered',
    query:
      'The independent verifier over all logs of all tenants: every entry that is new since the last ' +
      'run, then the whole ' +
      'of each log in rounds, as far as the time of a run reaches; the next run goes on.',
    every_s: 900,
    async run({ at, number, signal }) {
      const run = newRun(signal);
      const logs = (await standingsOf(deps.reader)).map((log) => ({ log, known: knownOf(log, at) }));
      for (const { log, known } of logs) await news(log, known, run);
      const turns = logs.toSorted((a, b) => (a.known.whole_at ?? 0) - (b.known.whole_at ?? 0));
      for (const { log, known } of turns) await round(log, known, run, at);
      const whole = logs.filter(({ known }) => known.whole_at === at).length;
      const hours = number('audit.verify_hours');
      const late = logs.flatMap(({ log, known }) => ageing(log, known, at, hours));
      const entries = logs.reduce((sum, { log }) => sum + log.head, 0);
      return resultOf({
        examined: run.read,
        wrong: [...run.wrong, ...late],
        met:
          `${run.read} entries verified; ${whole} of ${logs.length} logs as a whole in this run ` +
          `(${entries} entries stand in all), the others in rounds of at most ${hours} hours.`,
        unmet:
          'The log is not what was written, or was not verified in time: entries may have been altered or taken out.',
        todo: 'Run `safeguard ledger verify`; keep the database as it is, and compare with anchors and a backup.',
      });
    },
  };
}
