import type { Occasion, Principal } from '@safeguard/http';
import { openStanding } from '../../policy/sealed-standing.ts';
import type { StandingDeps } from '../../standing/deps.ts';
import { createStanding } from '../../standing/standing.ts';
import type { ClinicalFacts, OpenStanding } from '../../standing/types.ts';
import type { World } from '../grants/world.ts';

export const noFacts: Pick<ClinicalFacts, 'careTeam' | 'organizations' | 'consents'> = {
  careTeam: async () => [],
  organizations: async () => [],
  consents: async () => ({ version: 0, consents: [] }),
};

/** A replica on the same database, whose clock of ages a test turns by hand. */
export function createReplica(world: World, more: Partial<StandingDeps> = {}) {
  const age = { ms: 0 };
  const { deps } = world;
  const standing = createStanding({ ...deps, clinical: noFacts, ticks: () => age.ms, ...more });
  const occasion = (said: Partial<Occasion> = {}): Occasion => ({
    ...{ at: world.time.now, remote: '10.0.0.1', purpose: undefined, view: undefined },
    ...said,
  });
  return {
    ...{ standing, age, occasion },
    entitle: async (principal: Principal, said?: Partial<Occasion>): Promise<Principal> =>
      standing.entitle(principal, occasion(said)),
    async open(principal: Principal, said?: Partial<Occasion>): Promise<OpenStanding> {
      const found = openStanding(await standing.entitle(principal, occasion(said)));
      if (found === undefined) throw new Error('no standing');
      return found;
    },
    async roles(principal: Principal, said?: Partial<Occasion>): Promise<string[]> {
      return (await this.open(principal, said)).holdings.map(({ role }) => role);
    },
  };
}
