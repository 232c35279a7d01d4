import type { Issue, JsonObject } from '@safeguard/kernel';
import { isResourceType } from '../definitions.ts';
import { newAllowance } from '../fhirpath/index.ts';
import { isObject, ownValue } from '../object.ts';
import { compileProfile } from './compile.ts';
import { canonical, lastWord, objectAt, objectsAt, textAt, textsAt } from './definition.ts';
import { checkExtensions } from './extensions.ts';
import { createHoldings, type Holdings, held_types } from './holdings.ts';
import { type Compiled, inResource, type Library } from './library.ts';
import { isFull, type Run, say } from './run.ts';
import { createTerminology, type Terminology } from './terminology.ts';
import type { Coded } from './valuesets.ts';

export type { Coded } from './valuesets.ts';

export interface ProfileValidateOptions {
  /** Canonical URLs of the profiles to check against. Default: what `meta.profile` claims, of resources inside too. */
  readonly profiles?: readonly string[];
  /** Profiles to check against besides: those that a tenant asks of the type. One that is not held is an error. */
  readonly required?: readonly string[];
  /** `errors` (default): what forbids a write. `all`: warnings and information too, as `$validate` gives. */
  readonly report?: 'errors' | 'all';
  /** With `all`: name the must-support elements that are absent. Default false. */
  readonly mustSupport?: boolean;
  /** Findings after which validation stops. Default 50. */
  readonly limit?: number;
  /** Gives the resource that a reference's text leads to; without it references are judged by type. */
  readonly resolve?: (reference: string) => JsonObject | undefined;
}

/** Profiles, value sets and code systems, ready to use. Immutable. */
export interface Profiles {
  /** Findings of a resource that `validate` found sound; without errors it conforms. Never throws. */
  readonly validate: (resource: unknown, options?: ProfileValidateOptions) => Issue[];
  /** Whether a profile can be checked here: loaded, or published with R4. */
  readonly has: (url: string) => boolean;
  /** Every member of a value set; undefined where it is not held, or its code systems are not. */
  readonly expand: (valueSet: string) => readonly Coded[] | undefined;
  /** Whether a code is a member; undefined where that cannot be told here. Without a system: the code in any. */
  readonly memberOf: (valueSet: string, system: string | undefined, code: string) => boolean | undefined;
  /** A code and those that it subsumes (`:below`); undefined where the code system does not hold it. */
  readonly below: (system: string, code: string) => readonly string[] | undefined;
  /** A code and those that subsume it (`:above`). */
  readonly above: (system: string, code: string) => readonly string[] | undefined;
  /** What was loaded: the latest of each URL and version. */
  readonly resources: readonly JsonObject[];
  /** Compiles every loaded profile; what is refused of them is an error, what cannot be checked a warning. */
  readonly problems: () => Issue[];
  /** These and more; a resource of the same URL and version replaces the one before. */
  readonly with: (resources: Iterable<JsonObject>) => Profiles;
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** `Patient` for R4's own definition of it; undefined for a profile. */
function ownType(url: string): string | undefined {
  const { url: plain } = canonical(url);
  const name = lastWord(plain);
  if (plain !== base + name) return undefined;
  return isResourceType(name) || name === 'Resource' || name === 'DomainResource' ? name : undefined;
}

interface Shelves {
  readonly holdings: Holdings;
  readonly terminology: Terminology;
  readonly library: Library;
}

function createLibrary(holdings: Holdings, terminology: Terminology): Library {
  const known = new Map<string, Compiled | undefined>();
  const find = (url: string): JsonObject | undefined => {
    const found = holdings.find('StructureDefinition', url);
    return found?.['derivation'] === 'constraint' ? found : undefined;
  };
  const library: Library = {
    profile: (url) => {
      if (known.has(url)) return known.get(url);
      const definition = find(url);
      const compiled = definition && compileProfile(definition, library);
      // Any URL may be claimed by a resource: only those that lead somewhere are remembered.
      if (compiled !== undefined) known.set(url, compiled);
      return compiled;
    },
    typeOf: (url) => ownType(url) ?? textAt(find(url), 'type'),
    members: terminology.members,
  };
  return library;
}

const createRun = (resource: JsonObject, type: string, options: ProfileValidateOptions): Run => ({
  issues: [],
  limit: options.limit ?? 50,
  all: options.report === 'all',
  mustSupport: options.mustSupport ?? false,
  path: [type],
  resource,
  root: resource,
  depth: 0,
  allowance: newAllowance(),
  resolve: options.resolve,
});

/** Checks the resource at the path against one profile; says so where it is not held. */
function checkAgainst(url: string, resource: JsonObject, run: Run, library: Library, missing: () => void): void {
  const type = textAt(resource, 'resourceType') ?? '';
  const own = ownType(url);
  if (own === type || own === 'Resource' || own === 'DomainResource') return;
  const compiled = own === undefined ? library.profile(url) : undefined;
  const expected = own ?? compiled?.type;
  if (expected === undefined) missing();
  else if (expected !== type) {
    say(run, 'error', 'structure', `expected a resource of type ${expected}: the profile is one of that type`);
  } else {
    const inside = resource !== run.root;
    compiled && inResource(compiled.check, { value: resource, type, at: [] }, run, inside);
  }
}

/** Each resource with a claim of its own: this one, those it contains, those of a Bundle's entries. */
function checkClaims(resource: JsonObject, run: Run, library: Library): void {
  if (isFull(run)) return;
  for (const [index, url] of textsAt(objectAt(resource, 'meta'), 'profile').entries()) {
    checkAgainst(url, resource, run, library, () =>
      say(run, 'warning', 'not-found', 'the profile is not known here, and was not checked', 'meta', 'profile', index),
    );
  }
  for (const [name, inner] of [
    ['contained', ''],
    ['entry', 'resource'],
  ] as const) {
    for (const [index, one] of objectsAt(resource, name).entries()) {
      const found = inner === '' ? one : objectAt(one, inner);
      if (found === undefined) continue;
      run.path.push(name, index, ...(inner === '' ? [] : [inner]));
      if (inner !== '') checkClaims(found, { ...run, resource: found, root: found }, library);
      else checkClaims(found, run, library);
      run.path.length -= inner === '' ? 2 : 3;
    }
  }
}

/** A profile may be asked for twice, and a slice repeats what its element states: each finding stands once. */
const distinct = (issues: readonly Issue[]): Issue[] => [
  ...new Map(issues.map((one) => [`${one.severity} ${one.at} ${one.text}`, one])).values(),
];

function validateWith(resource: unknown, options: ProfileValidateOptions, library: Library): Issue[] {
  const type = isObject(resource) ? ownValue(resource, 'resourceType') : undefined;
  if (!isObject(resource) || typeof type !== 'string' || !isResourceType(type)) {
    return [{ severity: 'error', code: 'structure', text: 'expected a resource of a FHIR R4 type' }];
  }
  const run = createRun(resource, type, options);
  if (options.profiles === undefined) checkClaims(resource, run, library);
  for (const url of [...(options.profiles ?? []), ...(options.required ?? [])]) {
    checkAgainst(url, resource, run, library, () =>
      say(run, 'error', 'not-found', 'a profile that is asked for is not known here'),
    );
  }
  checkExtensions(resource, library, run);
  return distinct(run.issues);
}

/** Profiles with a snapshot compile; the others are refused. */
function problemsOf(resources: readonly JsonObject[], library: Library): Issue[] {
  return resources
    .filter((one) => one['resourceType'] === 'StructureDefinition' && one['derivation'] === 'constraint')
    .flatMap((one): Issue[] => {
      const url = textAt(one, 'url') ?? '';
      const version = textAt(one, 'version');
      const compiled = library.profile(version === undefined ? url : `${url}|${version}`);
      if (compiled === undefined) {
        const text = `${url}: expected a snapshot: a profile with a differential alone is not loaded`;
        return [{ severity: 'error', code: 'not-supported', text }];
      }
      return compiled.problems.map((text) => ({ severity: 'warning', code: 'not-supported', text: `${url}: ${text}` }));
    });
}

function fromShelves({ holdings, terminology, library }: Shelves): Profiles {
  return {
    validate: (resource, options = {}) => validateWith(resource, options, library),
    has: (url) => ownType(url) !== undefined || library.profile(url) !== undefined,
    expand: (valueSet) => terminology.members(valueSet).all,
    memberOf: (valueSet, system, code) => terminology.members(valueSet).has(system, code),
    below: terminology.below,
    above: terminology.above,
    resources: holdings.resources,
    problems: () => problemsOf(holdings.resources, library),
    with: (more) => createProfiles([...holdings.resources, ...more]),
  };
}

/**
 * Profiles out of StructureDefinitions (with snapshots), ValueSets and CodeSystems, beside those that HL7 published
 * with R4. Others are passed over. Each is compiled when it is first needed. The resources must not be changed later.
 */
export function createProfiles(resources: Iterable<JsonObject>): Profiles {
  const holdings = createHoldings(resources);
  const terminology = createTerminology(holdings);
  return fromShelves({ holdings, terminology, library: createLibrary(holdings, terminology) });
}

/** The types that `createProfiles` takes. */
export const profileTypes: readonly string[] = held_types;
