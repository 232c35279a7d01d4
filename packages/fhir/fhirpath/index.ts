import { compile } from './compile.ts';
import type { Expression } from './expression.ts';
import { type Items, itemOf, jsonOf, nodeOf } from './items.ts';
import { parse } from './parse.ts';
import type { CompiledPath, CompileOptions, PathEnvironment } from './path.ts';
import { newScope, type Scope } from './scope.ts';

export type { CompiledPath, CompileOptions, PathAllowance, PathEnvironment, PathNode } from './path.ts';
export { newAllowance } from './scope.ts';

const cache = new Map<string, CompiledPath>();
const cache_limit = 5000;
const noEnvironment: PathEnvironment = {};

/** What an evaluation is given, as a scope; a list is a collection of such items. */
function scopeOf(focus: unknown, environment: PathEnvironment, type: string | undefined): Scope {
  if (!Array.isArray(focus)) return newScope(itemOf(focus, type), environment);
  const items: Items = focus.map((one) => itemOf(one, type));
  const scope = newScope(items[0] ?? itemOf(undefined, type), environment);
  scope.self = items;
  return scope;
}

function values(items: Items): unknown[] {
  const made: unknown[] = [];
  for (const one of items) {
    const value = jsonOf(one);
    if (value !== undefined) made.push(value);
  }
  return made;
}

function make(expression: Expression, type: string | undefined): CompiledPath {
  return {
    evaluate: (focus, environment = noEnvironment, focusType = type) =>
      values(expression.run(scopeOf(focus, environment, focusType))),
    nodes: (focus, environment = noEnvironment, focusType = type) =>
      expression.run(scopeOf(focus, environment, focusType)).map(nodeOf),
    test: (focus, environment = noEnvironment, focusType = type) =>
      expression.test(scopeOf(focus, environment, focusType)) === true,
  };
}

/**
 * Makes a FHIRPath expression (N1 with R4's additions) ready; see README.md for what is there. Throws Fault `invalid`,
 * with the position, for a syntax error, an unknown function or an unknown type. Evaluation throws Fault
 * `unprocessable` where the expression has no answer for the focus (an order of a string and a number, several items
 * where one is expected) or takes too much work. Expressions are kept, so that asking again costs nothing.
 */
export function compilePath(expression: string, options: CompileOptions = {}): CompiledPath {
  const { type, strict = false } = options;
  const key = `${strict ? '!' : ''}${type ?? ''} ${expression}`;
  const known = cache.get(key);
  if (known) return known;
  const made = make(compile(parse(expression), { strict }), type);
  if (cache.size >= cache_limit) cache.clear();
  cache.set(key, made);
  return made;
}
