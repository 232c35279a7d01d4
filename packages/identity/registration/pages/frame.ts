import type { Answer, Brand, Guard, PageParts, Principal, RequestContext } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import { accountPage, isFresh, places, stepUp } from '../../pages/account/frame.ts';
import type { PageDeps } from '../../pages/ports.ts';
import type { Registration } from '../types.ts';

export interface PortalDeps {
  readonly registration: Pick<Registration, 'applications'>;
  readonly guard: Guard;
  readonly pages: PageDeps;
  readonly describe: (scope: string) => string;
}

/** A signed-in member of the staff at the portal. */
export interface Visitor {
  readonly context: RequestContext;
  readonly principal: Principal;
  readonly account: Account;
  readonly brand: Brand;
}

export const at = places.applications;
export const review = `${at}/review`;

export async function visitorOf(
  { guard, pages }: PortalDeps,
  context: RequestContext,
  action: string,
): Promise<Visitor> {
  const { principal } = context;
  const { id } = context.params;
  if (id !== undefined && isUuid(id)) context.about?.([{ type: 'Application', id }]);
  guard(principal, action, { type: 'Application' });
  const account = await pages.accounts.byId(principal.tenant, principal.id);
  if (account === undefined) throw fault('unauthenticated', 'Please sign in.');
  return { context, principal, account, brand: await pages.brand(principal.tenant) };
}

export const portalPage = ({ pages }: PortalDeps, visitor: Visitor, parts: Omit<PageParts, 'brand' | 'nav'>): Answer =>
  accountPage(pages, visitor, { here: at, ...parts });

/** What follows where a factor was shown within the last 5 minutes; else that comes first, and leads to `back`. */
export const gated = (
  { pages }: PortalDeps,
  visitor: Visitor,
  back: string,
  then: () => Promise<Answer>,
): Promise<Answer> => (isFresh(pages, visitor.principal) ? then() : stepUp(pages, visitor, back));
