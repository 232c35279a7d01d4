/**
 * The simple part of FHIRPath that nearly every search parameter is written in: unions of dotted paths with `ofType`,
 * `as`, `where(a='b')`, `where(resolve() is T)`, `extension('url')` and `[0]`. What is more goes to the FHIRPath
 * engine.
 */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'equals'; readonly name: string; readonly value: string }
  | { readonly kind: 'leads'; readonly type: string }
  | { readonly kind: 'first' };

export interface Path {
  /** `%resource.a`: from the resource, wherever the expression is evaluated. */
  readonly root: boolean;
  /** The resource type it begins with; absent for a path relative to the element. */
  readonly type?: string;
  readonly steps: readonly Step[];
  /** `A.b.exists() and A.b != false`: true or false, always there. */
  readonly truth?: true;
}

/** Splits at ` | ` outside of parentheses and quotes. */
export function unionParts(expression: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < expression.length; at++) {
    const sign = expression[at];
    if (sign === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (sign === '|' && depth === 0) {
      parts.push(expression.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, expression.slice(from).trim()];
}

/** `(A.b).c` → `A.b.c`; `(A.b as C)` → `A.b.as(C)`. */
function unwrap(text: string): string {
  const match = /^\(((?:[^()]|\([^()]*\))*)\)(.*)$/.exec(text);
  const inner = match ? `${castAsCall(match[1]?.trim() ?? '')}${match[2]}` : castAsCall(text);
  return inner === text ? text : unwrap(inner);
}

const castAsCall = (text: string): string => text.replace(/^(\S+) as (\w+)$/, '$1.as($2)');

const forms: readonly [RegExp, (match: RegExpExecArray) => readonly Step[]][] = [
  [
    /^(?:ofType|as)\((?:FHIR\.)?(\w+)\)/,
    (m) => [{ kind: 'type', type: m[1] === 'DateTime' ? 'dateTime' : (m[1] ?? '') }],
  ],
  [/^where\(resolve\(\) is (?:FHIR\.)?(\w+)\)/, (m) => [{ kind: 'leads', type: m[1] ?? '' }]],
  [/^where\((\w+) ?= ?'([^'\\]*)'\)/, (m) => [{ kind: 'equals', name: m[1] ?? '', value: m[2] ?? '' }]],
  [
    /^extension\('([^'\\]*)'\)/,
    (m) => [
      { kind: 'name', name: 'extension' },
      { kind: 'equals', name: 'url', value: m[1] ?? '' },
    ],
  ],
  [/^([a-z]\w*)\[0\]/, (m) => [{ kind: 'name', name: m[1] ?? '' }, { kind: 'first' }]],
  [/^([a-z]\w*)(?![\w(])/, (m) => [{ kind: 'name', name: m[1] ?? '' }]],
];

function readSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = forms.map(([form, make]) => ({ match: form.exec(rest), make })).find(({ match }) => match !== null);
    if (!found?.match) return undefined;
    steps.push(...found.make(found.match));
    rest = rest.slice(found.match[0].length);
    if (rest !== '' && !rest.startsWith('.')) return undefined;
    rest = rest.slice(1);
  }
  return steps;
}

const truthForm = /^([A-Z]\w*)\.([a-z]\w*)\.exists\(\) and \1\.\2 != false$/;

function readPart(text: string): Path | undefined {
  const truth = truthForm.exec(text);
  if (truth) return { root: false, type: truth[1] ?? '', steps: [{ kind: 'name', name: truth[2] ?? '' }], truth: true };
  const whole = unwrap(text);
  const [, head] = /^([A-Z]\w*|%resource)(?:\.|$)/.exec(whole) ?? [];
  const steps = readSteps(head === undefined ? whole : whole.slice(head.length + 1));
  if (!steps || (head === undefined && steps.length === 0)) return undefined;
  if (head === '%resource') return { root: true, steps };
  return head === undefined ? { root: false, steps } : { root: false, type: head, steps };
}

const isFor = (path: Path, type: string): boolean =>
  path.type === undefined || path.type === type || path.type === 'Resource' || path.type === 'DomainResource';

/** The paths of an expression that concern a resource type; undefined when one of its parts is not simple. */
export function readPaths(expression: string, type: string): readonly Path[] | undefined {
  const paths: Path[] = [];
  for (const part of unionParts(expression)) {
    const path = readPart(part);
    if (!path) return undefined;
    if (isFor(path, type)) paths.push(path);
  }
  return paths;
}
