import type { Access, RowFacts, Shield } from '@safeguard/access';
import { type Condition, type Parameter, type Sort, typeNumber } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import type { Seal } from '@safeguard/seal';
import type { Row, Segment } from '@safeguard/store';
import { orderedKeys } from '../index-rows/index.ts';
import type { Opener } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import { storedTexts } from '../storage/stored.ts';
import { createChooser } from './choose.ts';
import type { Level } from './clinical-stream.ts';
import { createBudget, type Verifying } from './found.ts';
import { countLevel, createBound, type Sources } from './level-stream.ts';
import { type Page, pageOf, type Question } from './pages.ts';
import { type Asked, type Planning, planLevel } from './plan.ts';
import { planningOf, type Vaults } from './planning.ts';
import { requireShown } from './shown.ts';
import { type SortKey, sortKeys } from './sort.ts';
import { shaped } from './sql.ts';
import { requireOrderTold } from './told.ts';

/** The search parameters of a resource type, a tenant's own included. */
export type Parameters = (type: string) => ReadonlyMap<string, Parameter>;

/** What `access` says of rows and of their elements. */
export interface Seeing extends Pick<Access, 'visible' | 'sharedTypes'> {
  /**
   * What of a type's elements is hidden from a caller, or not theirs to change: of a row, of all, or (`any`) by one
   * permit at least. Absent: nothing of any.
   */
  readonly shield?: (principal: Principal, type: string, action: string, row?: RowFacts | 'any') => Shield | undefined;
}

export interface EngineDeps {
  readonly clinical: Segment;
  readonly identity: Segment;
  readonly seal: Seal;
  readonly opener: Opener;
  readonly access: Seeing;
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

/** One caller's searches: what is planned, found and counted is within what the caller may see. */
export interface Search {
  readonly tenant: number;
  readonly principal: Principal;
  readonly parameters: Parameters;
  /** Plans a search within one type. Fault `forbidden`: a parameter whose values the caller's view does not show. */
  level(asked: Asked): Promise<Level>;
  /** `types`: those that are sorted. Fault `forbidden` as `level`. */
  keys(sorts: readonly Sort[], types: readonly string[]): readonly SortKey[];
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
      const stored = (rows: readonly StoredRow[]) => storedTexts(seal, tenant, rows);
      const verifying: Verifying = { opener, tenant, view, budget: createBudget(), stored };
      const sources: Sources = { bound, clinical, identity, chooser, identityVault: vaults.identity };
      const few = deps.few ?? few_default;
      const planning = planningOf({ principal, access, vaults, sources, verifying, parameters, isPartial, few });
      return {
        tenant,
        principal,
        parameters,
        planning,
        sources,
        verifying,
        level: async (asked) => ({ tenant, type: asked.type, node: await planLevel(planning, asked) }),
        keys: (sorts, types) => {
          requireOrderTold(view, sorts);
          for (const { by } of sorts) {
            if (typeof by !== 'object') continue;
            for (const type of types) requireShown(planning, parameters(type).get(by.code) ?? by);
          }
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
