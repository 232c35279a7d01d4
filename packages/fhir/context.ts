import type { Issue, JsonObject } from '@safeguard/kernel';

export interface ValidateOptions {
  /** The resource type that is expected, such as the one in the URL. */
  readonly type?: string;
  /** Findings after which validation stops. Default 50. */
  readonly limit?: number;
  /** Accept `Type?param=value` references, which only a transaction or batch may hold. Default false. */
  readonly conditionalReferences?: boolean;
  /** Report R4's warnings too (dom-6 and the like), as `$validate` does. Default false. */
  readonly warnings?: boolean;
}

/**
 * What one run of `validate` carries along. The path is kept as a stack, and becomes text only when something is wrong.
 */
export interface Context {
  readonly issues: Issue[];
  readonly limit: number;
  readonly conditionalReferences: boolean;
  readonly warnings: boolean;
  /** Names and list indexes from the root to the object at hand. */
  readonly path: (string | number)[];
  /** Objects around the one at hand. */
  depth: number;
  /** Types of the contained resources of the resource at hand, by id. */
  contained: ReadonlyMap<string, string> | undefined;
  /** Types of the entries' resources of the Bundle around, by fullUrl. */
  entries: ReadonlyMap<string, string> | undefined;
  /** True inside a contained resource. */
  inside: boolean;
  /** FHIRPath's `%resource`: the resource at hand. */
  resource: JsonObject;
  /** FHIRPath's `%rootResource`: the one that contains it, or itself. */
  root: JsonObject;
  /** Objects stand deeper in one another than is looked at: what walks the whole is not run. */
  deep: boolean;
  /** Checks a whole resource at the path: types are compiled without knowing how resources are. */
  readonly checkResource: (value: unknown, context: Context, inside: boolean) => void;
}

export const createContext = (
  root: string,
  options: ValidateOptions,
  checkResource: Context['checkResource'],
): Context => ({
  checkResource,
  issues: [],
  limit: options.limit ?? 50,
  conditionalReferences: options.conditionalReferences ?? false,
  path: [root],
  depth: 0,
  contained: undefined,
  entries: undefined,
  inside: false,
  warnings: options.warnings ?? false,
  resource: {},
  root: {},
  deep: false,
});

export const isFull = (context: Context): boolean => context.issues.length >= context.limit;

/** `Patient.contact[0].name` out of the stack and what follows it. */
export function locate(context: Context, ...rest: readonly (string | number)[]): string {
  let text = '';
  for (const word of [...context.path, ...rest]) {
    if (typeof word === 'number') text += `[${word}]`;
    else text += text === '' ? word : `.${word}`;
  }
  return text;
}

/**
 * Notes an error at the object at hand, or at what `rest` names below it. `text` never holds a value of the resource.
 */
export function report(context: Context, code: string, text: string, ...rest: readonly (string | number)[]): void {
  if (isFull(context)) return;
  context.issues.push({ severity: 'error', code, text, at: locate(context, ...rest) });
}

/** Notes what is not wrong, but not as it should be. */
export function warn(context: Context, code: string, text: string, ...rest: readonly (string | number)[]): void {
  if (isFull(context)) return;
  context.issues.push({ severity: 'warning', code, text, at: locate(context, ...rest) });
}
