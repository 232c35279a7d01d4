import type { Principal } from '@safeguard/http';
import { type Clock, isUuid } from '@safeguard/kernel';
import type { Access } from '../access.ts';
import type { Explained, ExplainPort, Question } from '../api/answers.ts';
import { seesAll } from '../api/reach.ts';
import type { ActivePolicy } from '../grants/deps.ts';
import type { Grants, Requests } from '../grants/types.ts';
import type { PeoplePort } from '../people-port.ts';
import type { Explanation, RuleTrace } from '../policy/explain.ts';
import type { RowFacts } from '../policy/row.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import type { Standings } from '../standing/standing.ts';
import { askerOf } from './asker.ts';
import type { Questions } from './ports.ts';
import { ruleQueries } from './rule-queries.ts';

export interface ExplainDeps {
  readonly access: Pick<Access, 'decide' | 'explain'>;
  readonly standings: Pick<Standings, 'entitle'>;
  readonly policies: ActivePolicy;
  readonly people: Pick<PeoplePort, 'byId' | 'clients'>;
  readonly grants: Pick<Grants, 'byId'>;
  readonly requests: Pick<Requests, 'byId'>;
  readonly questions: Pick<Questions, 'rowFacts'>;
  readonly clock: Clock;
}

/** Undefined: there is no such resource; false: the question is about no resource. */
async function rowOf(deps: ExplainDeps, { tenant, by, type, id }: Question): Promise<RowFacts | undefined | false> {
  if (id === undefined) return false;
  if (!isUuid(id)) return undefined;
  const policy = openStanding(by)?.policy ?? (await deps.policies.active(tenant));
  return deps.questions.rowFacts(tenant, type, id, { each: true, queries: (of) => ruleQueries(policy, of) });
}

/** Who approved the request that a grant came of. */
async function approversOf({ grants, requests }: ExplainDeps, tenant: number, grant: string): Promise<string[]> {
  const request = (await grants.byId(tenant, grant))?.request;
  const decisions = request === undefined ? [] : ((await requests.byId(tenant, request))?.decisions ?? []);
  return decisions.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by);
}

const decidedBy = ({ decision, rules }: Explanation): RuleTrace | undefined =>
  rules.find(
    ({ rule, through, failed }) =>
      rule === decision.rule && through !== undefined && through.grant === decision.grant && failed === undefined,
  );

async function told(deps: ExplainDeps, tenant: number, explanation: Explanation): Promise<Explained> {
  const { decision, rules, until } = explanation;
  const { permit, reason, rule, grant, view, consent } = decision;
  const by = decidedBy(explanation);
  const role = by?.through?.kind === 'role' ? by.through.name : undefined;
  return {
    ...{ permit, reason, rules },
    ...(rule === undefined ? {} : { rule }),
    ...(by === undefined ? {} : { why: by.why }),
    ...(role === undefined ? {} : { role }),
    ...(grant === undefined ? {} : { grant, granted_by: await approversOf(deps, tenant, grant) }),
    ...(until === undefined ? {} : { until }),
    ...(view === undefined ? {} : { view }),
    ...(consent === undefined ? {} : { consent }),
  };
}

const inactive: Explained = { permit: false, reason: 'the account is not active', rules: [] };

/** Who may not look at it is told no more of it than that there is nothing: neither its labels nor whose consents. */
const isClosedTo = ({ access }: ExplainDeps, asker: Principal, row: RowFacts): boolean =>
  !access.decide(asker, 'read', { type: row.type, row }).permit;

/** May somebody do this, by which rule, granted by whom, until when: see README.md. */
export function createExplain(deps: ExplainDeps): ExplainPort {
  return async (question) => {
    const { tenant, by, action, type } = question;
    const row = await rowOf(deps, question);
    const patients = row ? row.patients : undefined;
    const asker = await askerOf(deps, question, patients, deps.clock.now());
    if (row === undefined || asker === undefined) return undefined;
    const about = patients === undefined ? {} : { patients };
    if (asker === 'inactive') return { ...inactive, ...about };
    const { principal, assumed } = asker;
    if (row && !seesAll(by) && isClosedTo(deps, principal, row)) return undefined;
    const explanation = deps.access.explain(principal, action, row ? { type, row } : { type });
    return { ...(await told(deps, tenant, explanation)), assumed, ...about };
  };
}
