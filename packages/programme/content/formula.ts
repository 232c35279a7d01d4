/** Arithmetic over parameters: numbers, `group.name`, `+ - * /`, parentheses. Nothing else, and no code is run. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'operation'; readonly sign: Sign; readonly left: Formula; readonly right: Formula };

type Sign = '+' | '-' | '*' | '/';

const token = /\s*(?:([0-9]+(?:\.[0-9]+)?)|([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)|([-+*/()]))/y;
const deepest = 20;
const tokensMost = 200;

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const whole = text.trimEnd();
  while (token.lastIndex < whole.length) {
    const [, number, name, sign] = token.exec(whole) ?? [];
    const found = number ?? name ?? sign;
    if (found === undefined || tokens.length === tokensMost) return undefined;
    tokens.push(found);
  }
  return tokens;
}

/** Undefined: it is no formula. `text` comes without the `=` in front of it. */
export function parseFormula(text: string): Formula | undefined {
  const tokens = tokensOf(text) ?? [];
  let at = 0;
  const sum = (depth: number): Formula | undefined => chain(['+', '-'], () => chain(['*', '/'], () => one(depth)));
  const chain = (signs: readonly string[], part: () => Formula | undefined): Formula | undefined => {
    let left = part();
    while (left !== undefined && signs.includes(tokens[at] ?? '')) {
      const sign = tokens[at] as Sign;
      at += 1;
      const right = part();
      left = right && { kind: 'operation', sign, left, right };
    }
    return left;
  };
  const one = (depth: number): Formula | undefined => {
    const found = tokens[at] ?? '';
    at += 1;
    if (/^[0-9]/.test(found)) return { kind: 'number', value: Number(found) };
    if (/^[a-z]/.test(found)) return { kind: 'parameter', name: found };
    if (found !== '(' || depth >= deepest) return undefined;
    const inner = sum(depth + 1);
    at += 1;
    return tokens[at - 1] === ')' ? inner : undefined;
  };
  const formula = sum(0);
  return at === tokens.length ? formula : undefined;
}

/** The parameters that a formula names. */
export function namesIn(formula: Formula): string[] {
  if (formula.kind === 'parameter') return [formula.name];
  return formula.kind === 'number' ? [] : [...namesIn(formula.left), ...namesIn(formula.right)];
}

const operations: Readonly<Record<Sign, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** NaN or infinite where it cannot be computed. */
export function compute(formula: Formula, lookUp: (name: string) => number): number {
  if (formula.kind === 'number') return formula.value;
  if (formula.kind === 'parameter') return lookUp(formula.name);
  return operations[formula.sign](compute(formula.left, lookUp), compute(formula.right, lookUp));
}
