import { decimalOf } from './decimal.ts';
import { equal, equivalent, itemSet } from './equality.ts';
import { collects, decides, type Expression } from './expression.ts';
import { union } from './functions/collections.ts';
import { type Functions, single, singleInteger, singleText } from './functions/define.ts';
import { isType, ofType, typeAsked, typeNamed } from './functions/filtering.ts';
import { functions } from './functions/index.ts';
import {
  booleanItem,
  decimalItem,
  type Item,
  type Items,
  integerItem,
  itemOf,
  itemsOf,
  momentItem,
  nothing,
  quantityItem,
  stringItem,
} from './items.ts';
import { members } from './member.ts';
import { momentOf } from './moment.ts';
import { negative, operate, ordered } from './operators.ts';
import type { Ast } from './parse.ts';
import { quantityLiteral } from './quantity.ts';
import { unanswerable, unreadable } from './refuse.ts';
import { grown, type Scope, spend, withSelf } from './scope.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { readonly kind: K }>;

interface Compiler {
  readonly strict: boolean;
}

const constant = (one: Item): Expression => {
  const items: Items = [one];
  return collects(() => items);
};

function literalItem({ type, text, at }: Of<'literal'>): Item {
  if (type === 'string') return stringItem(text);
  if (type === 'boolean') return booleanItem(text === 'true');
  if (type === 'moment') {
    const moment = momentOf(text.slice(1));
    if (!moment) throw unreadable('a date that exists is expected', at);
    return momentItem(moment);
  }
  const number = Number(text);
  if (!text.includes('.') && number <= 2_147_483_648) return integerItem(number);
  const decimal = decimalOf(text);
  if (!decimal) throw unreadable('a number of at most 60 digits is expected', at);
  return decimalItem(decimal);
}

function quantityOf({ value, unit, calendar, at }: Of<'quantity'>): Expression {
  const decimal = decimalOf(value);
  if (!decimal) throw unreadable('a number of at most 60 digits is expected', at);
  return constant(quantityItem(quantityLiteral(decimal, unit, calendar)));
}

/** R4 fhirpath.html, "Variables". */
const fixed: Readonly<Record<string, string>> = {
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  ucum: 'http://unitsofmeasure.org',
};

function known(name: string): Items | undefined {
  if (Object.hasOwn(fixed, name)) return [stringItem(fixed[name] ?? '')];
  if (name.startsWith('vs-')) return [stringItem(`http://hl7.org/fhir/ValueSet/${name.slice(3)}`)];
  if (name.startsWith('ext-')) return [stringItem(`http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`)];
  return undefined;
}

function resourceOf(scope: Scope, name: string): Items | undefined {
  const { resource, rootResource } = scope.environment;
  if (name === 'context') return [scope.focus];
  if (name === 'resource') return [resource ? itemOf(resource) : scope.focus];
  if (name === 'rootResource') return [rootResource ? itemOf(rootResource) : resource ? itemOf(resource) : scope.focus];
  return undefined;
}

function variable({ name }: Of<'variable'>): Expression {
  return collects((scope) => {
    const { variables } = scope.environment;
    const defined = scope.defined?.get(name);
    if (defined) return defined;
    if (variables && Object.hasOwn(variables, name)) return itemsOf(variables[name]);
    const found = resourceOf(scope, name) ?? known(name);
    if (!found) throw unanswerable('it names a variable that is not given');
    return found;
  });
}

/**
 * A chain of names is one path; what stands before it is another expression. Only what begins at `$this` is strict:
 * `descendants().linkId` asks items of every type.
 */
function member(tree: Of<'member'>, compiler: Compiler): Expression {
  const names: string[] = [];
  let on: Ast | undefined = tree;
  while (on?.kind === 'member') {
    names.unshift(on.name);
    on = on.on;
  }
  if (on === undefined || on.kind === 'this') return members(undefined, names, compiler.strict, on !== undefined);
  return members(compile(on, compiler), names, false);
}

const self: Expression = collects((scope) => scope.self);

/** `sort(-family)` turns the order round; the sign is not arithmetic there. */
const unsigned = (tree: Ast): Ast => (tree.kind === 'sign' && tree.negative ? tree.of : tree);

function call({ on, name, args, at }: Of<'call'>, compiler: Compiler): Expression {
  const found = Object.hasOwn(functions, name) ? (functions as Functions)[name] : undefined;
  if (!found) throw unreadable('the name of a function that FHIRPath has is expected', at);
  if (args.length < found.least || args.length > found.most) {
    throw unreadable('a function has too few or too many arguments', at);
  }
  const isSort = name === 'sort';
  const trees = isSort ? args.map(unsigned) : args;
  const typed = name === 'is' || name === 'as' || name === 'ofType';
  return found.make({
    input: on ? compile(on, compiler) : self,
    args: typed ? [] : trees.map((arg) => compile(arg, compiler)),
    trees,
    strict: compiler.strict,
    negated: isSort ? args.map((arg, place) => arg !== trees[place]) : [],
  });
}

function indexed(tree: Of<'item'>, compiler: Compiler): Expression {
  const [input, index] = [compile(tree.on, compiler), compile(tree.index, compiler)];
  return collects((scope) => {
    const items = input.run(scope);
    const at = singleInteger(index.run(scope));
    const one = at === undefined ? undefined : items[at];
    return one ? [one] : nothing;
  });
}

function sign({ negative: minus, of }: Of<'sign'>, compiler: Compiler): Expression {
  const input = compile(of, compiler);
  if (!minus) return input;
  return collects((scope) => negative(input.run(scope)));
}

function typed({ operator, of, type, at }: Of<'type'>, compiler: Compiler): Expression {
  const input = compile(of, compiler);
  return operator === 'is' ? isType(input, typeAsked(type, at)) : ofType(input, typeNamed(type, at));
}

type Decide = (left: Expression, right: Expression) => (scope: Scope) => boolean | undefined;

/** Three-valued logic (N1 6.5); the right side is left out where the left one decides. */
const logic: Readonly<Record<string, Decide>> = {
  and: (left, right) => (scope) => {
    const a = left.test(scope);
    if (a === false) return false;
    const b = right.test(scope);
    return b === false ? false : a && b;
  },
  or: (left, right) => (scope) => {
    const a = left.test(scope);
    if (a === true) return true;
    const b = right.test(scope);
    return b === true ? true : a === undefined || b === undefined ? undefined : false;
  },
  xor: (left, right) => (scope) => {
    const [a, b] = [left.test(scope), right.test(scope)];
    return a === undefined || b === undefined ? undefined : a !== b;
  },
  implies: (left, right) => (scope) => {
    const a = left.test(scope);
    if (a === false) return true;
    const b = right.test(scope);
    return b === true ? true : a === undefined ? undefined : b;
  },
};

const not = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

function includes(scope: Scope, one: Items, many: Items): boolean | undefined {
  const wanted = single(one);
  if (!wanted) return undefined;
  const set = itemSet((steps) => spend(scope, steps));
  for (const other of many) set.add(other);
  return set.has(wanted);
}

const relations: Readonly<Record<string, (left: Items, right: Items, scope: Scope) => boolean | undefined>> = {
  '=': equal,
  '!=': (left, right) => not(equal(left, right)),
  '~': equivalent,
  '!~': (left, right) => !equivalent(left, right),
  in: (left, right, scope) => includes(scope, left, right),
  contains: (left, right, scope) => includes(scope, right, left),
};

/** Each side by itself: a variable that one defines is not the other's. */
const both = (scope: Scope, right: Expression): Items => withSelf(scope, scope.self, () => right.run(scope));

function joined(left: Expression, right: Expression): Expression {
  return collects((scope) => {
    const text = (singleText(left.run(scope)) ?? '') + (singleText(right.run(scope)) ?? '');
    return [stringItem(grown(scope, text))];
  });
}

/** `path = 'text'`, the commonest condition, without making an item. */
function equalsText(left: Expression, text: string): Expression | undefined {
  const { each } = left;
  if (!each) return undefined;
  return decides((scope) => {
    let count = 0;
    let same = false;
    each(scope, (kind, value) => {
      same = value === text && kind.system === 'String';
      return ++count > 1;
    });
    return count === 0 ? undefined : count === 1 && same;
  });
}

function operator(tree: Of<'operator'>, compiler: Compiler): Expression {
  const { operator: sign } = tree;
  const [left, right] = [compile(tree.left, compiler), compile(tree.right, compiler)];
  const decide = logic[sign];
  if (decide) return decides(decide(left, right));
  if (sign === '|') return collects((scope) => union(both(scope, left), both(scope, right), scope));
  if (sign === '&') return joined(left, right);
  const fast = sign === '=' && tree.right.kind === 'literal' && tree.right.type === 'string';
  const text = fast ? equalsText(left, (tree.right as Of<'literal'>).text) : undefined;
  if (text) return text;
  const relation = relations[sign] ?? ordered(sign);
  if (relation) return decides((scope) => relation(left.run(scope), right.run(scope), scope));
  const compute = operate(sign);
  if (!compute) throw unreadable('an operator that FHIRPath has is expected', tree.at);
  return collects((scope) => {
    const made = compute(left.run(scope), right.run(scope));
    const [one] = made;
    if (typeof one?.value === 'string') grown(scope, one.value);
    return made;
  });
}

/** Makes a tree ready: closures over closures, nothing of the tree is looked at again. */
export function compile(tree: Ast, compiler: Compiler): Expression {
  switch (tree.kind) {
    case 'empty':
      return collects(() => nothing);
    case 'this':
      return self;
    case 'index':
      return collects((scope) => [integerItem(scope.index)]);
    case 'total':
      return collects((scope) => scope.total);
    case 'literal':
      return constant(literalItem(tree));
    case 'quantity':
      return quantityOf(tree);
    case 'variable':
      return variable(tree);
    case 'member':
      return member(tree, compiler);
    case 'call':
      return call(tree, compiler);
    case 'item':
      return indexed(tree, compiler);
    case 'sign':
      return sign(tree, compiler);
    case 'type':
      return typed(tree, compiler);
    case 'operator':
      return operator(tree, compiler);
  }
}
