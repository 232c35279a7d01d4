import type { JsonObject } from '@safeguard/kernel';

/** One item of a result, with its type. */
export interface PathNode {
  /** JSON as it stands in the resource (numbers may be raw), or a system value in JSON (dates as text). */
  readonly value: unknown;
  /** `Patient`, `HumanName`, `code`, `Patient.contact` (a backbone element), `System.String`, … */
  readonly type: string;
  /** The sibling of a primitive element (`_birthDate`), when there is one. */
  readonly extensionHolder?: JsonObject;
}

/** Work, in steps of about one item each, that several evaluations share; what they do is taken off. */
export interface PathAllowance {
  steps: number;
}

/** What an expression may ask for outside its focus. */
export interface PathEnvironment {
  /** `%resource`; absent: the focus. */
  readonly resource?: JsonObject;
  /** `%rootResource`, where contained resources are looked for; absent: `%resource`. */
  readonly rootResource?: JsonObject;
  /** `%name` → a JSON value or a list of them. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /**
   * `resolve()` for references that do not name a contained resource. Absent: the result is a node of the type that the
   * reference's text names, without content, so that `resolve() is Patient` is answered without input or output.
   */
  readonly resolve?: (reference: string) => JsonObject | undefined;
  /** `memberOf()`; undefined: not known. */
  readonly memberOf?: (valueSet: string, value: unknown) => boolean | undefined;
  /** `conformsTo()`; undefined: not known. Absent: only the base types' own profiles are known. */
  readonly conformsTo?: (resource: JsonObject, profile: string) => boolean | undefined;
  /** The instant that `now()`, `today()` and `timeOfDay()` tell; absent: the clock's. */
  readonly now?: Date;
  /** Shared with other evaluations, so that many expressions do not take what one may not; absent: its own. */
  readonly allowance?: PathAllowance;
  /** Receives what `trace()` names; absent: it is dropped. Never a log: the values are PHI. */
  readonly trace?: (name: string, values: readonly unknown[]) => void;
}

/** An expression made ready. It holds no state: one may serve any number of resources. */
export interface CompiledPath {
  /** The result as plain JSON values. `focusType` names the type of a focus that is not a resource. */
  evaluate(focus: unknown, environment?: PathEnvironment, focusType?: string): unknown[];
  /** The result with types. */
  nodes(focus: unknown, environment?: PathEnvironment, focusType?: string): PathNode[];
  /**
   * The result read as a condition: true for `true` and for a single item that is not a boolean (singleton evaluation
   * of collections, N1 5.1); false for `false` and for an empty result.
   */
  test(focus: unknown, environment?: PathEnvironment, focusType?: string): boolean;
}

export interface CompileOptions {
  /** The type of the focus, when it is known before. */
  readonly type?: string;
  /**
   * An element that its type does not have, and `as()` of several items, are errors (Fault `unprocessable`). R4's own
   * expressions need it otherwise: empty, and a filter.
   */
  readonly strict?: boolean;
}
