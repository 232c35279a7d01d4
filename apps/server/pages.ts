import { auditPages } from '@safeguard/audit';
import type { Principal, Route } from '@safeguard/http';
import { brandOf } from '@safeguard/identity';
import { isFault } from '@safeguard/kernel';
import { house as houseTenant, programmePages, trustPages } from '@safeguard/programme';
import { rightsPages } from '@safeguard/rights';
import type { House } from './server.ts';

/**
 * Names of the patients that somebody stands for. No request of its own: the page's entry names these patients, and
 * nothing of it leaves before the log has it.
 */
const namesOf =
  ({ records }: House) =>
  async (principal: Principal, patients: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const named = async (patient: string): Promise<(readonly [string, string])[]> => {
      try {
        const as = { ...principal, scopes: ['patient/*.rs'], patient };
        return (await records.patients.byIds(as, [patient])).map(({ id, name }) => [id, name] as const);
      } catch (error) {
        // Who may not see the name goes on with the number.
        if (isFault(error) && error.kind === 'forbidden') return [];
        throw error;
      }
    };
    return new Map((await Promise.all(patients.map(named))).flat());
  };

/** By the id of a grant, what its role is called. */
const rolesOf =
  ({ governance: { grants, policies } }: House) =>
  async (tenant: number, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const { policy } = await policies.active(tenant);
    const found = await Promise.all(ids.map((id) => grants.byId(tenant, id)));
    return new Map(
      found.flatMap((grant) =>
        grant === undefined ? [] : [[grant.id, policy.roles[grant.role]?.title ?? grant.role]],
      ),
    );
  };

/** Somebody who works here, by e-mail address. */
const workerByLogin =
  ({ identity }: House) =>
  async (tenant: number, login: string) => {
    const found = await identity.accounts.byLogin(tenant, login);
    return found?.kind === 'workforce' ? found : undefined;
  };

/** By ids, what people of a tenant are called. */
const peopleNames =
  ({ identity }: House) =>
  async (tenant: number, accounts: readonly string[]): Promise<ReadonlyMap<string, string>> =>
    new Map((await identity.people.byIds(tenant, accounts)).map(({ id, name }) => [id, name]));

/** What everybody may read (`/trust`): of the organization that runs the platform. */
function trustOf({ programme, reporting, identity, settings, clock }: House): Route[] {
  const { content, render, policies } = programme.api;
  return trustPages({
    ...{ clock, policies, postureAt: programme.postureAt, content: () => content },
    render: (text) => render(text),
    requestReport: (wanted, remote) => reporting.requests.ask({ ...wanted, remote }),
    downloadReport: (secret) => reporting.requests.download(secret),
    settings: { trust: settings.programme.trust, unmet: settings.programme.unmet },
    brand: () => brandOf(identity.tenants)(houseTenant),
  });
}

/**
 * The pages beside identity's: access (`/access`), a record (`/account/record`), patients' requests (`/rights`), the
 * compliance programme (`/programme`).
 */
export function pagesOf(house: House): Route[] {
  const { identity, governance, audit, access, clock } = house;
  const common = { guard: access.guard, frame: identity.frame, clock };
  const names = namesOf(house);
  return [
    ...governance.pages({
      ...common,
      byLogin: workerByLogin(house),
      accounts: true,
    }),
    ...auditPages({ ...common, audit, names, roles: rolesOf(house), objects: true }),
    ...rightsPages({ ...common, rights: house.rights, names }),
    ...programmePages({
      ...house.programme.api,
      ...common,
      names: peopleNames(house),
      byLogin: workerByLogin(house),
      inheritance: house.reporting.inheritance,
    }),
    ...trustOf(house),
  ];
}
