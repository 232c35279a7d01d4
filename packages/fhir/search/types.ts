/** The nine kinds of search parameter (FHIR R4 3.1.1.4). */
export type ParameterType =
  | 'number'
  | 'date'
  | 'string'
  | 'token'
  | 'reference'
  | 'composite'
  | 'quantity'
  | 'uri'
  | 'special';

/** A search parameter as it applies to one resource type. */
export interface Parameter {
  readonly code: string;
  readonly type: ParameterType;
  /** The resource type it applies to. */
  readonly of: string;
  /**
   * Its place among the parameters of its type: the base parameters of R4 count from 0 and never change; custom ones
   * get numbers from 1,000.
   */
  readonly number: number;
  /** Absent for parameters without one (`_text`, `_content`, `_list` …). */
  readonly expression?: string;
  /** Resource types that a reference may lead to. */
  readonly target: readonly string[];
  /** Of a composite: the parameter each component behaves like, and its expression below the composite's element. */
  readonly components?: readonly { readonly parameter: Parameter; readonly expression: string }[];
  /**
   * Parameters of the same type whose values together contain this one's (`patient` ⊂ `subject`; `combo-code` = `code`
   * ∪ `component-code`): an index need hold only those. Absent: it stands for itself.
   */
  readonly within?: readonly string[];
  /**
   * `.where(resolve() is Patient)`: only references to this type are values of the parameter. Together with `within`:
   * of those parameters' values, the ones whose `type` is this.
   */
  readonly only?: string;
}

/** A SearchParameter resource of a tenant, compiled. One of it serves every type in `base`. */
export interface CustomParameter {
  readonly code: string;
  readonly type: ParameterType;
  /** The resource's canonical URL. */
  readonly url: string;
  /** From 1,000; given by who stores it, unique and never given again within a tenant. */
  readonly number: number;
  readonly base: readonly string[];
  readonly target: readonly string[];
  readonly expression: string;
}

/** A value that a parameter reads out of a resource. Times are milliseconds since the Unix epoch, UTC. */
export type SearchValue =
  | TokenValue
  | StringValue
  | ReferenceValue
  | DateValue
  | NumberValue
  | QuantityValue
  | UriValue
  | CompositeValue;

export interface TokenValue {
  readonly kind: 'token';
  /** Absent: none is given. Of a `code` element: the system that its required binding implies. */
  readonly system?: string;
  readonly code?: string;
  /** CodeableConcept.text, Coding.display, Identifier.type.text: what `:text` looks at. */
  readonly texts?: readonly string[];
  /** Identifier.type codings: what `:of-type` looks at. */
  readonly types?: readonly { readonly system?: string; readonly code?: string }[];
}
export interface StringValue {
  readonly kind: 'string';
  readonly text: string;
}
/**
 * `Patient/1` in a query means a relative reference only (R4 3.1.1.4.12): it never matches a value that has a `url`.
 * A reference to a contained resource has neither `id` nor `url`, only the `type` of what it leads to.
 */
export interface ReferenceValue {
  readonly kind: 'reference';
  /** Of a relative reference (`Patient/1`), an absolute one whose tail has that form, else Reference.type. */
  readonly type?: string;
  readonly id?: string;
  /** The reference without its version where it is not relative, or a canonical without its version. */
  readonly url?: string;
  readonly version?: string;
  readonly identifier?: { readonly system?: string; readonly value?: string };
  readonly display?: string;
}
/** The half-open range [low, high) that a date, dateTime, instant, Period or Timing spans; open ends are infinite. */
export interface DateValue {
  readonly kind: 'date';
  readonly low: number;
  readonly high: number;
}
export interface NumberValue {
  readonly kind: 'number';
  readonly low: number;
  readonly high: number;
}
export interface QuantityValue {
  readonly kind: 'quantity';
  /** As written; a comparator opens one end; a Range gives both. `low` = `high` for a plain value. */
  readonly low: number;
  readonly high: number;
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
  /** In UCUM base units, where the unit is UCUM's and linear or affine. */
  readonly canonical?: { readonly unit: string; readonly low: number; readonly high: number };
}
export interface UriValue {
  readonly kind: 'uri';
  readonly uri: string;
}
export interface CompositeValue {
  readonly kind: 'composite';
  /** One list of values per component, of one element. */
  readonly parts: readonly (readonly SearchValue[])[];
}

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

export type Modifier =
  | 'exact'
  | 'contains'
  | 'missing'
  | 'not'
  | 'text'
  | 'identifier'
  | 'of-type'
  | 'in'
  | 'not-in'
  | 'above'
  | 'below'
  /** Of `_filter` alone, for strings, on folded text: equal as a whole; ends with. */
  | 'equals'
  | 'ends';

/** One alternative of a parameter's value, read by the rules of its type. */
export type Test =
  /** `system` undefined: any; '': none. `code` undefined: any. */
  | { readonly kind: 'token'; readonly system?: string; readonly code?: string }
  | { readonly kind: 'of-type'; readonly system: string; readonly code: string; readonly value: string }
  | { readonly kind: 'string'; readonly text: string }
  /** `types`: what a bare id may be of (the parameter's targets, or the one of `:[type]`). */
  | { readonly kind: 'reference'; readonly types: readonly string[]; readonly id: string }
  | { readonly kind: 'reference-url'; readonly url: string; readonly version?: string }
  | { readonly kind: 'date'; readonly prefix: Prefix; readonly low: number; readonly high: number }
  /** [low, high): what the precision of the number as written spans; `value` is the number itself. */
  | {
      readonly kind: 'number';
      readonly prefix: Prefix;
      readonly value: number;
      readonly low: number;
      readonly high: number;
    }
  | {
      readonly kind: 'quantity';
      readonly prefix: Prefix;
      readonly value: number;
      readonly low: number;
      readonly high: number;
      /** `system|code`, or `||unit` (code then is code or unit, system undefined); none: any unit. */
      readonly system?: string;
      readonly code?: string;
      /** The same in UCUM base units, where that can be told. */
      readonly canonical?: {
        readonly unit: string;
        readonly value: number;
        readonly low: number;
        readonly high: number;
      };
    }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'composite'; readonly parts: readonly Test[] }
  | { readonly kind: 'missing'; readonly missing: boolean }
  /**
   * `:in`, `:not-in` of a token: named here, expanded by who holds the terminology. (`:above` and `:below` of a token
   * have token tests, and need it as well.)
   */
  | { readonly kind: 'value-set'; readonly url: string };

/** A parameter with its modifier and alternatives: any one of `tests` suffices (FHIR R4 3.1.1.4.15). */
export interface Condition {
  readonly kind: 'condition';
  readonly parameter: Parameter;
  readonly modifier?: Modifier;
  readonly tests: readonly Test[];
}

/** A search as a tree. `and` of none is true. */
export type Criterion =
  | Condition
  | { readonly kind: 'and' | 'or'; readonly all: readonly Criterion[] }
  | { readonly kind: 'not'; readonly one: Criterion }
  /** `_id`: any of these. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** `_lastUpdated`: any of these. */
  | { readonly kind: 'updated'; readonly tests: readonly Extract<Test, { kind: 'date' }>[] }
  /** `subject:Patient.name=x`: the reference leads to a `type` that fulfils `where`. One entry per possible type. */
  | { readonly kind: 'chain'; readonly parameter: Parameter; readonly links: readonly Link[] }
  /** `_has:Observation:patient:code=x`: some `link.type` whose `parameter` leads here fulfils `where`. */
  | { readonly kind: 'has'; readonly parameter: Parameter; readonly link: Link }
  /** `_list=42` or `$current-…`. */
  | { readonly kind: 'list'; readonly list: string }
  /** `_text` (narrative) or `_content` (everything): words, all of which must occur. */
  | { readonly kind: 'text'; readonly over: 'narrative' | 'content'; readonly words: readonly string[] };

export interface Link {
  readonly type: string;
  readonly where: Criterion;
}

export interface Include {
  readonly reverse: boolean;
  readonly iterate: boolean;
  /** The type whose parameter is followed; '*' with parameter '*': every reference. */
  readonly source: string;
  /** Absent for `*`. */
  readonly parameter?: Parameter;
  /** Only targets of this type. */
  readonly target?: string;
}

export interface Sort {
  readonly by: Parameter | '_id' | '_lastUpdated';
  readonly descending: boolean;
}

export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

/** What a reader of queries needs to know. */
export interface ReadOptions {
  /** The parameters of a resource type, custom ones included; of `Resource`: those that every type has. */
  readonly parameters: (type: string) => ReadonlyMap<string, Parameter>;
  /** `Prefer: handling=lenient`: unknown parameters and modifiers are ignored and reported. */
  readonly lenient: boolean;
  /** Milliseconds since the Unix epoch, for `ap` on dates. */
  readonly now: number;
  /** The address of this server, without a slash at its end: absolute references below it are read as relative. */
  readonly base?: string;
  readonly limits?: Partial<ReadLimits>;
}

/** Above these a query is refused with 400, and the limit named. */
export interface ReadLimits {
  /** References followed by one parameter: chains, `_has`, brackets of `_filter`. */
  readonly depth: number;
  /** Criteria in all. */
  readonly criteria: number;
  /** Alternatives of one parameter. */
  readonly alternatives: number;
  /** `_include` and `_revinclude` together. */
  readonly includes: number;
  /** Characters of one parameter. */
  readonly characters: number;
  /** Resources on a page: without `_count`, and at most. */
  readonly count: number;
  readonly count_most: number;
}

/** A search request, read and checked. */
export interface SearchRequest {
  /** One type of a type search; several or none (every type) of a system search. */
  readonly types: readonly string[];
  readonly where: Criterion;
  readonly includes: readonly Include[];
  readonly sort: readonly Sort[];
  /** 0: only the total. */
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly summary: Summary;
  readonly elements: readonly string[];
  /** The sealed position of a page link. */
  readonly page?: string;
  /** Under `handling=lenient`: what was ignored, by name only when it is a name of ours, else in fixed words. */
  readonly ignored: readonly string[];
}
