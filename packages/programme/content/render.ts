/** A parameter as far as texts need it. */
export interface Shown {
  readonly value: number | string;
  readonly unit?: string;
}

const placeholder = /\{\{([^{}]*)\}\}/g;
const known = /^([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)(\|words)?$/;

/** A place in a text that a parameter is put into. */
export interface Placeholder {
  /** Undefined: what stands between the braces is no name. */
  readonly name: string | undefined;
  /** With its unit: `15 minutes` and not `15`. */
  readonly worded: boolean;
  /** Line of the text, from 1. */
  readonly line: number;
  /** What follows it on its line. */
  readonly after: string;
}

/** Every placeholder of a text, also those that are none of ours: `{{` or `}}` on its own is one without a name. */
export function placeholdersIn(text: string): Placeholder[] {
  return text.split('\n').flatMap((line, index) => {
    const found = [...line.matchAll(placeholder)].map((match): Placeholder => {
      const [, name, worded] = known.exec(match[1] ?? '') ?? [];
      return { name, worded: worded !== undefined, line: index + 1, after: line.slice(match.index + match[0].length) };
    });
    const rest = line.replaceAll(placeholder, '');
    const stray = /\{\{|\}\}/.test(rest) ? [{ name: undefined, worded: false, line: index + 1, after: '' }] : [];
    return [...found, ...stray];
  });
}

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });
const bareOf = (value: number | string): string => (typeof value === 'number' ? numbers.format(value) : value);

/** `minutes` → `minute` where there is one of them. */
const singular = (unit: string): string => unit.replace(/([^s])s$/, '$1');

/** A value in words: `15 minutes`, `1 day`, `1.2`. */
export function words({ value, unit }: Shown): string {
  if (unit === undefined) return bareOf(value);
  return `${bareOf(value)} ${value === 1 ? singular(unit) : unit}`;
}

/**
 * The text with its placeholders filled in: `{{sessions.idle_minutes}}` is `15`, `{{sessions.idle_minutes|words}}` is
 * `15 minutes` (and `1 minute`). One that names nothing stays as it is: the reader refuses such content.
 */
export function render(text: string, parameters: ReadonlyMap<string, Shown>): string {
  return text.replaceAll(placeholder, (whole, inner: string) => {
    const [, name = '', worded] = known.exec(inner) ?? [];
    const parameter = parameters.get(name);
    if (parameter === undefined) return whole;
    return worded === undefined ? bareOf(parameter.value) : words(parameter);
  });
}
