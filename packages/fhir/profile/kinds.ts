import { isResourceType, typeDefinition } from '../definitions.ts';
import { isObject } from '../object.ts';
import { lastWord } from './definition.ts';
import type { Item } from './items.ts';
import { type Check, type Compiled, inResource, type Owner } from './library.ts';
import { resolved } from './paths.ts';
import { depth_limit, type Run, say, trial } from './run.ts';
import type { Node, NodeType } from './tree.ts';

const anyResource = new Set(['Resource', 'DomainResource']);
/** What every type of an element without a choice is, whatever the profile. */
const isPlain = (code: string): boolean => code.startsWith('http:') || code === 'BackboneElement' || code === 'Element';

const fits = (code: string, type: string): boolean =>
  code === type || anyResource.has(code) || isPlain(code) || typeDefinition(type)?.kind === undefined;

/** The type of a choice, or of a resource inside, is one of those that are left. */
function* typeChecks({ types, name }: Node, { label }: Owner): Generator<Check> {
  const codes = types.map(({ code }) => code);
  const open = codes.some((code) => anyResource.has(code) || isPlain(code));
  if (codes.length === 0 || open || !(name.endsWith('[x]') || codes.every(isResourceType))) return;
  const text = `expected the type ${codes.join(' or ')} (${label})`;
  yield ({ type, value }, run) => {
    if (value !== undefined && !codes.some((code) => fits(code, type))) say(run, 'error', 'structure', text);
  };
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** Profiles that say nothing validate() has not said. */
const isCovered = (profile: string): boolean =>
  profile.startsWith(base) && /^(?:SimpleQuantity|MoneyQuantity|[A-Z]\w*)$/.test(lastWord(profile));

/** The types that references may lead to; undefined where one profile is not held, or any is allowed. */
function targetTypes(targets: readonly string[], { library }: Owner): Set<string> | undefined {
  const found = targets.map((url) => library.typeOf(url));
  const open = found.some((type) => type === undefined || anyResource.has(type));
  return open ? undefined : new Set(found as string[]);
}

/** Where a target is at hand (contained, or the caller resolves), it conforms to one of the profiles named. */
function checkTarget(target: Item, profiles: readonly Compiled[], all: boolean, run: Run, label: string): void {
  if (!isObject(target.value) || run.depth >= depth_limit || profiles.length === 0 || !all) return;
  const fitting = profiles.some((profile) => {
    if (profile.type !== target.type) return false;
    const inner = trial(run);
    inResource(profile.check, target, inner, target.value !== run.root);
    return inner.issues.length === 0;
  });
  if (!fitting) say(run, 'error', 'value', `expected the target to conform to a profile named for it (${label})`);
}

function* targetChecks({ types }: Node, owner: Owner): Generator<Check> {
  const references = types.filter(({ code }) => code === 'Reference');
  const targets = references.flatMap((type) => type.targets);
  if (targets.length === 0) return;
  let allowed: { types: Set<string> | undefined } | undefined;
  yield (item, run) => {
    if (item.type !== 'Reference') return;
    allowed ??= { types: targetTypes(targets, owner) };
    const [target] = resolved(item.value, run);
    if (target === undefined) return;
    if (allowed.types !== undefined && !allowed.types.has(target.type)) {
      const expected = [...allowed.types].join(' or ');
      say(run, 'error', 'value', `expected a reference to ${expected} (${owner.label})`);
      return;
    }
    const held = targets.map((url) => (isCovered(url) ? undefined : owner.library.profile(url)));
    const profiles = held.filter((one) => one !== undefined);
    checkTarget(target, profiles, profiles.length === targets.length, run, owner.label);
  };
}

/** The profiles of one type: one is checked in place, of several one must fit. */
function profileCheck({ code, profiles }: NodeType, { library, label }: Owner): Check {
  return (item, run) => {
    if (item.type !== code && code !== 'Resource') return;
    if (item.value === undefined || run.depth >= depth_limit) return;
    const compiled = profiles.map((url) => library.profile(url)).filter((one) => one !== undefined);
    if (compiled.length < profiles.length) {
      say(run, 'information', 'informational', `not checked here: a profile named for this is not held (${label})`);
      return;
    }
    const [only] = compiled;
    if (only !== undefined && compiled.length === 1) {
      checkWhole(only, item, run);
      return;
    }
    const fitting = compiled.some((one) => {
      const inner = trial(run);
      checkWhole(one, item, inner);
      return inner.issues.length === 0;
    });
    if (!fitting) say(run, 'error', 'value', `expected one of the ${compiled.length} profiles named here (${label})`);
  };
}

/** A resource inside is checked as one of its own. */
export function checkWhole(compiled: Compiled, item: Item, run: Run): void {
  if (typeDefinition(item.type)?.kind !== 'resource') compiled.check(item, run);
  else if (compiled.type === item.type) inResource(compiled.check, item, run, item.at[0] === 'contained');
  else say(run, 'error', 'structure', `expected a resource of type ${compiled.type}`);
}

function* profileChecks({ types }: Node, owner: Owner): Generator<Check> {
  for (const type of types) {
    // Extensions are checked by themselves, wherever they stand: see extensions.ts.
    if (type.code === 'Extension' || type.profiles.length === 0 || type.profiles.every(isCovered)) continue;
    yield profileCheck(type, owner);
  }
}

/** The checks of what type a value has, and of what the types' own profiles ask. */
export const kindChecks = (node: Node, owner: Owner): Check[] => [
  ...typeChecks(node, owner),
  ...targetChecks(node, owner),
  ...profileChecks(node, owner),
];
