import {
  apiPrefix,
  checkIfMatch,
  etagOf,
  type Guard,
  linkOf,
  type Operation,
  operation,
  pageQuery,
  slice,
} from '@safeguard/http';
import * as common from '../api/schemas.ts';
import { actorOf, createReach, deciderOf, mayReview, personOf } from './reach.ts';
import * as schemas from './schemas.ts';
import type { Application, Registration } from './types.ts';
import { applicationView, historyView, proofsView } from './views.ts';

export interface OperationDeps {
  readonly registration: Pick<Registration, 'applications' | 'invitations'>;
  readonly guard: Guard;
}

const type = 'Application';
const params = { id: type };
/** A picture of 64 KiB in base64, and the rest. */
const limit_bytes = 131_072;

const shown = (of: Application) => {
  const body = applicationView(of);
  return { status: 200 as const, body, headers: { ETag: etagOf(body) } };
};

const reading = ({ registration: { applications }, guard }: OperationDeps): Operation[] => {
  const reach = createReach(guard, applications);
  const asked = { method: 'GET', type, params, action: 'application-read', status: 200 } as const;
  return [
    operation({
      method: 'GET',
      path: '/applications',
      action: 'application-list',
      type,
      summary: 'Lists one’s own applications; for who may review, all of them',
      query: pageQuery,
      status: 200,
      answer: schemas.applicationPage,
      async handle({ principal, query, context }) {
        const own = mayReview(guard, principal) ? undefined : principal.id;
        const page = slice(await applications.list(principal.tenant, own), query);
        const body = { items: page.items.map(applicationView), next: page.next };
        return { status: 200, body, headers: linkOf(context, page) };
      },
    }),
    operation({
      ...asked,
      path: '/applications/:id',
      summary: 'Reads an application: what is asked, and what is in force',
      answer: schemas.application,
      handle: async ({ principal, params: { id = '' } }) => shown(await reach.seen(principal, id)),
    }),
    operation({
      ...asked,
      path: '/applications/:id/history',
      action: 'application-history',
      summary: 'Who asked, who decided, why and when',
      answer: schemas.applicationHistory,
      async handle({ principal, params: { id = '' } }) {
        await reach.seen(principal, id);
        return { status: 200, body: historyView(await applications.history(principal.tenant, id)) };
      },
    }),
    operation({
      ...asked,
      path: '/applications/:id/proofs',
      action: 'application-proofs',
      summary: 'The secrets and keys that count, and when each last proved the application',
      answer: schemas.proofs,
      async handle({ principal: { tenant }, principal, params: { id = '' } }) {
        await reach.seen(principal, id);
        const found = await Promise.all([applications.keys(tenant, id), applications.secrets(tenant, id)]);
        return { status: 200, body: proofsView(...found) };
      },
    }),
  ];
};

const asking = ({ registration: { applications }, guard }: OperationDeps): Operation[] => {
  const reach = createReach(guard, applications);
  const step = { method: 'POST', type, params, status: 200, answer: schemas.application, problems: [409] } as const;
  return [
    operation({
      method: 'POST',
      path: '/applications',
      action: 'application-create',
      type,
      summary: 'Drafts an application; it is good for nothing before it is approved',
      body: schemas.newApplication,
      limit_bytes,
      status: 201,
      answer: schemas.application,
      problems: [409],
      async handle({ principal, body, context }) {
        const made = await applications.create(personOf(principal), body);
        const headers = { Location: `${context.base}${apiPrefix}/applications/${made.id}` };
        return { ...shown(made), status: 201, headers, targets: [{ type, id: made.id }] };
      },
    }),
    operation({
      ...step,
      method: 'PATCH',
      path: '/applications/:id',
      action: 'application-change',
      summary: 'Changes one’s own application',
      description:
        'Of one in force: what only narrows holds at once; anything else waits, and the one before works on.',
      body: schemas.applicationChanges,
      limit_bytes,
      problems: [409, 412],
      async handle({ principal, params: { id = '' }, body, context }) {
        const before = await reach.own(principal, id);
        checkIfMatch(context, etagOf(applicationView(before)));
        return shown(await applications.change(personOf(principal), id, body, before.version));
      },
    }),
    ...(['submit', 'withdraw'] as const).map((verb) =>
      operation({
        ...step,
        path: `/applications/:id/${verb}`,
        action: `application-${verb}`,
        summary: verb === 'submit' ? 'Asks for a decision' : 'Takes back what waits',
        async handle({ principal, params: { id = '' } }) {
          await reach.own(principal, id);
          return shown(await applications[verb](personOf(principal), id));
        },
      }),
    ),
  ];
};

const deciding = ({ registration: { applications }, guard }: OperationDeps): Operation[] => {
  const reach = createReach(guard, applications);
  const step = { method: 'POST', type, params, status: 200, answer: schemas.application } as const;
  return [
    operation({
      ...step,
      path: '/applications/:id/decision',
      action: 'application-decide',
      summary: 'Approves, with the scopes that are granted, or refuses',
      description: 'By a person at our own pages who neither asked for it nor wrote any of it.',
      dangerous: true,
      body: schemas.decision,
      problems: [409, 412],
      async handle({ principal, params: { id = '' }, body }) {
        const actor = deciderOf(principal);
        const { decision, ...rest } = body;
        if (decision === 'approve') return shown(await applications.decide(actor, id, { ...rest, approve: true }));
        const { version, reason } = body;
        return shown(await applications.decide(actor, id, { version, reason, approve: false }));
      },
    }),
    operation({
      ...step,
      path: '/applications/:id/revoke',
      action: 'application-revoke',
      summary: 'Ends the application and its tokens, at once and for good: one’s own, or anybody’s for who may review',
      body: schemas.revocation,
      async handle({ principal, params: { id = '' }, body: { reason } }) {
        await reach.seen(principal, id);
        return shown(await applications.revoke(actorOf(principal), id, reason));
      },
    }),
  ];
};

const rotating = ({ registration: { applications }, guard }: OperationDeps): Operation[] => {
  const reach = createReach(guard, applications);
  const step = { method: 'POST', type, params, action: 'application-rotate', status: 200, dangerous: true } as const;
  return [
    operation({
      ...step,
      path: '/applications/:id/rotate-secret',
      summary: 'Gives it a secret, or a new one; the one before stays valid for a while',
      description: 'The secret is shown once and kept as a hash.',
      body: common.rotation,
      answer: common.credentials,
      problems: [409],
      async handle({ principal, params: { id = '' }, body: { overlap_s } }) {
        await reach.own(principal, id);
        const { client_id, client_secret } = await applications.rotateSecret(principal.tenant, id, overlap_s);
        return { status: 200, body: { client_id, client_secret } };
      },
    }),
    operation({
      ...step,
      path: '/applications/:id/rotate-key',
      action: 'application-rotate-key',
      summary: 'Gives it a new public key; the one before stays valid for a while',
      body: schemas.keyRotation,
      answer: schemas.proofs,
      problems: [409],
      async handle({ principal, params: { id = '' }, body: { jwk, overlap_s } }) {
        await reach.own(principal, id);
        const keys = await applications.rotateKey(principal.tenant, id, jwk, overlap_s);
        return { status: 200, body: proofsView(keys, []) };
      },
    }),
  ];
};

/** Applications over `/api/v1`: for whoever writes software, and for who decides what it may do. */
export const applicationOperations = (deps: OperationDeps): Operation[] => [
  ...reading(deps),
  ...asking(deps),
  ...deciding(deps),
  ...rotating(deps),
];
