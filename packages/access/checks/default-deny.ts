import { anonymous, type Principal } from '@safeguard/http';
import { type Check, newId, type Probe, resultOf } from '@safeguard/kernel';
import { systemInteractions } from '../interactions.ts';
import { permissionInteractions } from '../permissions.ts';
import { administratorActions, operatorActions, roleActions, selfActions, workforceActions } from '../product.ts';
import { type AccessCheckDeps, hour_s } from './deps.ts';
import { actionOf, eachLetter, madeUp } from './drill.ts';

/** Tenants whose policies are asked in one run. */
const tenants_most = 20;

interface Nobody {
  readonly who: string;
  readonly principal: Principal;
  /** True: of the workforce, who may do what everybody at work may. */
  readonly works?: true;
}

const nobodies = (tenant: number, at: number): readonly Nobody[] => [
  { who: 'a person of the workforce who holds nothing', principal: madeUp('user', at, { tenant }), works: true },
  {
    who: 'an administrator who showed one factor',
    principal: madeUp('user', at, { tenant, roles: ['administrator'], assurance: { level: 1, at, methods: ['pwd'] } }),
  },
  { who: 'a client without scopes', principal: madeUp('client', at, { tenant, scopes: [] }) },
  { who: 'a client of the platform itself', principal: madeUp('client', at, { tenant: 0 }) },
  { who: 'somebody unknown', principal: anonymous },
];

interface Asked {
  readonly action: string;
  readonly type?: string;
  readonly id?: string;
}

function healthData(types: ReadonlySet<string>): Asked[] {
  const each = [...types].flatMap((type) => eachLetter.map((letter) => ({ action: actionOf[letter], type })));
  const special = [...permissionInteractions.keys()].map((action) => ({ action, type: 'Patient' }));
  return [...each, ...special, ...[...systemInteractions.keys()].map((action) => ({ action }))];
}

/** Operators and a tenant's people do some things alike; whoever may among the latter, the other tables say. */
const isAlsoTheirs = (action: string): boolean =>
  [administratorActions, roleActions, workforceActions].some((table) => table.has(action));

/** Every action of the tables, on every type that it works on. */
function product(works: boolean): Asked[] {
  const offices = [...roleActions].filter(([, { roles }]) => !works || roles !== undefined);
  const tables = [...administratorActions, ...offices, ...(works ? [] : workforceActions)];
  return [
    ...tables.flatMap(([action, { types }]) => types.map((type) => ({ action, type }))),
    ...[...operatorActions].filter(([action]) => !isAlsoTheirs(action)).map(([action, type]) => ({ action, type })),
    // Another person's account.
    ...[...selfActions].map((action) => ({ action, type: 'Account', id: newId() })),
  ];
}

/** Management with a client that may do everything in the health data API, and nothing beside it. */
const managing = ['/api/v1/accounts', '/api/v1/clients', '/api/v1/access/grants', '/api/v1/access/policies'];

async function probed(probe: Probe): Promise<string[]> {
  const answers = await Promise.all(managing.map((path) => probe.ask({ path, as: 'first' })));
  return answers.flatMap(({ status }, index) =>
    status === 403 ? [] : [`GET ${managing[index]} by a client for health data: answered ${status}, not 403`],
  );
}

export const defaultDeny = ({ probe, access, types, governance, people }: AccessCheckDeps): Check => ({
  id: 'access.default-deny',
  title: 'What nobody granted is refused',
  query:
    'Asks the decision of the running server for people and clients who hold nothing: every FHIR type ' +
    'by every letter, ' +
    `and every action of the product, under the policies of ${tenants_most} tenants; and asks the server itself for ` +
    'what a client for health data may not manage.',
  every_s: hour_s,
  async run({ at, signal }) {
    const occasion = { at, remote: '127.0.0.1', purpose: undefined, view: undefined };
    const wrong = new Set<string>(await probed(probe));
    let examined = managing.length;
    for (const tenant of (await people.tenants()).slice(0, tenants_most)) {
      for (const { who, principal, works = false } of nobodies(tenant, at)) {
        signal.throwIfAborted();
        const asking = await governance.entitle(principal, occasion);
        const asked = [...healthData(types), ...product(works)];
        examined += asked.length;
        for (const { action, ...target } of asked) {
          const { permit, rule = 'no rule' } = access.decide(asking, action, target);
          if (permit) wrong.add(`tenant ${tenant}: ${who} may ${action} ${target.type ?? 'everything'} (${rule})`);
        }
      }
    }
    return resultOf({
      examined,
      wrong: [...wrong],
      met: `${examined} requests by people and clients who hold nothing were refused.`,
      unmet: 'something is permitted to those who were granted nothing.',
      todo:
        'Take back the rule that is named, or the change that let it through: what no grant permits ' +
        'must be refused.',
    });
  },
});
