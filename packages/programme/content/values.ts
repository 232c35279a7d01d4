import { compute, type Formula, namesIn, parseFormula } from './formula.ts';

/** What a file says of one parameter's value: a number, a word, or `= ` and a formula. */
export type Written = number | string;

export interface Resolved {
  /** Of those that could be computed. */
  readonly values: ReadonlyMap<string, number | string>;
  readonly problems: readonly { readonly name: string; readonly text: string }[];
}

/** The formula of a written value without its `=`; undefined: it is none. */
export const formulaOf = (written: Written): string | undefined =>
  typeof written === 'string' && written.startsWith('=') ? written.slice(1).trim() : undefined;

/** Computes every value. A formula that names nothing, goes in circles or comes to no number is a problem, by name. */
export function resolveValues(written: ReadonlyMap<string, Written>): Resolved {
  const values = new Map<string, number | string>();
  const problems: { name: string; text: string }[] = [];
  const formulas = new Map<string, Formula>();
  for (const [name, value] of written) {
    const text = formulaOf(value);
    const formula = text === undefined ? undefined : parseFormula(text);
    if (text === undefined) values.set(name, value);
    else if (formula === undefined) problems.push({ name, text: 'not a formula of numbers, parameters and + - * /' });
    else formulas.set(name, formula);
  }
  const circles = circlesIn(formulas);
  for (const circle of circles) {
    problems.push({ name: circle[0] ?? '', text: `formulas go in a circle: ${[...circle, circle[0]].join(' → ')}` });
  }
  const circling = new Set(circles.flat());
  for (const name of inOrder(formulas)) {
    const formula = formulas.get(name);
    if (formula === undefined || circling.has(name)) continue;
    const result = resultOf(formula, values, written);
    if (typeof result === 'number') values.set(name, result);
    else if (result !== undefined) problems.push({ name, text: result });
  }
  return { values, problems };
}

/** A number, what is wrong, or undefined where what is wrong is told of another parameter. */
function resultOf(
  formula: Formula,
  values: ReadonlyMap<string, number | string>,
  written: ReadonlyMap<string, Written>,
): number | string | undefined {
  for (const name of namesIn(formula)) {
    if (!written.has(name)) return `the formula names ${name}, which is no parameter`;
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') return `the formula names ${name}, which is no number`;
  }
  const result = compute(formula, (name) => Number(values.get(name)));
  // 0.1 + 0.2 is not 0.3 in binary: what people read is rounded to a millionth.
  return Number.isFinite(result) ? Math.round(result * 1e6) / 1e6 : 'the formula comes to no finite number';
}

/** Those that a formula needs before it. Parameters in circles come out somewhere. */
function inOrder(formulas: ReadonlyMap<string, Formula>): string[] {
  const done = new Set<string>();
  const visit = (name: string): void => {
    const formula = formulas.get(name);
    if (formula === undefined || done.has(name)) return;
    done.add(name);
    for (const other of namesIn(formula)) visit(other);
    order.push(name);
  };
  const order: string[] = [];
  for (const name of formulas.keys()) visit(name);
  return order;
}

/** Each circle once, beginning with the one of its parameters that is written first. */
function circlesIn(formulas: ReadonlyMap<string, Formula>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const from = path.indexOf(name);
    if (from >= 0) {
      circles.push(path.slice(from));
      return;
    }
    const formula = formulas.get(name);
    if (formula === undefined || done.has(name)) return;
    for (const other of namesIn(formula)) visit(other, [...path, name]);
    done.add(name);
  };
  for (const name of formulas.keys()) visit(name, []);
  return circles;
}

/** What a value has to keep to. */
export interface Bounds {
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly choices?: readonly (number | string)[] | undefined;
}

/** What is wrong with a value, or undefined. */
export function outside(value: number | string, { least, most, choices }: Bounds): string | undefined {
  if (choices !== undefined && !choices.includes(value)) return 'the value is none of its choices';
  if (typeof value === 'string') return choices === undefined ? 'a word needs choices' : undefined;
  if (!Number.isFinite(value)) return 'the value is no number';
  if (least !== undefined && value < least) return `the value is below the least, ${least}`;
  if (most !== undefined && value > most) return `the value is above the most, ${most}`;
  return undefined;
}
