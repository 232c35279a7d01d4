import {
  type Answer,
  type Entry,
  type Frame,
  type FramedParts,
  type Guard,
  type Html,
  type Principal,
  type RequestContext,
  type Route,
  sent,
  shown,
  wayAround,
} from '@safeguard/http';
import { isFault, isUuid } from '@safeguard/kernel';
import { noSuch } from '../api/reach.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import { roleActions } from '../product.ts';
import type { AccessPagesDeps } from './ports.ts';

/** Whether the guard lets somebody in: for what is offered, never for what is done. */
export function may(guard: Guard, principal: Principal, action: string, type = typeOf(action)): boolean {
  try {
    guard(principal, action, { type });
    return true;
  } catch (error) {
    if (isFault(error) && error.kind === 'forbidden') return false;
    throw error;
  }
}

const typeOf = (action: string): string => roleActions.get(action)?.types[0] ?? 'AccessRequest';

const all: readonly (readonly [...Entry, action: string])[] = [
  ['/access', 'My access', 'grant-list'],
  ['/access/requests', 'To decide', 'access-request-decide'],
  ['/access/break-glass', 'Emergency', 'break-glass-open'],
  ['/access/notices', 'Notices', 'notice-list'],
  ['/access/explain', 'Explain', 'access-explain'],
  ['/access/grants', 'All rights', 'grant-end'],
  ['/access/holds', 'On hold', 'access-hold-list'],
  ['/access/break-glass/reviews', 'Emergency uses', 'break-glass-list'],
  ['/access/reviews', 'Reviews', 'review-list'],
  ['/access/policies', 'Policy', 'policy-list'],
  ['/access/patients', 'Patients', 'who-can-see'],
  ['/rights', 'Patients’ requests', 'privacy-request-list'],
];

const emergency = '/access/break-glass';

/** Whether somebody holds a role that opens a record in an emergency; elsewhere it is no way to go. */
export function mayBreak(principal: Principal): boolean {
  const { holdings = [], policy } = openStanding(principal) ?? {};
  return holdings.some(({ role }) => policy?.policy.roles[role]?.emergency === true);
}

/** The way around the pages of access, as far as this person may. */
export const accessAround = (guard: Guard, principal: Principal, here: string): Html =>
  wayAround(
    'Access',
    all
      .filter(([path, , action]) => may(guard, principal, action) && (path !== emergency || mayBreak(principal)))
      .map(([path, text]): Entry => [path, text]),
    here,
  );

const ofRecord: readonly Entry[] = [
  ['/account/record', 'Who looked'],
  ['/account/record/copies', 'Copies'],
  ['/account/record/corrections', 'Corrections'],
  ['/account/record/objections', 'Objections'],
];

/** The way around what patients, and who acts for them, may ask about the record. */
export const recordAround = (here: string): Html => wayAround('My record', ofRecord, here);

type Parts = Omit<FramedParts, 'here' | 'around'> & { readonly here?: string };

/** A page at `/access`. `here`: the entry that it belongs to. */
export const deskPage = (
  { frame, guard }: { readonly frame: Frame; readonly guard: Guard },
  context: RequestContext,
  { here = '/access', ...parts }: Parts,
): Promise<Answer> =>
  frame.page(context, { ...parts, here: '/access', around: accessAround(guard, context.principal, here) });

type Handle = (context: RequestContext) => Promise<Answer> | Answer;

/** The guard first, and what it was asked about for the ledger. */
const entered =
  ({ guard }: Pick<AccessPagesDeps, 'guard'>, action: string, then: Handle): Handle =>
  (context) => {
    const type = typeOf(action);
    const { id, version } = context.params;
    if (id !== undefined && isUuid(id)) context.about?.([{ type, id }]);
    if (version !== undefined && isNumber(version)) context.about?.([{ type, id: version }]);
    guard(context.principal, action, { type });
    if (id !== undefined && !isUuid(id)) throw noSuch();
    if (version !== undefined && !isNumber(version)) throw noSuch();
    return then(context);
  };

const isNumber = (text: string): boolean => /^(0|[1-9]\d{0,8})$/.test(text);

/** How pages are reached: somebody signed in, whom the guard lets in. */
export const ways = (deps: Pick<AccessPagesDeps, 'guard'>) => ({
  get: (path: string, action: string, then: Handle): Route =>
    shown({ path, action, auth: 'session' }, entered(deps, action, then)),
  post: (path: string, action: string, then: Handle): Route =>
    sent({ path, action, auth: 'session' }, entered(deps, action, then)),
});

export const idOf = ({ params }: RequestContext): string => params['id'] ?? '';
