import type { Principal } from '@safeguard/http';
import type { Visibility } from '../sight.ts';
import type { Holding } from '../standing/types.ts';
import type { Person } from './cells.ts';
import { cellIn } from './compile-index.ts';
import type { CompiledRule } from './compile-rules.ts';
import { type Context, missed } from './occasion.ts';
import { type Opened, personIn, remembered } from './sealed-standing.ts';
import type { Reach } from './sights.ts';

/** What a reach depends on besides the person: they are what they were as long as each is the same list. */
interface Lists extends Pick<Opened, 'careTeam' | 'organizations' | 'consents'> {
  readonly within: Principal['within'] | undefined;
  readonly permissions: Principal['permissions'] | undefined;
}

/**
 * What was found out of a person at one request serves the next ones, as long as nothing that it depends on is another:
 * the same lists (which are frozen, so that they cannot have changed), the same outcome of every rule's occasion, no
 * holding that began or ended.
 */
interface Found {
  readonly reach: Reach;
  readonly view: Principal['view'];
  readonly lists: Lists;
  /** Of the rules' occasions, each once, and whether they fit. */
  readonly contexts: readonly Context[];
  readonly fit: readonly boolean[];
  /** Holds for `from` ≤ time < `until`. */
  readonly from: number;
  readonly until: number;
  seen: { readonly scopes: readonly string[]; readonly patient: string | undefined; visible: Visibility } | undefined;
}

const isFixed = (list: readonly unknown[] | undefined): boolean => list === undefined || Object.isFrozen(list);

const isFixedHolding = (holding: Holding | undefined): boolean =>
  holding === undefined || (Object.isFrozen(holding) && isFixed(holding.patients) && isFixed(holding.opens));

const isFitting = (context: Context, principal: Principal, opened: Opened): boolean =>
  missed(context, principal, opened, opened) === undefined;

function contextsOf({ sources }: Person, type: string, place: number): Context[] {
  const contexts: Context[] = [];
  const note = ({ context }: CompiledRule): void => {
    if (context !== undefined && !contexts.includes(context)) contexts.push(context);
  };
  for (const rules of sources) {
    const { permits, forbids } = cellIn(rules, type, place);
    permits.forEach(note);
    forbids.forEach(note);
  }
  return contexts;
}

/** Between which ends of the person's holdings a time lies. */
function boundsOf({ through }: Person, at: number): { from: number; until: number } {
  let [from, until] = [-Infinity, Infinity];
  for (const holding of through) {
    const end = holding?.until;
    if (end === undefined) continue;
    if (end <= at) from = Math.max(from, end);
    else until = Math.min(until, end);
  }
  return { from, until };
}

function isStill(found: Found, principal: Principal, opened: Opened): boolean {
  const { view, lists, contexts, fit, from, until } = found;
  if (view !== principal.view || opened.at < from || opened.at >= until) return false;
  if (lists.within !== principal.within || lists.permissions !== principal.permissions) return false;
  if (lists.careTeam !== opened.careTeam || lists.organizations !== opened.organizations) return false;
  if (lists.consents !== opened.consents) return false;
  for (let index = 0; index < contexts.length; index += 1) {
    const context = contexts[index];
    if (context !== undefined && isFitting(context, principal, opened) !== fit[index]) return false;
  }
  return true;
}

export interface Lasting {
  reach(principal: Principal, opened: Opened, type: string, place: number): Reach;
  /** `find`: what is visible within a reach. It depends on it, on the scopes and on the patient in context alone. */
  visible(
    principal: Principal,
    opened: Opened,
    type: string,
    place: number,
    find: (reach: Reach) => Visibility,
  ): Visibility;
}

type ReachOf = Lasting['reach'];

/** So much is remembered of all persons together, about a kilobyte each; then it begins anew. */
const remembered_most = 20_000;

/** Of one judge: nothing is shared with another's vocabulary. */
export function createLasting(reachOf: ReachOf): Lasting {
  let known = new WeakMap<Person, Map<string, Found[]>>();
  let count = 0;

  function slotsOf(person: Person, type: string): Found[] {
    const byType = known.get(person) ?? new Map<string, Found[]>();
    if (byType.size === 0) known.set(person, byType);
    const slots = byType.get(type) ?? [];
    if (slots.length === 0) byType.set(type, slots);
    return slots;
  }

  function make(person: Person, principal: Principal, opened: Opened, type: string, place: number): Found {
    const { within, permissions } = principal;
    const { careTeam, organizations, consents } = opened;
    const contexts = contextsOf(person, type, place);
    return {
      reach: reachOf(principal, opened, type, place),
      view: principal.view,
      lists: { within, permissions, careTeam, organizations, consents },
      contexts,
      fit: contexts.map((one) => isFitting(one, principal, opened)),
      ...boundsOf(person, opened.at),
      seen: undefined,
    };
  }

  function keep(person: Person, type: string, place: number, found: Found): void {
    if (!Object.values(found.lists).every(isFixed) || !person.through.every(isFixedHolding)) return;
    if (count >= remembered_most) {
      known = new WeakMap();
      count = 0;
    }
    count += 1;
    slotsOf(person, type)[place] = found;
  }

  function still(person: Person, principal: Principal, opened: Opened, type: string, place: number) {
    const found = known.get(person)?.get(type)?.[place];
    return found !== undefined && isStill(found, principal, opened) ? found : undefined;
  }

  function find(principal: Principal, opened: Opened, type: string, place: number): Found {
    const person = personIn(opened, principal);
    const before = still(person, principal, opened, type, place);
    if (before !== undefined) return before;
    const made = make(person, principal, opened, type, place);
    keep(person, type, place, made);
    return made;
  }

  return {
    reach: (principal, opened, type, place) => find(principal, opened, type, place).reach,
    visible(principal, opened, type, place, visibleIn) {
      const { scopes, patient } = principal;
      const seen = still(personIn(opened, principal), principal, opened, type, place)?.seen;
      if (seen !== undefined && seen.scopes === scopes && seen.patient === patient) return seen.visible;
      // What does not last is found out once a request at least.
      return remembered(principal, type, place, () => {
        const found = find(principal, opened, type, place);
        const visible = visibleIn(found.reach);
        if (Object.isFrozen(scopes)) found.seen = { scopes, patient, visible };
        return visible;
      });
    },
  };
}
