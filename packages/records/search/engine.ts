import type { Access } from '@safeguard/access';
import { type Condition, matches, type Parameter, type Sort, typeNumber } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import type { Seal, Vault } from '@safeguard/seal';
import type { Row, Segment } from '@safeguard/store';
import { orderedKeys, probe, referenceColumns, refToken } from '../index-rows/index.ts';
import type { Opener } from '../storage/open.ts';
import { createChooser } from './choose.ts';
import type { Level } from './clinical-stream.ts';
import { type Budget, createBudget, type Verifying } from './found.ts';
import { collect, countLevel, createBound, type Sources } from './level-stream.ts';
import { type Page, pageOf, type Question } from './pages.ts';
import { type Asked, type Planning, planLevel, requireShown } from './plan.ts';
import { probeLeaf } from './probe-node.ts';
import { type SortKey, sortKeys } from './sort.ts';
import { shaped } from './sql.ts';

/** The search parameters of a resource type, a tenant's own included. */
export type Parameters = (type: string) => ReadonlyMap<string, Parameter>;

export interface EngineDeps {
  readonly clinical: Segment;
  readonly identity: Segment;
  readonly seal: Seal;
  readonly opener: Opener;
  readonly access: Pick<Access, 'visible' | 'sharedTypes'>;
  readonly parameters: (tenant: number) => Promise<Parameters>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Whether a tenant's own parameters may not be in the index of every resource yet: then none of them narrows. */
  readonly indexing?: (tenant: number) => boolean;
  /** How many resources at the far end of a chain are looked up first, before PostgreSQL is left to join. */
  readonly few?: number;
}

const few_default = 1_000;

/** The numbers of a tenant's own parameters begin here. */
const first_custom = 1_000;

/** Narrows nothing: each resource is opened and judged. */
const anything = { in: 'all', exact: false } as const;

/** One caller's searches: what is planned, found and counted is within what the caller may see. */
export interface Search {
  readonly tenant: number;
  readonly principal: Principal;
  readonly parameters: Parameters;
  /** Plans a search within one type. Fault `forbidden`: a parameter whose values the caller's view does not show. */
  level(asked: Asked): Promise<Level>;
  keys(sorts: readonly Sort[]): readonly SortKey[];
  page(question: Question): Promise<Page>;
  count(level: Level, bound?: number): Promise<number>;
  /** Of the types those of which the tenant has resources. */
  present(types: readonly string[]): Promise<readonly string[]>;
  readonly planning: Planning;
  readonly sources: Sources;
  readonly verifying: Verifying;
}

export interface Engine {
  search(principal: Principal): Promise<Search>;
}

interface Vaults {
  readonly clinical: Vault;
  readonly identity?: Vault;
}

interface TypeRow extends Row {
  readonly type: number;
}

/** The types, as many as they are, of which one resource at least is there: one look into an index for each. */
async function presentTypes(clinical: Segment, tenant: number, types: readonly string[]): Promise<readonly string[]> {
  const rows = await clinical.query<TypeRow>(
    tenant,
    shaped(`select t.type from unnest($2::int2[]) t (type) cross join lateral (
      select s.seq from records.search s where s.row = 0 and s.tenant = $1::int4
        and (s.type, s.seq) >= (t.type, -1) and (s.type, s.seq) <= (t.type, ${Number.MAX_SAFE_INTEGER})
      order by s.type, s.seq limit 1) s`),
    [tenant, types.map(typeNumber)],
  );
  const there = new Set(rows.map(({ type }) => type));
  return types.filter((type) => there.has(typeNumber(type)));
}

/** Searches of FHIR R4 3.1.1 over blind tokens: README.md says how. */
export function createEngine(deps: EngineDeps): Engine {
  const { clinical, identity, seal, opener, access } = deps;
  const chooser = createChooser(clinical, deps.now);
  const bound = createBound(clinical);

  const vaultsOf = async ({ tenant, view }: Principal): Promise<Vaults> => {
    const own = await seal.vault('clinical', tenant);
    return view === 'full' ? { clinical: own, identity: await seal.vault('identity', tenant) } : { clinical: own };
  };

  return {
    search: async (principal) => {
      const { tenant, view } = principal;
      const [vaults, parameters] = await Promise.all([vaultsOf(principal), deps.parameters(tenant)]);
      const indexing = deps.indexing?.(tenant) === true;
      const isPartial = ({ parameter }: Condition): boolean => indexing && parameter.number >= first_custom;
      const budget: Budget = createBudget();
      const verifying: Verifying = { opener, tenant, view, budget };
      const sources: Sources = { bound, clinical, identity, chooser, identityVault: vaults.identity };
      const planning: Planning = {
        tenant,
        view,
        clinical,
        parameters,
        probe: (condition: Condition) => (isPartial(condition) ? anything : probe(condition, vaults)),
        visible: (type) => access.visible(principal, type),
        sharedTypes: access.sharedTypes,
        ownerToken: (patient) => refToken(vaults.clinical, 'Patient', patient),
        columns: referenceColumns,
        refersTo: (parameter, type, ids) => {
          const tests = ids.map((id) => ({ kind: 'reference' as const, types: [type], id }));
          const condition: Condition = { kind: 'condition', parameter, tests };
          return probeLeaf(probe(condition, vaults), false, (resource) => matches(resource, condition));
        },
        few: deps.few ?? few_default,
        collect: ({ type, node }, limit) => collect(sources, verifying, { tenant, type, node }, limit),
      };
      return {
        tenant,
        principal,
        parameters,
        planning,
        sources,
        verifying,
        level: async (asked) => ({ tenant, type: asked.type, node: await planLevel(planning, asked) }),
        keys: (sorts) => {
          for (const { by } of sorts) if (typeof by === 'object') requireShown(view, by);
          const parameterOf = (type: string, code: string) => parameters(type).get(code);
          return sortKeys(sorts, (parameter) => orderedKeys(vaults.clinical, parameter), parameterOf);
        },
        page: (question) => pageOf(sources, verifying, question),
        count: (level, until = Number.MAX_SAFE_INTEGER) => countLevel(sources, verifying, level, until),
        present: (types) => presentTypes(clinical, tenant, types),
      };
    },
  };
}
