import type { RuleIndex } from '../../policy/compile-index.ts';
import type { Holders } from '../../standing/standing.ts';
import type { CohortKind, CrowdPort } from '../ports.ts';
import type { Join } from './join.ts';
import { isPlain, type Table } from './own-ways.ts';
import { type Near, shapeOfCohort } from './people.ts';

/**
 * Who of the workforce may see anything at all: found by asking once of each role and group, so that the many who
 * cannot are not judged one by one.
 */

export interface CandidateDeps {
  readonly people: Pick<CrowdPort, 'members'>;
  readonly tenant: number;
  readonly index: RuleIndex;
  readonly holders: Holders;
  readonly kinds: readonly CohortKind[];
  readonly near: Near;
  readonly join: Join;
  /** Of patients and proxies, whose groups matter too. */
  readonly others: readonly { readonly id: string; readonly table: Table }[];
}

export interface Candidates {
  /** Undefined: all. */
  readonly among: ReadonlySet<string> | undefined;
  /** Of each candidate those of their groups whose rules are about the patient. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** Where more than this share of so many and more who hold anything may see, everybody is looked at. */
const [share, many] = [0.25, 1_000];

/** The tables of everybody, by what they are and by how near they are. */
function tablesOf({ kinds, near, join }: CandidateDeps) {
  const shapes = kinds.map(shapeOfCohort);
  const usual = shapes.map(join.tableOf);
  const nearer = [...new Set(near.accounts.values())].flatMap((reference) =>
    shapes.map((shape) => join.tableOf({ ...shape, ...near.of(reference) })),
  );
  return { usual, all: [...new Set([...usual, ...nearer])] };
}

/** By account its groups among some, of those accounts that count. */
function byAccount(members: ReadonlyMap<string, readonly string[]>, counts: (account: string) => boolean) {
  const groups = new Map<string, string[]>();
  for (const [group, accounts] of members) {
    for (const account of accounts) {
      if (!counts(account)) continue;
      const own = groups.get(account);
      if (own === undefined) groups.set(account, [group]);
      else own.push(group);
    }
  }
  return groups;
}

/** Who holds a role that opens anything, or what only a look at the holding can tell; undefined: too many to tell. */
function holdersOf(live: ReadonlySet<string>, { holders }: CandidateDeps): Set<string> | undefined {
  const found = new Set<string>();
  let seen = 0;
  for (const [account, holdings] of holders.each()) {
    seen += 1;
    for (const one of holdings) {
      if (!live.has(one.role) && isPlain(one)) continue;
      found.add(account);
      break;
    }
  }
  return seen >= many && found.size > seen * share ? undefined : found;
}

export async function candidatesIn(deps: CandidateDeps): Promise<Candidates> {
  const { people, tenant, index, near, join, others } = deps;
  const { usual, all } = tablesOf(deps);
  const tables = [...all, ...others.map(({ table }) => table)];
  const isOpenIn = (some: readonly Table[], of: Join['ofRole'], name: string): boolean =>
    some.some((table) => of(table, name)?.isOpen === true);
  const counted = [...index.groups.keys()].filter((group) =>
    tables.some((table) => {
      const one = join.ofGroup(table, group);
      return one?.isOpen === true || one?.forbids === true;
    }),
  );
  const members = counted.length === 0 ? new Map<string, string[]>() : await people.members(tenant, counted);
  const live = new Set([...index.roles.keys()].filter((role) => isOpenIn(usual, join.ofRole, role)));
  const isAll = live.has('administrator') || usual.some(({ everyone }) => everyone?.isOpen === true);
  const among = isAll ? undefined : holdersOf(live, deps);
  if (among === undefined) return { among, groups: byAccount(members, () => true) };
  for (const [group, accounts] of members) {
    if (isOpenIn(usual, join.ofGroup, group)) for (const one of accounts) among.add(one);
  }
  for (const one of [...near.accounts.keys(), ...index.users.keys()]) among.add(one);
  const related = new Set(others.map(({ id }) => id));
  return { among, groups: byAccount(members, (one) => among.has(one) || related.has(one)) };
}
