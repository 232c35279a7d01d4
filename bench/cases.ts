import type { Bench } from './bench.ts';
import { accessDecide } from './cases/access-decide.ts';
import { accessViewers } from './cases/access-viewers.ts';
import { clinic } from './cases/clinic.ts';
import { identityLookup } from './cases/identity-lookup.ts';
import { identitySignIn } from './cases/identity-sign-in.ts';
import { identityStorm } from './cases/identity-storm.ts';
import { identityToken } from './cases/identity-token.ts';
import { imports } from './cases/import.ts';
import { large } from './cases/large.ts';
import { load } from './cases/load.ts';
import { programmeChecks } from './cases/programme-checks.ts';
import { programmePosture } from './cases/programme-posture.ts';
import { programmeReport } from './cases/programme-report.ts';
import { rss } from './cases/rss.ts';
import { search } from './cases/search.ts';
import { start } from './cases/start.ts';
import { transaction } from './cases/transaction.ts';
import type { Row } from './row.ts';

/** Cases that share an instance stand in one group. */
export interface Group {
  readonly names: readonly string[];
  /** Runs those of its cases that are wanted. */
  run(bench: Bench, wanted: readonly string[]): Promise<Row[]>;
}

const alone = (name: string, run: (bench: Bench) => Promise<Row[]>): Group => ({ names: [name], run });

export const groups: readonly Group[] = [
  clinic,
  alone('transaction', transaction),
  alone('import', imports),
  alone('load', load),
  search,
  alone('large', large),
  alone('rss', rss),
  alone('start', start),
  alone('identity-token', identityToken),
  alone('identity-lookup', identityLookup),
  alone('identity-storm', identityStorm),
  alone('identity-sign-in', identitySignIn),
  alone('access-decide', accessDecide),
  alone('access-viewers', accessViewers),
  alone('programme-checks', programmeChecks),
  alone('programme-posture', programmePosture),
  alone('programme-report', programmeReport),
];

export const caseNames: readonly string[] = groups.flatMap(({ names }) => names);
