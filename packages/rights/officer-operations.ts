import { linkOf, type Operation, operation, pageOf, pageQuery } from '@safeguard/http';
import { type Clock, fault } from '@safeguard/kernel';
import { z } from 'zod';
import * as schemas from './schemas.ts';
import type { NewRightRequest, RightFilter, Rights } from './types.ts';

interface OfficerDeps {
  readonly rights: Rights;
  readonly clock: Clock;
}

const type = 'PrivacyRequest';
const path = '/rights/requests';
const params = { id: type };
const status = 200 as const;

const filterQuery = pageQuery.extend({
  kind: z.enum(['export', 'amendment', 'objection']).optional(),
  state: z.enum(['open', 'fulfilled', 'denied', 'withdrawn']).optional(),
  overdue: z.stringbool().optional().describe('Open, and past its day.'),
});

/** Without what was not given. */
const given = <T extends object>(fields: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const reading = ({ rights, clock }: OfficerDeps): Operation[] => [
  operation({
    method: 'GET',
    path,
    action: 'privacy-request-list',
    type,
    summary: 'Lists what patients asked, newest first',
    query: filterQuery,
    status,
    answer: schemas.rightPage,
    async handle({ context, principal, query: { count, ...filter } }) {
      const wanted: RightFilter = { ...given(filter), count: count + 1 };
      const found = pageOf(await rights.list(principal.tenant, wanted), count);
      const items = found.items.map((one) => schemas.rightView(one, clock.now()));
      const patients = [...new Set(items.map(({ patient }) => patient))];
      return { status, body: { ...found, items }, headers: linkOf(context, found), patients };
    },
  }),
  operation({
    method: 'GET',
    path: `${path}/:id`,
    params,
    action: 'privacy-request-read',
    type,
    summary: 'Shows what a patient asked',
    status,
    answer: schemas.right,
    async handle({ principal, params: { id = '' } }) {
      const found = await rights.byId(principal.tenant, id);
      if (found === undefined) throw fault('missing', 'There is nothing of this kind under this id.');
      return { status, body: schemas.rightView(found, clock.now()), patients: [found.patient] };
    },
  }),
];

const deciding = ({ rights, clock }: OfficerDeps): Operation[] => [
  operation({
    method: 'POST',
    path,
    action: 'privacy-request-make',
    type,
    summary: 'Writes down what a patient asked on paper or by telephone',
    body: schemas.received,
    status: 201,
    answer: schemas.right,
    problems: [409],
    async handle({ principal, body: { received_at, ...asked } }) {
      const wanted = { ...given(asked), received_at: Date.parse(received_at) } as NewRightRequest;
      const made = await rights.ask(principal, wanted);
      const targets = [{ type, id: made.id }];
      return { status: 201, body: schemas.rightView(made, clock.now()), targets, patients: [made.patient] };
    },
  }),
  operation({
    method: 'POST',
    path: `${path}/:id/answer`,
    params,
    action: 'privacy-request-answer',
    type,
    summary: 'Answers: done, or denied with its basis',
    body: schemas.answer,
    status,
    answer: schemas.right,
    problems: [409],
    async handle({ principal, params: { id = '' }, body: { basis, ...told } }) {
      const answered = await rights.answer(principal, id, basis === undefined ? told : { ...told, basis });
      return { status, body: schemas.rightView(answered, clock.now()), patients: [answered.patient] };
    },
  }),
  operation({
    method: 'POST',
    path: `${path}/:id/extension`,
    params,
    action: 'privacy-request-decide',
    type,
    summary: 'Takes 30 days more, once, with reasons that the patient is told',
    body: schemas.extension,
    status,
    answer: schemas.right,
    problems: [409],
    async handle({ principal, params: { id = '' }, body }) {
      const extended = await rights.extend(principal, id, body.reason);
      return { status, body: schemas.rightView(extended, clock.now()), patients: [extended.patient] };
    },
  }),
];

/** What the privacy officer does with them. */
export const officerOperations = (deps: OfficerDeps): Operation[] => [...reading(deps), ...deciding(deps)];
