import type { Context } from '../context.ts';
import { type Constraint, constraintsAt } from '../definitions.ts';
import { type CompiledPath, compilePath, type PathEnvironment } from '../fhirpath/index.ts';
import { isObject } from '../object.ts';
import { elsewhere, fast } from './fast.ts';

/** One constraint of R4, ready to run at its element. */
export interface Invariant {
  readonly key: string;
  readonly error: boolean;
  /** What is said when it does not hold. */
  readonly text: string;
  readonly holds: (value: unknown, context: Context) => boolean;
}

/**
 * Where an empty result is no breach, beside warnings: two quantities or two times that cannot be compared (other
 * units, other precision) leave open what is asked. Everywhere else R4's expression has to come out true.
 */
const open = new Set(['rng-2', 'mdd-1', 'Task inv-1']);

/** The constraint by its FHIRPath, compiled at the first use: a server never meets most of R4's types. */
export function byPath(constraint: Constraint, type: string): Invariant['holds'] {
  const { expression, severity, key, path } = constraint;
  const isOpen = severity === 'warning' || open.has(key) || open.has(`${path} ${key}`);
  let compiled: CompiledPath | undefined;
  return (value, { resource, root }) => {
    compiled ??= compilePath(expression, { type });
    const environment: PathEnvironment = { resource, rootResource: root };
    if (!isOpen) return compiled.test(value, environment, type);
    return compiled.evaluate(value, environment, type)[0] !== false;
  };
}

function byCode(constraint: Constraint): Invariant['holds'] | undefined {
  // Three types use inv-1 for three conditions.
  const make = constraint.key === 'inv-1' ? undefined : fast.get(constraint.key);
  if (make === undefined) return undefined;
  const test = make(typeOf(constraint));
  return (value, context) => !isObject(value) || test(value, context);
}

/** The type that a constraint's own elements belong to, where it is stated at one element. */
const atElement: Readonly<Record<string, string>> = {
  'sqty-1': 'Quantity',
  'org-2': 'Address',
  'org-3': 'ContactPoint',
};
const typeOf = ({ key, path }: Constraint): string => atElement[key] ?? path;

/**
 * The invariants stated at a path (a type, or one element of it) that the structural checks do not state already.
 * `type`: the datatype of the value there.
 */
export const invariantsAt = (path: string, type: string): Invariant[] =>
  constraintsAt(path)
    .filter(({ key }) => !elsewhere.has(key))
    .map((constraint) => ({
      key: constraint.key,
      error: constraint.severity === 'error',
      text: `${constraint.human.replace(/[.\s]+$/, '')} (${constraint.key})`,
      holds: byCode(constraint) ?? byPath(constraint, type),
    }));
