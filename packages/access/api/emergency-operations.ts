import { linkOf, type Operation, operation, present, slice } from '@safeguard/http';
import * as schemas from './grant-schemas.ts';
import { grantViews, useViews } from './grant-views.ts';
import type { AccessApiDeps } from './ports.ts';
import { requestViews } from './request-views.ts';

type Deps = Pick<AccessApiDeps, 'breakGlass' | 'people' | 'clock'>;

const path = '/access/break-glass';
const type = 'Grant';
const scope = 'safeguard/access';

/** 45 CFR 164.312(a)(2)(ii). It waits for no factor: whoever stands at the bed is signed in with two already. */
const open = (deps: Deps): Operation =>
  operation({
    method: 'POST',
    path,
    action: 'break-glass-open',
    type,
    scope,
    summary: "Opens one patient's record in an emergency, for an hour at most",
    description:
      'At once; the officers are told at once, and one of them looks at it within two working days. 202 with a ' +
      'request instead of a grant: an earlier use was not looked at in time, so somebody has to approve this one.',
    body: schemas.newEmergency,
    status: 201,
    also: 202,
    answer: schemas.emergencyOpened,
    problems: [409, 429],
    async handle({ principal, body, context }) {
      const { tenant } = principal;
      const patient = { type: 'Patient', id: body.patient };
      context.about?.([patient]);
      const opened = await deps.breakGlass.open(principal, present(body) as Parameters<typeof deps.breakGlass.open>[1]);
      const patients = [body.patient];
      if ('grant' in opened) {
        const [grant = null] = await grantViews(deps, tenant, [opened.grant]);
        const targets = [{ type, id: opened.grant.id }, patient];
        return { status: 201, body: { grant, request: null }, targets, patients };
      }
      const [request = null] = await requestViews(deps, tenant, [opened.request]);
      context.found?.({ reason: 'an approver is needed' });
      const targets = [{ type: 'AccessRequest', id: opened.request.id }, patient];
      return { status: 202, body: { grant: null, request }, targets, patients };
    },
  });

const list = (deps: Deps): Operation =>
  operation({
    method: 'GET',
    path,
    action: 'break-glass-list',
    type,
    scope,
    summary: 'Lists emergencies, newest first, 500 at most',
    query: schemas.usesQuery,
    status: 200,
    answer: schemas.usePage,
    async handle({ principal, query: { reviewed, ...query }, context }) {
      const uses = await deps.breakGlass.list(principal.tenant, present({ reviewed }));
      const page = slice(
        uses.map((use) => ({ id: use.grant.id, use })),
        query,
      );
      const items = await useViews(
        deps,
        principal.tenant,
        page.items.map(({ use }) => use),
      );
      return { status: 200, body: { items, next: page.next }, headers: linkOf(context, page) };
    },
  });

const review = (deps: Deps): Operation =>
  operation({
    method: 'POST',
    path: `${path}/:id/review`,
    params: { id: type },
    action: 'break-glass-review',
    type,
    scope,
    summary: 'Says whether an emergency was one; unjustified, it ends',
    body: schemas.newUseReview,
    status: 200,
    answer: schemas.emergencyUse,
    problems: [409],
    async handle({ principal, params: { id = '' }, body: { verdict, reason } }) {
      const use = await deps.breakGlass.review(principal, id, verdict, reason);
      const [body] = await useViews(deps, principal.tenant, [use]);
      const targets = [{ type: 'Account', id: use.grant.account }];
      return { status: 200, ...(body && { body }), targets };
    },
  });

export const emergencyOperations = (deps: Deps): Operation[] => [open(deps), list(deps), review(deps)];
