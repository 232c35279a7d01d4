import { resourceTypes } from '@safeguard/fhir';
import type { CheckContext, CheckResult, Probe } from '@safeguard/kernel';
import { createAccess } from '../../access.ts';
import { createBreakGlass } from '../../break-glass/break-glass.ts';
import { accessChecks } from '../../checks/checks.ts';
import type { AccessCheckDeps } from '../../checks/deps.ts';
import { createGrants } from '../../grants/grants.ts';
import { createRequests } from '../../requests/requests.ts';
import { createReviews } from '../../reviews/reviews.ts';
import type { StandingDeps } from '../../standing/deps.ts';
import { createStanding } from '../../standing/standing.ts';
import { day_ms, why } from '../grants/world.ts';
import { startPolicies } from '../policies/world.ts';
import { noFacts } from '../standing/world.ts';

const parameters: Readonly<Record<string, number>> = {
  'access.grant_longest_days': 365,
  'access.elevation_longest_hours': 8,
  'access.break_glass_minutes': 60,
  'access.break_glass_review_working_days': 2,
  'access.review_days': 90,
  'access.review_answer_days': 14,
};

/** What a client for health data is answered by the management API. */
const refusing = (status: number): Probe => ({
  url: 'https://test',
  tenants: async () => [901, 902],
  ask: async () => ({ status, headers: {}, text: '{}', id: '' }),
  entryOf: async () => undefined,
  canary: () => '',
});

/** Grants, requests, reviews and policies as they run, on a real PostgreSQL, under the policy of the house. */
export async function openHouse() {
  const world = await startPolicies();
  const { deps: given, policies, people, time } = world;
  const deps = { ...given, policies, vocabulary: world.policyDeps.vocabulary };
  const types: ReadonlySet<string> = new Set(resourceTypes);
  const access = createAccess({ types, policies: 'on' });
  const standings: { close(): Promise<void> }[] = [];

  const platform = (more: Partial<AccessCheckDeps> = {}, standingDeps: Partial<StandingDeps> = {}) => {
    const standing = createStanding({ ...deps, clinical: noFacts, ...standingDeps });
    standings.push(standing);
    const made: AccessCheckDeps = {
      ...{ probe: refusing(403), segment: deps.segment, clock: deps.clock, access, types, people: people.port },
      governance: { entitle: standing.entitle, policies },
      hasRecords: async (tenant) => tenant === 1,
      ...more,
    };
    const checks = new Map(accessChecks(made).map((one) => [one.id, one]));
    return {
      ids: [...checks.keys()],
      run(id: string, context: Partial<CheckContext> = {}): Promise<CheckResult> {
        const check = checks.get(id);
        if (check === undefined) throw new Error(`no check ${id}`);
        const number = (name: string): number => parameters[name] ?? Number.NaN;
        return check.run({ at: time.now, number, signal: new AbortController().signal, ...context });
      },
    };
  };

  const requests = createRequests(deps);
  const [ann, ben] = [0, 1].map(() => people.add({ roles: ['administrator'] })) as [string, string];
  const person = world.person;
  return {
    ...world,
    ...{ access, platform, ann, ben, types, refusing },
    grants: createGrants(deps),
    breakGlass: createBreakGlass(deps),
    reviews: createReviews(deps as never),
    /** Somebody who holds a role because another approved it. */
    async holding(role: string, days = 300) {
      const account = people.add();
      const until = time.now + days * day_ms;
      const asked = await requests.ask(person(account), { account, role, reason: why, until });
      const { grant } = await requests.decide(person(ann), asked.id, 'approve');
      return { account, grant: grant ?? '' };
    },
    /** Past the triggers that hold the same a second time, as whoever owns the database could. */
    force: (text: string) => world.sql(`set session_replication_role = replica; ${text}`),
    async close() {
      for (const one of standings) await one.close();
      await world.close();
    },
  };
}
