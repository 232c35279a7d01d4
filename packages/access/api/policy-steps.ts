import { type Asked, checkIfMatch, type Operation, operation } from '@safeguard/http';
import type { PolicyVersion } from '../policies/types.ts';
import { msOrNone } from './fields.ts';
import { byNumber, ofPolicy, placeOf, policyPath, versionOf } from './policy-operations.ts';
import * as schemas from './policy-schemas.ts';
import { policyTag, toldVersion } from './policy-views.ts';
import type { AccessApiDeps } from './ports.ts';

type Deps = Pick<AccessApiDeps, 'policies' | 'people'>;

const step = { ...ofPolicy, ...byNumber, method: 'POST', status: 200, problems: [409, 412] } as const;
const at = (what: string): string => `${policyPath}/:version/${what}`;

/** The version that a step is about. Fault `missing`, `stale`. */
async function about(deps: Deps, { principal, params, context }: Asked<unknown, unknown>): Promise<PolicyVersion> {
  const found = await versionOf(deps, principal, params['version'] ?? '');
  checkIfMatch(context, policyTag(found));
  return found;
}

const simulate = (deps: Deps): Operation =>
  operation({
    ...ofPolicy,
    ...byNumber,
    method: 'POST',
    path: at('simulation'),
    action: 'policy-simulate',
    summary: 'What this version would open and close, of real grants and a sample of real resources',
    status: 200,
    answer: schemas.simulation,
    async handle({ principal, params: { version = '' } }) {
      const found = await versionOf(deps, principal, version);
      return { status: 200, body: await deps.policies.simulate(principal.tenant, found.version) };
    },
  });

const submit = (deps: Deps): Operation =>
  operation({
    ...step,
    path: at('submission'),
    action: 'policy-submit',
    summary: 'Puts a draft before those who approve; its tests must hold',
    answer: schemas.policyVersion,
    async handle(asked) {
      const { version } = await about(deps, asked);
      return toldVersion(deps, await deps.policies.submit(asked.principal, version));
    },
  });

const decide = (deps: Deps): Operation =>
  operation({
    ...step,
    path: at('decision'),
    action: 'policy-decide',
    summary: 'Approves or rejects a version that somebody else wrote and submitted',
    description: 'An approval asks for a factor that was shown within the last 5 minutes; a rejection needs a reason.',
    body: schemas.policyDecision,
    answer: schemas.policyVersion,
    async handle(asked) {
      const { verdict, reason } = asked.body;
      if (verdict === 'approve') asked.fresh();
      const { version } = await about(deps, asked);
      return toldVersion(deps, await deps.policies.decide(asked.principal, version, verdict, reason));
    },
  });

const activate = (deps: Deps): Operation =>
  operation({
    ...step,
    path: at('activation'),
    action: 'policy-activate',
    dangerous: true,
    summary: 'Puts an approved version in force, at once or at a time',
    body: schemas.activation,
    answer: schemas.policyVersion,
    async handle(asked) {
      const { version } = await about(deps, asked);
      return toldVersion(deps, await deps.policies.activate(asked.principal, version, msOrNone(asked.body.at)));
    },
  });

const rollBack = (deps: Deps): Operation =>
  operation({
    ...step,
    path: at('roll-back'),
    action: 'policy-activate',
    name: 'policy-roll-back',
    dangerous: true,
    summary: 'Makes the text of an earlier version the newest',
    description:
      'What was in force just before, within the last day, is so again at once: its approval still stands. Anything ' +
      'else is submitted, for another to approve.',
    status: 201,
    answer: schemas.policyVersion,
    async handle(asked) {
      const { version } = await about(deps, asked);
      const made = await deps.policies.rollBack(asked.principal, version);
      const told = await toldVersion(deps, made, 201);
      return { ...told, headers: { ...told.headers, ...placeOf(asked.context, made) } };
    },
  });

const withdraw = (deps: Deps): Operation =>
  operation({
    ...step,
    path: at('withdrawal'),
    action: 'policy-withdraw',
    summary: 'Takes back a version that is not yet in force',
    answer: schemas.policyVersion,
    async handle(asked) {
      const { version } = await about(deps, asked);
      return toldVersion(deps, await deps.policies.withdraw(asked.principal, version));
    },
  });

export const policySteps = (deps: Deps): Operation[] => [
  simulate(deps),
  submit(deps),
  decide(deps),
  activate(deps),
  rollBack(deps),
  withdraw(deps),
];
