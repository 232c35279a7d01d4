import type { JsonObject } from '@safeguard/kernel';
import { isXhtml } from '../../narrative.ts';
import { isObject } from '../../object.ts';
import { referenceForm } from '../../reference-form.ts';
import { collects, decides, type Expression } from '../expression.ts';
import { type Item, type Items, item, itemOf, jsonOf, momentItem, nothing, systemItem, truth } from '../items.ts';
import { kindOf } from '../kinds.ts';
import { members } from '../member.ts';
import { momentAt } from '../moment.ts';
import { unanswerable } from '../refuse.ts';
import { instant, type Scope } from '../scope.ts';
import { type Call, type Functions, plain, singleText, special } from './define.ts';

/** The extensions of that URL. */
function extension({ input, args: [url] }: Call): Expression {
  const all = members(input, ['extension'], false);
  return collects((scope) => {
    const wanted = singleText(url?.run(scope));
    if (wanted === undefined) return nothing;
    return all.run(scope).filter(({ value }) => isObject(value) && value['url'] === wanted);
  });
}

const rootOf = (scope: Scope): JsonObject | undefined => {
  const { rootResource, resource } = scope.environment;
  if (rootResource ?? resource) return rootResource ?? resource;
  return isObject(scope.focus.value) ? scope.focus.value : undefined;
};

/** `#` alone is the container; `#id` one of its contained resources. */
function containedAt(scope: Scope, id: string): JsonObject | undefined {
  const root = rootOf(scope);
  if (id === '') return root;
  const contained = root?.['contained'];
  if (!Array.isArray(contained)) return undefined;
  return contained.find((one): one is JsonObject => isObject(one) && one['id'] === id);
}

/** A node of the type that the text names, or else Reference.type, so that `resolve() is Patient` needs no reading. */
function named(reference: string, told: unknown): Item | undefined {
  const form = referenceForm(reference);
  const type = (form && 'type' in form ? form.type : undefined) ?? (typeof told === 'string' ? told : undefined);
  const kind = type ? kindOf(type) : undefined;
  return kind && item(kind, { resourceType: kind.name });
}

function resolved(scope: Scope, reference: string, told: unknown): Item | undefined {
  if (reference.startsWith('#')) {
    const found = containedAt(scope, reference.slice(1));
    return found && itemOf(found);
  }
  const { resolve } = scope.environment;
  if (!resolve) return named(reference, told);
  const found = resolve(reference);
  return found && itemOf(found);
}

const referenceText = ({ value }: Item): string | undefined => {
  const text = isObject(value) ? value['reference'] : value;
  return typeof text === 'string' ? text : undefined;
};

function resolve(input: Items, scope: Scope): Items {
  const out: Item[] = [];
  for (const one of input) {
    const reference = referenceText(one);
    const found =
      reference === undefined
        ? undefined
        : resolved(scope, reference, isObject(one.value) ? one.value['type'] : undefined);
    if (found) out.push(found);
  }
  return out;
}

const baseProfile = 'http://hl7.org/fhir/StructureDefinition/';

/** Without an environment only the profile that is the type itself is known. */
function conformsTo(input: Items, profile: string | undefined, scope: Scope): boolean | undefined {
  const [one] = input;
  if (!one || profile === undefined) return undefined;
  const told = isObject(one.value) ? scope.environment.conformsTo?.(one.value, profile) : undefined;
  if (told !== undefined) return told;
  const type = profile.startsWith(baseProfile) ? profile.slice(baseProfile.length) : '';
  if (!kindOf(type)) throw unanswerable('conformsTo() names a profile that is not known here');
  return one.kind.lineage.has(type);
}

const memberOf = (input: Items, valueSet: string | undefined, scope: Scope): boolean | undefined => {
  const [one] = input;
  if (!one || valueSet === undefined) return undefined;
  return scope.environment.memberOf?.(valueSet, jsonOf(one));
};

/** Without a terminology only a code itself is known to be subsumed by itself. */
function subsumes(left: Items, right: Items | undefined): Items {
  const [a, b] = [left[0]?.value, right?.[0]?.value];
  if (!isObject(a) || !isObject(b)) return nothing;
  const same = a['code'] !== undefined && a['code'] === b['code'] && a['system'] === b['system'];
  return same ? truth(true) : nothing;
}

/** Passes what has no modifier extension but the named ones; everything else is an error (R4 fhirpath.html). */
function checkModifiers(input: Items, known: readonly Items[]): Items {
  const urls = new Set(known.map((one) => singleText(one)));
  for (const { value } of input) {
    const modifiers = isObject(value) ? value['modifierExtension'] : undefined;
    if (!Array.isArray(modifiers)) continue;
    if (!modifiers.every((one) => isObject(one) && urls.has(one['url'] as string))) {
      throw unanswerable('an element has a modifier extension that the expression does not know');
    }
  }
  return input;
}

const valueItems = (one: Item): Items => {
  const known = systemItem(one);
  return one.kind.primitive && known.value !== undefined ? [known] : nothing;
};

/** What R4 adds to FHIRPath (R4 fhirpath.html, "Additional functions"), and N1's `now`, `today`, `timeOfDay`. */
export const fhir: Functions = {
  extension: special(1, 1, extension),
  getValue: plain(0, 0, (input) => (input.length === 1 ? valueItems(input[0] as Item) : nothing)),
  resolve: plain(0, 0, (input, _, scope) => resolve(input, scope)),
  conformsTo: plain(1, 1, (input, [profile], scope) => truth(conformsTo(input, singleText(profile), scope))),
  memberOf: plain(1, 1, (input, [valueSet], scope) => truth(memberOf(input, singleText(valueSet), scope))),
  subsumes: plain(1, 1, (input, [other]) => subsumes(input, other)),
  subsumedBy: plain(1, 1, (input, [other]) => subsumes(input, other)),
  htmlChecks: special(0, 0, ({ input }) =>
    decides((scope) => {
      const text = singleText(input.run(scope));
      return text === undefined ? undefined : isXhtml(text);
    }),
  ),
  /** Both ask for a profile's definition, which the engine is not given. */
  elementDefinition: plain(0, 0, () => nothing),
  slice: plain(2, 2, () => nothing),
  checkModifiers: plain(0, 50, (input, known) => checkModifiers(input, known)),
  now: plain(0, 0, (_, __, scope) => [momentItem(momentAt(instant(scope), 'DateTime'))]),
  today: plain(0, 0, (_, __, scope) => [momentItem(momentAt(instant(scope), 'Date'))]),
  timeOfDay: plain(0, 0, (_, __, scope) => [momentItem(momentAt(instant(scope), 'Time'))]),
};
