import { isDefinitional, worded } from './decide.ts';
import type { ViewRules } from './rules.ts';
import type { PrimitiveStep } from './told.ts';

/** Elements that have a rule of their own where words are not trusted. */
const own: ReadonlyMap<string, PrimitiveStep | 'drop'> = new Map<string, PrimitiveStep | 'drop'>([
  ['Reference.reference', 'reference'],
  ['Bundle.entry.fullUrl', 'reference'],
  ['Extension.url', 'keep'],
  ['SampledData.data', 'keep'],
  ['QuestionnaireResponse.item.linkId', 'link'],
  ['QuestionnaireResponse.item.answer.valueInteger', 'answer'],
  ['QuestionnaireResponse.item.answer.valueDecimal', 'answer'],
  // Of a published terminology: whoever has the code has its words.
  ['Coding.display', 'drop'],
  ['Coding.version', 'drop'],
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map((type) => [`${type}.unit`, 'unit'] as const),
]);

const addresses: ReadonlySet<string> = new Set(['uri', 'url', 'canonical']);
const dates: ReadonlyMap<string, PrimitiveStep> = new Map([
  ['date', 'year'],
  ['dateTime', 'year'],
  ['instant', 'moment'],
  ['time', 'mask'],
]);

interface Element {
  /** The type that has it, by its key in the definitions. */
  readonly owner: string;
  readonly name: string;
  /** Its datatype. */
  readonly type: string;
}

function publishedStep({ owner, name, type }: Element, rules: ViewRules): PrimitiveStep | undefined {
  if (name === 'id') return 'local';
  // A code without its system says nothing: it goes with it, or both stay.
  if (name === 'system' && !rules.codes) return undefined;
  if (own.has(`${owner}.${name}`) || !addresses.has(type) || isDefinitional(owner)) return undefined;
  return 'published';
}

function codedStep({ owner, name, type }: Element): PrimitiveStep | 'drop' | undefined {
  const step = own.get(`${owner}.${name}`);
  if (step !== undefined) return step;
  return worded.has(type) && !addresses.has(type) && !isDefinitional(owner) ? 'mask' : undefined;
}

/** What a view does with a primitive that it shows more strictly than `without-identity`; undefined: no more. */
export function strictStep(element: Element, rules: ViewRules): PrimitiveStep | 'drop' | undefined {
  const dated = rules.years ? dates.get(element.type) : undefined;
  if (dated !== undefined) return dated;
  const published = rules.published ? publishedStep(element, rules) : undefined;
  return published ?? (rules.codes ? codedStep(element) : undefined);
}
