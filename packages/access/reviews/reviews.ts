import { fault } from '@safeguard/kernel';
import { checkWorkforce } from '../requests/person.ts';
import { close } from './close.ts';
import { decide } from './decide.ts';
import type { ReviewDeps } from './deps.ts';
import { createFind } from './find.ts';
import { remind } from './remind.ts';
import { configure, settingOf } from './settings.ts';
import { start, startDue } from './start.ts';
import type { Review, Reviews } from './types.ts';

/** Campaigns in which every grant is looked at again; what nobody keeps is over. */
export function createReviews(deps: ReviewDeps): Reviews {
  const find = createFind(deps);
  const written = async (tenant: number, id: string): Promise<Review> => {
    const found = await find.byId(tenant, id);
    if (found === undefined) throw fault('internal', 'A review that was just written is not there.');
    return found;
  };
  /** What fails here is tried again by the next call; the other tenants do not wait for it. */
  async function tried<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      deps.log.warn('reviews of a tenant could not be looked after', { error });
      return undefined;
    }
  }
  return {
    ...find,
    async start(by) {
      checkWorkforce(by);
      return written(by.tenant, await start(deps, by.tenant, by.id));
    },
    decide: (by, review, verdict) => decide(deps, by, review, verdict),
    async close(by, review) {
      await close(deps, by, review);
      return written(by.tenant, review);
    },
    setting: (tenant) => settingOf(deps.segment, tenant, deps.limits),
    async configure(by, setting) {
      checkWorkforce(by);
      return configure(deps.segment, by.tenant, setting);
    },
    async due() {
      let count = 0;
      for (const tenant of (await tried(deps.people.tenants())) ?? []) {
        if ((await tried(startDue(deps, tenant))) === true) count += 1;
        await tried(remind(deps, tenant));
      }
      return count;
    },
  };
}
