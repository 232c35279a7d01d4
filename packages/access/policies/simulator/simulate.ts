import { setImmediate } from 'node:timers/promises';
import { ruleQueries } from '../../answers/rule-queries.ts';
import { createJudge } from '../../decide.ts';
import { compilePolicy } from '../../policy/compile.ts';
import type { PolicyDeps } from '../deps.ts';
import { documentOf, momentOf } from '../find.ts';
import { runTests } from '../tests/run.ts';
import { createComparison, type Question } from './compare.ts';
import { holdersIn } from './holders.ts';
import type { SampleRow, Simulation } from './types.ts';

const rows_most = 200;

/** The rows of the sample, and for each type of which there is none the type itself. */
function questionsOf(types: ReadonlySet<string>, rows: readonly SampleRow[]): Question[] {
  const seen = new Set(rows.map(({ type }) => type));
  return [...rows, ...[...types].filter((type) => !seen.has(type)).map((type) => ({ type }))];
}

/**
 * What a version would open and close against the one in force: both are asked about the same people and the same
 * resources. Nothing is written, and nothing of a resource is shown but ids.
 */
export async function simulate(deps: PolicyDeps, tenant: number, version: number): Promise<Simulation> {
  const { vocabulary, clock, sample } = deps;
  const { policy, tests } = await documentOf(deps, tenant, version);
  const { active } = await momentOf(deps, tenant);
  const before = await documentOf(deps, tenant, active);
  const compiled = [
    compilePolicy(before.policy, active, vocabulary),
    compilePolicy(policy, version, vocabulary),
  ] as const;
  const queries = (type: string): string[] => compiled.flatMap((one) => ruleQueries(one, type));
  const rows = sample === undefined ? [] : (await sample(tenant, rows_most, queries)).slice(0, rows_most);
  const patients = [...new Set(rows.flatMap(({ row }) => row.patients))];
  const { holders, count, all } = await holdersIn(deps, tenant, patients);
  const { decide } = createJudge(vocabulary, 'on');
  const comparison = createComparison(decide, ...compiled, clock.now());
  const questions = questionsOf(vocabulary.types, rows);
  for (const holder of holders) {
    comparison.look(holder, questions);
    // Others are served between one person and the next.
    await setImmediate();
  }
  return {
    ...{ version, against: active, holders: { count, all }, resources: rows.length },
    changes: comparison.changes(),
    tests: runTests(policy, tests, vocabulary),
  };
}
