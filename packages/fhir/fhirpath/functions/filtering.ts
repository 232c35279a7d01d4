import { itemSet } from '../equality.ts';
import { collects, condition, decides, type Expression } from '../expression.ts';
import { type Item, type Items, item, jsonOf, nothing } from '../items.ts';
import { systemKinds, type TypeTest, typeTest } from '../kinds.ts';
import type { Ast } from '../parse.ts';
import { unanswerable, unreadable } from '../refuse.ts';
import { eachSelf, type Scope, spend, withSelf } from '../scope.ts';
import { type Call, type Functions, singleText, special } from './define.ts';
import { sort } from './sorting.ts';

function where(scope: Scope, items: Items, criterion: Expression): Items {
  if (items.length === 0) return nothing;
  const out: Item[] = [];
  eachSelf(scope, items, (one) => {
    if (criterion.test(scope) === true) out.push(one);
    return true;
  });
  return out;
}

function select(scope: Scope, items: Items, projection: Expression): Items {
  if (items.length === 0) return nothing;
  const out: Item[] = [];
  eachSelf(scope, items, () => {
    const found = projection.run(scope);
    for (const one of found) out.push(one);
    return true;
  });
  spend(scope, out.length);
  return out;
}

/** Until nothing new comes: an item that was there already is not followed again (N1 5.2.3). */
function repeat(scope: Scope, items: Items, projection: Expression): Items {
  const set = itemSet((steps) => spend(scope, steps));
  const out: Item[] = [];
  for (let level = items; level.length > 0; ) {
    level = select(scope, level, projection).filter((one) => set.add(one));
    for (const one of level) out.push(one);
    // What repeats may be made anew each time, so it weighs more than what stands in the resource.
    spend(scope, level.length * 10);
  }
  return out;
}

function aggregate(scope: Scope, items: Items, step: Expression, start: Expression | undefined): Items {
  const { total } = scope;
  scope.total = start ? start.run(scope) : nothing;
  try {
    eachSelf(scope, items, () => {
      scope.total = step.run(scope);
      return true;
    });
    return scope.total;
  } finally {
    scope.total = total;
  }
}

/** The type that an argument names: `code`, `FHIR.Patient`. */
function typeName(tree: Ast | undefined): string {
  if (tree?.kind !== 'member') throw unreadable('the name of a type is expected', tree?.at ?? 0);
  return tree.on ? `${typeName(tree.on)}.${tree.name}` : tree.name;
}

export function typeNamed(name: string, at: number): TypeTest {
  const test = typeTest(name);
  if (!test) throw unreadable('the name of a type that R4 knows is expected', at);
  return test;
}

/** Expressions of R4B ask `$this is Citation`: nothing is of a type that R4 does not have. */
export function typeAsked(name: string, at: number): TypeTest {
  const never = /^[A-Z]\w+$/.test(name) ? { name, is: () => false, as: () => false } : undefined;
  return typeTest(name) ?? never ?? typeNamed(name, at);
}

const typeOf = (tree: Ast | undefined): TypeTest => typeNamed(typeName(tree), tree?.at ?? 0);

/** `is`: empty of nothing. */
export const isType = (input: Expression, test: TypeTest): Expression =>
  decides((scope) => {
    const items = input.run(scope);
    if (items.length > 1) throw unanswerable('the type of one item is asked, and there are several');
    const [one] = items;
    return one && test.is(one.kind);
  });

export const ofType = (input: Expression, test: TypeTest): Expression =>
  collects((scope) => input.run(scope).filter((one) => test.as(one.kind)));

/** N1 wants one item at most; R4's own dom-3 filters `descendants().as(canonical)`, so only strictness minds. */
function asType({ input, trees, strict }: Call): Expression {
  const filtered = ofType(input, typeOf(trees[0]));
  if (!strict) return filtered;
  return collects((scope) => {
    const items = input.run(scope);
    if (items.length > 1) throw unanswerable('as() finds several items');
    return filtered.run(scope);
  });
}

function strictly(items: Items): boolean | undefined {
  if (items.some(({ kind }) => kind.system !== 'Boolean')) throw unanswerable('a boolean is expected');
  return condition(items);
}

/** Only the branch that counts is evaluated; `$this` is the input, when there is one. */
function iif({ input, args, strict }: Call): Expression {
  const [criterion, yes, no] = args as [Expression, Expression, Expression | undefined];
  const choose = (scope: Scope): Items => {
    if ((strict ? strictly(criterion.run(scope)) : criterion.test(scope)) === true) return yes.run(scope);
    return no ? no.run(scope) : nothing;
  };
  return collects((scope) => {
    const items = input.run(scope);
    if (items === scope.self) return choose(scope);
    if (items.length > 1) throw unanswerable('iif() finds several items');
    return withSelf(scope, items, () => choose(scope));
  });
}

function trace({ input, args: [name, projection] }: Call): Expression {
  return collects((scope) => {
    const items = input.run(scope);
    const told = scope.environment.trace;
    if (told) {
      const shown = projection ? select(scope, items, projection) : items;
      told(singleText(name?.run(scope)) ?? '', shown.map(jsonOf));
    }
    return items;
  });
}

/** The name counts from here to the end of the chain that this call stands in. */
function defineVariable({ input, args: [name, value] }: Call): Expression {
  return collects((scope) => {
    const items = input.run(scope);
    const key = singleText(name?.run(scope)) ?? '';
    if (reserved.has(key) || scope.defined?.has(key)) throw unanswerable('it defines a variable that exists');
    const known = value ? withSelf(scope, items, () => value.run(scope)) : items;
    scope.defined = new Map([...(scope.defined ?? []), [key, known]]);
    return items;
  });
}
const reserved = new Set(['context', 'resource', 'rootResource', 'ucum', 'sct', 'loinc']);

const typeInfo = ({ kind }: Item): Item =>
  item(systemKinds.TypeInfo, { namespace: kind.space === 'System' ? 'System' : 'FHIR', name: kind.name });

/** N1 5.2, 5.5.1, 5.9, 6.3, 7; `sort` of the trial-use version. */
export const filtering: Functions = {
  where: special(1, 1, ({ input, args }) => collects((scope) => where(scope, input.run(scope), args[0] as Expression))),
  select: special(1, 1, ({ input, args }) =>
    collects((scope) => select(scope, input.run(scope), args[0] as Expression)),
  ),
  repeat: special(1, 1, ({ input, args }) =>
    collects((scope) => repeat(scope, input.run(scope), args[0] as Expression)),
  ),
  aggregate: special(1, 2, ({ input, args: [step, start] }) =>
    collects((scope) => aggregate(scope, input.run(scope), step as Expression, start)),
  ),
  is: special(1, 1, ({ input, trees }) => isType(input, typeAsked(typeName(trees[0]), trees[0]?.at ?? 0))),
  as: special(1, 1, asType),
  ofType: special(1, 1, ({ input, trees }) => ofType(input, typeOf(trees[0]))),
  iif: special(2, 3, iif),
  trace: special(1, 2, trace),
  defineVariable: special(1, 2, defineVariable),
  sort,
  type: special(0, 0, ({ input }) => collects((scope) => input.run(scope).map(typeInfo))),
};
