import type { Principal } from '@safeguard/http';
import { byRole, byScope, type Decision, type DecisionTarget, denied, permitted } from './decisions.ts';
import type { Grants } from './grants.ts';
import {
  administratorActions,
  operatorActions,
  type RoleAction,
  roleActions,
  selfActions,
  workforceActions,
} from './product.ts';
import { roleHeld } from './roles-held.ts';

export function forOperator(action: string, type: string | undefined): Decision {
  return type !== undefined && operatorActions.get(action) === type ? permitted.operator : denied.notOperator;
}

/** Manages, and so sees nothing less than all of a tenant's accounts: nobody who is limited to some patients. */
const isWhole = ({ patient, within, view }: Principal): boolean =>
  within === undefined && view === 'full' && patient === undefined;

/** A person of the house, at our own pages. How much of a record they may see plays no part: these show none. */
const isAtHome = ({ kind, client, within }: Principal): boolean =>
  kind === 'user' && client === undefined && within === undefined;

function forAdministrator(principal: Principal, product: Grants['product'], scope: string): Decision {
  const { kind, roles } = principal;
  const isAdministrator = roles?.includes('administrator') === true;
  if (isAdministrator && isAtHome(principal)) return permitted.administrator;
  const may = kind === 'client' ? isWhole(principal) : isAdministrator && principal.within === undefined;
  return (may && product.has(scope) && byScope.get(scope)) || denied.administrators;
}

function forWorkforce(principal: Principal, product: Grants['product'], scope: string): Decision {
  // A launch names patients: it is for who sees who they are.
  if (isAtHome(principal) && principal.view === 'full') return permitted.workforce;
  const may = principal.kind === 'client' ? isWhole(principal) : principal.within === undefined;
  return (may && product.has(scope) && byScope.get(scope)) || denied.workforce;
}

/** Patients and proxies hold no office, and an app acts only as far as it was let in for it. */
function forRole(principal: Principal, product: Grants['product'], { roles, scope, programs }: RoleAction): Decision {
  const { kind, client, within, account = 'workforce' } = principal;
  if (kind === 'client') {
    if (programs !== true) return denied.people;
    return (isWhole(principal) && product.has(scope) && byScope.get(scope)) || denied.scope;
  }
  if (within !== undefined || account !== 'workforce') return denied.workforce;
  if (client !== undefined && !product.has(scope)) return denied.scope;
  if (roles === undefined) return permitted.workforce;
  return byRole.get(roleHeld(principal, roles) ?? '') ?? denied.role;
}

/** Never through an app: one that was let in to read must not let itself in for good. */
function forSelf({ kind, id, client }: Principal, target: DecisionTarget | undefined): Decision {
  const own = kind === 'user' && client === undefined && target?.type === 'Account' && target.id === id;
  return own ? permitted.self : denied.self;
}

/** The product's own actions, for whoever is no operator; what is in none of the tables is unknown. */
export function decideProduct(
  principal: Principal,
  { product }: Pick<Grants, 'product'>,
  action: string,
  target: DecisionTarget | undefined,
): Decision {
  if (selfActions.has(action)) return forSelf(principal, target);
  const byOffice = roleActions.get(action);
  const managed = byOffice ?? administratorActions.get(action) ?? workforceActions.get(action);
  if (managed === undefined) return operatorActions.has(action) ? denied.operators : denied.action;
  if (target?.type === undefined || !managed.types.includes(target.type)) return denied.type;
  if (byOffice !== undefined) return forRole(principal, product, byOffice);
  const judge = workforceActions.has(action) ? forWorkforce : forAdministrator;
  return judge(principal, product, managed.scope);
}
