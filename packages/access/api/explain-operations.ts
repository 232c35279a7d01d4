import { type Operation, operation, present, type Target } from '@safeguard/http';
import type { z } from 'zod';
import * as schemas from './answer-schemas.ts';
import type { Explained, ExplainPort, Question } from './answers.ts';
import { isoOr } from './fields.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';
import { checkSeesAll, noSuch } from './reach.ts';

const view = (of: Explained, nameOf: NameOf): z.output<typeof schemas.explanation> => ({
  permit: of.permit,
  reason: of.reason,
  rule: of.rule ?? null,
  why: of.why ?? null,
  role: of.role ?? null,
  grant: of.grant ?? null,
  granted_by: (of.granted_by ?? []).map(nameOf),
  until: isoOr(of.until),
  view: of.view ?? null,
  consent: of.consent ?? null,
  rules: of.rules.map(({ rule, effect, why, through, failed }) => ({
    rule,
    effect,
    why,
    through:
      through === undefined ? null : { kind: through.kind, name: through.name ?? null, grant: through.grant ?? null },
    failed: failed ?? null,
  })),
  assumed: [...(of.assumed ?? [])],
});

/** Whom it is about, and what: also where the answer is that there is none. */
const targetsOf = ({ account, client, type, id }: Question): Target[] => [
  ...(account === undefined ? [] : [{ type: 'Account', id: account }]),
  ...(client === undefined ? [] : [{ type: 'Client', id: client }]),
  ...(id === undefined ? [] : [{ type, id }]),
];

export const explainOperations = (deps: Pick<AccessApiDeps, 'people'>, explain: ExplainPort): Operation[] => [
  operation({
    method: 'POST',
    path: '/access/explanations',
    action: 'access-explain',
    type: 'Explanation',
    scope: 'safeguard/access',
    summary: 'Says whether somebody may, by which rule, granted by whom, until when',
    body: schemas.question,
    status: 200,
    answer: schemas.explanation,
    problems: [404],
    async handle({ principal, body, context }) {
      const { tenant, id } = principal;
      const self = principal.kind === 'client' ? { client: id } : { account: id };
      const whose = body.account === undefined && body.client === undefined ? self : {};
      const question = { tenant, by: principal, ...present(body), ...whose } as Question;
      const targets = targetsOf(question);
      context.about?.(targets);
      if (question.account !== id && question.client !== id) checkSeesAll(principal);
      const found = await explain(question);
      if (found === undefined) throw noSuch();
      const nameOf = await namesOf(deps, tenant, found.granted_by ?? []);
      return { status: 200, body: view(found, nameOf), targets, patients: found.patients ?? [] };
    },
  }),
];
