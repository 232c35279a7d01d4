import { isFault, type JsonObject } from '@safeguard/kernel';
import { constraintPaths, constraintsAt, typeDefinition } from '../definitions.ts';
import { type CompiledPath, compilePath, type PathEnvironment } from '../fhirpath/index.ts';
import { numberValue } from '../numbers.ts';
import { isObject } from '../object.ts';
import { dateTimeSpan } from '../time.ts';
import { boundTo, excused } from './binding.ts';
import { choiceAt, lastWord, objectAt, objectsAt, textAt } from './definition.ts';
import { atLeast, exactly } from './equal.ts';
import type { Item } from './items.ts';
import type { Check, Library, Owner } from './library.ts';
import { depth_limit, type Run, say, trial } from './run.ts';
import type { Node } from './tree.ts';

const shown = (expected: unknown): string => {
  const text = JSON.stringify(expected);
  return text.length <= 200 ? ` ${text}` : '';
};

function* fixedChecks(node: Node, { label }: Owner): Generator<Check> {
  const { fixed, pattern } = node;
  if (fixed !== undefined) {
    const matches = exactly(fixed);
    const text = `expected the fixed value${shown(fixed)} (${label})`;
    yield ({ value }, run) => {
      if (!matches(value)) say(run, 'error', 'value', text);
    };
  }
  if (pattern !== undefined) {
    const matches = atLeast(pattern);
    const text = `expected what the pattern states:${shown(pattern)} (${label})`;
    yield ({ value }, run) => {
      if (!matches(value)) say(run, 'error', 'value', text);
    };
  }
}

/** -1, 0, 1; undefined for what cannot be compared (other types, other units, overlapping times). */
function compare(one: unknown, other: unknown): number | undefined {
  const [a, b] = [numberValue(one), numberValue(other)];
  if (a !== undefined && b !== undefined) return Math.sign(a - b);
  if (typeof one === 'string' && typeof other === 'string') {
    const [left, right] = [dateTimeSpan(one), dateTimeSpan(other)];
    if (!left || !right) return undefined;
    if (left.end <= right.start) return -1;
    return left.start >= right.end ? 1 : undefined;
  }
  if (!isObject(one) || !isObject(other) || one['code'] !== other['code']) return undefined;
  return compare(one['value'], other['value']);
}

function* limitChecks({ source }: Node, { label }: Owner): Generator<Check> {
  const [least, most] = [choiceAt(source, 'minValue'), choiceAt(source, 'maxValue')];
  const length = numberValue(source['maxLength']);
  if (least !== undefined) {
    yield ({ value }, run) => {
      if (compare(value, least) === -1) say(run, 'error', 'value', `expected no less than the least value (${label})`);
    };
  }
  if (most !== undefined) {
    yield ({ value }, run) => {
      if (compare(value, most) === 1) say(run, 'error', 'value', `expected no more than the greatest value (${label})`);
    };
  }
  if (length !== undefined) {
    yield ({ value }, run) => {
      if (typeof value !== 'string' || value.length <= length) return;
      say(run, 'error', 'too-long', `expected at most ${length} characters (${label})`);
    };
  }
}

const isNumber = ({ value }: Item): boolean => isObject(value) && Object.hasOwn(value, 'value');

const severities = { required: 'error', extensible: 'warning', preferred: 'information' } as const;
const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

function bindingCheck(valueSet: string, strength: keyof typeof severities, { label, library }: Owner): Check {
  const severity = severities[strength];
  const expected = `expected a code of the value set ${valueSet} (${strength}, ${label})`;
  const unchecked = `not checked here: the code systems of the value set ${valueSet} are not held (${label})`;
  return (item, run) => {
    if ((severity !== 'error' && !run.all) || excused(item)) return;
    const found = boundTo(item, library.members(valueSet).has);
    // A Quantity's unit is bound; a plain number has none.
    const missing = found === 'none' && strength === 'required' && !isNumber(item);
    if (found === 'out' || missing) say(run, severity, 'code-invalid', expected);
    else if (found === 'unknown') say(run, 'information', 'informational', unchecked);
  };
}

function* bindingChecks({ source }: Node, owner: Owner): Generator<Check> {
  const binding = objectAt(source, 'binding');
  const [strength, valueSet] = [textAt(binding, 'strength') ?? '', textAt(binding, 'valueSet')];
  if (valueSet !== undefined && Object.hasOwn(severities, strength)) {
    yield bindingCheck(valueSet, strength as keyof typeof severities, owner);
  }
  const widest = objectsAt(binding, 'extension').find((one) => one['url'] === maxValueSet);
  const most = textAt(widest, 'valueCanonical') ?? textAt(widest, 'valueUri');
  if (most !== undefined) yield bindingCheck(most, 'required', owner);
}

let ownKeys: ReadonlyMap<string, ReadonlySet<string>> | undefined;
/** R4's own constraints: validate() has run them. By key, with their expressions. */
function isBase(key: string, expression: string, source: string): boolean {
  ownKeys ??= new Map(
    [...Map.groupBy(constraintPaths().flatMap(constraintsAt), (one) => one.key)].map(([name, all]) => [
      name,
      new Set(all.map((one) => one.expression)),
    ]),
  );
  const known = ownKeys.get(key);
  return known !== undefined && (known.has(expression) || typeDefinition(lastWord(source)) !== undefined);
}

/** What FHIRPath may ask for here: value sets and profiles that are held. */
const environmentOf = (run: Run, library: Library): PathEnvironment => ({
  resource: run.resource,
  rootResource: run.root,
  allowance: run.allowance,
  ...(run.resolve === undefined ? {} : { resolve: run.resolve }),
  memberOf: (valueSet, value) => {
    const type = isObject(value) && Array.isArray(value['coding']) ? 'CodeableConcept' : 'Coding';
    const found = boundTo({ value, type, at: [] }, library.members(valueSet).has);
    return found === 'unknown' ? undefined : found === 'in';
  },
  conformsTo: (resource, profile) => conforms(resource, profile, run, library),
});

/** Whether a resource conforms to a profile; undefined where the profile is not held. */
export function conforms(value: JsonObject, profile: string, run: Run, library: Library): boolean | undefined {
  const compiled = library.profile(profile);
  if (compiled === undefined || run.depth >= depth_limit) return undefined;
  const inner = trial(run);
  inner.resource = value;
  inner.root = value;
  compiled.check({ value, type: textAt(value, 'resourceType') ?? compiled.type, at: [] }, inner);
  return inner.issues.length === 0;
}

function compiledOrSaid(key: string, expression: string, owner: Owner): CompiledPath | undefined {
  try {
    return compilePath(expression);
  } catch {
    owner.problems.push(`the expression of ${key} is no FHIRPath that is known here: it is not checked`);
    return undefined;
  }
}

function constraintCheck(source: JsonObject, owner: Owner): Check | undefined {
  const [key, expression] = [textAt(source, 'key') ?? '', textAt(source, 'expression')];
  if (expression === undefined || isBase(key, expression, textAt(source, 'source') ?? '')) return undefined;
  const path = compiledOrSaid(key, expression, owner);
  if (path === undefined) return undefined;
  const severity = textAt(source, 'severity') === 'warning' ? 'warning' : 'error';
  const text = `${(textAt(source, 'human') ?? 'expected the constraint to hold').replace(/[.\s]+$/, '')} (${key})`;
  return ({ value, type }, run) => {
    if (value === undefined || (severity === 'warning' && !run.all)) return;
    const held = evaluated(path, value, type, environmentOf(run, owner.library));
    if (held === false) say(run, severity, 'invariant', text);
    if (typeof held === 'boolean') return;
    // Or whoever makes a resource large enough would be past the constraint.
    if (held === 'too-costly' || run.allowance.steps < 0)
      say(run, severity, 'too-costly', `the constraint ${key} takes too much work here`);
    else say(run, 'warning', 'invariant', `the constraint ${key} could not be evaluated here`);
  };
}

function evaluated(
  path: CompiledPath,
  value: unknown,
  type: string,
  environment: PathEnvironment,
): boolean | 'too-costly' | undefined {
  try {
    return path.test(value, environment, type);
  } catch (error) {
    if (isFault(error) && error.issues.some(({ code }) => code === 'too-costly')) return 'too-costly';
    // What has the wrong shape is for validate() to report; here the constraint alone is said to be open.
    return undefined;
  }
}

/** The checks of an element's own value: what it is, not what it holds. */
export function valueChecks(node: Node, owner: Owner): Check[] {
  const constraints = objectsAt(node.source, 'constraint').map((one) => constraintCheck(one, owner));
  return [
    ...fixedChecks(node, owner),
    ...limitChecks(node, owner),
    ...bindingChecks(node, owner),
    ...constraints.filter((one) => one !== undefined),
  ];
}
