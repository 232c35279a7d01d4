import type { JsonObject } from '@safeguard/kernel';
import { bundleRule } from './bundle.ts';
import { type Context, report } from './context.ts';
import { isObject } from './object.ts';
import { referenceForm } from './reference-form.ts';
import { dateTimeSpan } from './time.ts';

/** A rule over one object of a type, run after its structure was checked, on whatever was sent: it trusts no shape. */
export type Rule = (value: JsonObject, context: Context) => void;

/** ext-1: an extension holds extensions or a value, never both, never neither. */
const extensionRule: Rule = (value, context) => {
  const nested = Object.hasOwn(value, 'extension');
  const own = Object.keys(value).some((key) => key.startsWith('value') || key.startsWith('_value'));
  if (nested === own) report(context, 'invariant', 'expected either a value[x] or nested extensions (ext-1)');
};

/** per-1: start before end, as far as their precision tells. */
const periodRule: Rule = ({ start, end }, context) => {
  if (typeof start !== 'string' || typeof end !== 'string') return;
  const [from, to] = [dateTimeSpan(start), dateTimeSpan(end)];
  if (from && to && from.start >= to.end) report(context, 'invariant', 'expected start to be before end (per-1)');
};

function checkFragment(id: string, context: Context): string | undefined {
  const type = id === '' ? undefined : context.contained?.get(id);
  if (id === '' ? !context.inside : type === undefined) {
    report(context, 'invariant', 'expected a fragment reference to name a contained resource (ref-1)', 'reference');
  }
  return type;
}

/** Form of the text, presence of what a fragment names, and agreement with `Reference.type`. */
const referenceRule: Rule = ({ reference, type }, context) => {
  if (typeof reference !== 'string') return;
  const form = referenceForm(reference);
  if (!form || (form.kind === 'conditional' && !context.conditionalReferences)) {
    const expected = 'expected Type/id with a FHIR R4 type, an absolute URL, urn:uuid:, urn:oid: or #id';
    report(context, 'value', expected, 'reference');
    return;
  }
  const found = form.kind === 'fragment' ? checkFragment(form.id, context) : 'type' in form ? form.type : undefined;
  if (found !== undefined && typeof type === 'string' && /^[A-Z][A-Za-z]+$/.test(type) && found !== type) {
    report(context, 'invariant', 'expected the type that the reference itself names', 'type');
  }
};

/** The resource type that a Reference object leads to, where that can be told. */
export function referenceTarget(value: unknown, context: Context): string | undefined {
  if (!isObject(value)) return undefined;
  const { reference, type } = value;
  const form = typeof reference === 'string' ? referenceForm(reference) : undefined;
  if (form?.kind === 'fragment') return context.contained?.get(form.id);
  if (form?.kind === 'urn' && typeof reference === 'string') {
    const found = context.entries?.get(reference);
    if (found !== undefined) return found;
  }
  if (form && 'type' in form && form.type !== undefined) return form.type;
  return typeof type === 'string' && /^[A-Z][A-Za-z]+$/.test(type) ? type : undefined;
}

/** Rules by type. The FHIRPath invariants of a type find their place here too. */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ['Bundle', bundleRule],
  ['Extension', extensionRule],
  ['Period', periodRule],
  ['Reference', referenceRule],
]);
