import type { RuleIndex } from '../../policy/compile-index.ts';
import { type HeldList, isPlain, unlike } from '../../standing/alike.ts';
import type { Holders } from '../../standing/standing.ts';
import type { CohortKind, CrowdPort } from '../ports.ts';
import type { Join } from './join.ts';
import type { Table } from './own-ways.ts';
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
  readonly among: readonly string[] | undefined;
  /** By the policy's groups, in their order: who is in those that matter, of the candidates at least. */
  readonly members: readonly (readonly string[])[];
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

/** Groups that may open or forbid somebody anything; among them those that open something by themselves. */
function groupsThatMatter({ index, join, others }: CandidateDeps, { usual, all }: ReturnType<typeof tablesOf>) {
  const tables = [...all, ...others.map(({ table }) => table)];
  const counted: string[] = [];
  const opening: string[] = [];
  for (const [place, name] of [...index.groups.keys()].entries()) {
    if (!tables.some((table) => join.ofGroup(table, place) !== null)) continue;
    const isOpening = usual.some((table) => join.ofGroup(table, place)?.isOpen === true);
    (isOpening ? opening : counted).push(name);
  }
  return { counted, opening };
}

/** Who holds a role that opens anything, or what only a look at the holding can tell; undefined: too many to tell. */
function holdersOf(live: ReadonlySet<string>, { holders }: CandidateDeps): string[] | undefined {
  const found: string[] = [];
  /** By the number of lists that are alike. */
  const known: (boolean | undefined)[] = [];
  const opens = ({ holdings, alike }: HeldList): boolean => {
    const before = known[alike];
    if (before !== undefined) return before;
    const is = (alike === unlike ? holdings : holders.lists.sampleOf(alike)).some(
      (one) => live.has(one.role) || !isPlain(one),
    );
    if (alike !== unlike) known[alike] = is;
    return is;
  };
  const most = Math.max(holders.lists.size, many) * share;
  holders.lists.visit((account, list) => {
    if (opens(list)) found.push(account);
    return found.length <= most;
  });
  return found.length <= most ? found : undefined;
}

export async function candidatesIn(deps: CandidateDeps): Promise<Candidates> {
  const { people, tenant, index, near, join, others } = deps;
  const tables = tablesOf(deps);
  const { counted, opening } = groupsThatMatter(deps, tables);
  const membersOf = async (groups: readonly string[], of?: readonly string[]) =>
    groups.length === 0 ? new Map<string, readonly string[]>() : people.members(tenant, groups, of);
  const inOrder = (...known: readonly ReadonlyMap<string, readonly string[]>[]) =>
    [...index.groups.keys()].map((group) => known.map((one) => one.get(group)).find((one) => one !== undefined) ?? []);

  const opens = (role: string): boolean => tables.usual.some((table) => join.ofRole(table, role)?.isOpen === true);
  const live = new Set([...index.roles.keys()].filter(opens));
  const isAll = live.has('administrator') || tables.usual.some(({ everyone }) => everyone?.isOpen === true);
  const held = isAll ? undefined : holdersOf(live, deps);
  if (held === undefined) {
    return { among: undefined, members: inOrder(await membersOf([...opening, ...counted])) };
  }
  const among = new Set(held);
  const opened = await membersOf(opening);
  for (const accounts of opened.values()) for (const one of accounts) among.add(one);
  for (const one of [...near.accounts.keys(), ...index.users.keys()]) among.add(one);
  const candidates = [...among];
  const whose = [...candidates, ...others.map(({ id }) => id)];
  return { among: candidates, members: inOrder(opened, await membersOf(counted, whose)) };
}
