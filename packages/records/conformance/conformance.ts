import { type CustomParameter, type Parameter, parametersOf } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { RecordsLog } from '../storage/intents.ts';
import type { Opener } from '../storage/open.ts';
import { type CompileCustom, customOf, customsOf } from './custom.ts';
import { createLoader, type Definition, type Definitions, definingTypes, limits } from './stored.ts';

export interface ConformanceDeps<Profiles> {
  readonly clinical: Segment;
  readonly opener: Opener;
  readonly log: RecordsLog;
  /** Makes the profiles of a tenant out of its active StructureDefinitions, ValueSets and CodeSystems. */
  readonly createProfiles: (resources: readonly JsonObject[]) => Profiles;
  readonly compileCustom: CompileCustom;
  /** Builds the search index of these types anew, in the background: a parameter of theirs is new. */
  readonly reindex: (tenant: number, types: readonly string[]) => void;
  /** When the last such run of a type began (milliseconds since the Unix epoch); undefined: never. */
  readonly reindexed: (tenant: number, type: string) => Promise<number | undefined>;
}

/** What a tenant's stored conformance resources come to. */
export interface Conformance<Profiles> {
  /** With everything that was written before this call. */
  profiles(tenant: number): Promise<Profiles>;
  /** Resolves when everything that was written before this call is in effect. To be awaited before the next two. */
  ready(tenant: number): Promise<void>;
  /** The tenant's own search parameters; none before `ready`. */
  customParameters(tenant: number): readonly CustomParameter[];
  /** R4's and the tenant's search parameters of a type, by code. */
  parameters(tenant: number, type: string): ReadonlyMap<string, Parameter>;
  /** Tells that a resource of this type was written or deleted, after its commit. Other types cost nothing. */
  written(tenant: number, type: string): void;
  /**
   * Refuses to store what could not take effect: a SearchParameter that cannot be served, a profile in force without a
   * snapshot (Fault `unprocessable`), a definition too many. `id`: of the resource that is replaced. Other types cost
   * nothing. Implies `ready`.
   */
  check(tenant: number, resource: JsonObject, id?: string): Promise<void>;
}

interface Snapshot<Profiles> {
  readonly definitions: Definitions;
  readonly profiles: Profiles;
  readonly overfull: boolean;
}

/** A tenant's state. `written` counts its writes, `read` says up to which of them `snapshot` goes. */
interface Kept<Profiles> {
  written: number;
  read: number;
  snapshot: Snapshot<Profiles> | undefined;
  building: Promise<void> | undefined;
  custom: readonly CustomParameter[];
  parameters: Map<string, ReadonlyMap<string, Parameter>>;
}

/** Tenants whose definitions are held opened; the others' are read again when they are asked for. */
const tenants_kept = 100;

const isActive = ({ resource }: Definition): boolean => resource.status !== 'retired';

/**
 * The registry of each tenant's conformance resources: immutable snapshots, made anew in the background after a write.
 * Whoever asks waits for the snapshot that has all that was written before.
 */
export function createConformance<Profiles>(deps: ConformanceDeps<Profiles>): Conformance<Profiles> {
  const { log } = deps;
  const load = createLoader(deps.clinical, deps.opener);
  const states = new Map<number, Kept<Profiles>>();

  const stateOf = (tenant: number): Kept<Profiles> => {
    const found = states.get(tenant) ?? emptyState<Profiles>();
    // The one that was used last stands last.
    states.delete(tenant);
    states.set(tenant, found);
    return found;
  };

  /** Closes the definitions of tenants that were not asked for longest; their parameters, which are small, stay. */
  const trim = (): void => {
    const held = [...states.values()].filter((state) => state.snapshot !== undefined && state.building === undefined);
    for (const state of held.slice(0, Math.max(0, held.length - tenants_kept))) {
      state.snapshot = undefined;
      state.read = -1;
    }
  };

  const build = async (tenant: number, state: Kept<Profiles>): Promise<void> => {
    const upTo = state.written;
    const first = state.read < 0;
    const { definitions, overfull } = await load(tenant, state.snapshot?.definitions ?? new Map());
    if (overfull) log.warn('a tenant holds more definitions than are in effect');
    const active = [...definitions.values()].filter(isActive);
    const left = (error: unknown): void => log.warn('a stored search parameter is not served', { error });
    const { parameters, written } = customsOf(active, deps.compileCustom, left);
    const before = new Set(state.custom.map(({ number }) => number));
    const profiles = deps.createProfiles(
      active.filter(({ type }) => type !== 'SearchParameter').map(({ resource }) => resource),
    );
    Object.assign(state, { snapshot: { definitions, profiles, overfull }, custom: parameters, read: upTo });
    state.parameters = new Map();
    trim();
    const news = parameters.filter(({ number }) => !before.has(number));
    const due = first ? await unindexed(deps, tenant, news, written) : news;
    if (due.length > 0) deps.reindex(tenant, [...new Set(due.flatMap(({ base }) => base))]);
  };

  const current = async (tenant: number): Promise<Snapshot<Profiles>> => {
    const state = stateOf(tenant);
    const wanted = state.written;
    while (state.read < wanted || state.snapshot === undefined) {
      state.building ??= build(tenant, state).finally(() => {
        state.building = undefined;
      });
      await state.building;
    }
    return state.snapshot;
  };

  return {
    profiles: async (tenant) => (await current(tenant)).profiles,
    ready: async (tenant) => void (await current(tenant)),
    customParameters: (tenant) => states.get(tenant)?.custom ?? [],
    parameters: (tenant, type) => {
      const state = states.get(tenant);
      if (state === undefined || state.custom.length === 0) return parametersOf(type);
      const known = state.parameters.get(type) ?? parametersOf(type, state.custom);
      state.parameters.set(type, known);
      return known;
    },
    written: (tenant, type) => {
      if (!definingTypes.has(type)) return;
      stateOf(tenant).written += 1;
      current(tenant).catch((error: unknown) => log.warn('definitions could not be read', { error }));
    },
    check: async (tenant, resource, id) => {
      const { definitions, overfull } = await current(tenant);
      if (!definingTypes.has(String(resource.resourceType))) return;
      const replaces = id !== undefined && definitions.has(id);
      if (!replaces && (overfull || definitions.size >= limits.definitions)) throw tooMany();
      if (isBareProfile(resource)) throw bare();
      if (resource.resourceType !== 'SearchParameter') return;
      const others = [...definitions.values()].filter((one) => one.id !== id && isActive(one));
      const { parameters } = customsOf(others, deps.compileCustom, () => undefined);
      customOf(resource, parameters, deps.compileCustom);
    },
  };
}

const emptyState = <Profiles>(): Kept<Profiles> => ({
  written: 0,
  read: -1,
  snapshot: undefined,
  building: undefined,
  custom: [],
  parameters: new Map(),
});

const tooMany = () =>
  fault(
    'unprocessable',
    `A tenant has at most ${limits.definitions} definitions, and ${limits.chars >> 20} MiB of them`,
  );

/** Not in force, and so not refused: whoever drafts a profile may have no snapshot yet. */
const unfinished: ReadonlySet<unknown> = new Set(['draft', 'retired']);

/** A profile that says it is in force and has nothing that could be enforced. */
function isBareProfile({ resourceType, derivation, status, snapshot }: JsonObject): boolean {
  if (resourceType !== 'StructureDefinition' || derivation !== 'constraint' || unfinished.has(status)) return false;
  const { element } = (snapshot ?? {}) as JsonObject;
  return !Array.isArray(element) || element.length === 0;
}

const bare = () =>
  fault('unprocessable', 'This profile cannot be enforced', {
    issues: [
      {
        severity: 'error',
        code: 'invalid',
        text: 'expected a snapshot: a differential alone is not enforced; add a snapshot, or store a draft',
        at: 'StructureDefinition.snapshot',
      },
    ],
  });

/** Of parameters found at a start: those whose index was not begun after they were written (a crash came between). */
async function unindexed(
  { reindexed }: Pick<ConformanceDeps<unknown>, 'reindexed'>,
  tenant: number,
  parameters: readonly CustomParameter[],
  written: ReadonlyMap<number, number>,
): Promise<CustomParameter[]> {
  const due: CustomParameter[] = [];
  for (const one of parameters) {
    const begun = await Promise.all(one.base.map((type) => reindexed(tenant, type)));
    if (begun.some((at) => at === undefined || at < (written.get(one.number) ?? 0))) due.push(one);
  }
  return due;
}
