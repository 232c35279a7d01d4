import { parseWritten, subset, writeJson } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Outcome } from '../call.ts';

/** How much of a resource is shown: `_summary` and `_elements` (FHIR R4 3.1.0.1.5.8, 3.1.0.1.5.9). */
export interface Shape {
  readonly summary?: 'true' | 'text' | 'data' | 'count';
  readonly elements?: readonly string[];
}

const summaries = ['true', 'text', 'data', 'false'];
const elementName = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)?$/;

/** `more`: values of `_summary` that the interaction knows beside those of every one. */
export function readShape(query: URLSearchParams, more: readonly 'count'[] = []): Shape {
  const summary = query.get('_summary');
  const known = [...summaries, ...more];
  if (summary !== null && !known.includes(summary)) throw fault('invalid', `_summary: expected ${known.join(', ')}`);
  const elements = query.getAll('_elements').flatMap((names) => names.split(','));
  if (!elements.every((name) => elementName.test(name)))
    throw fault('invalid', '_elements: expected names of elements');
  return {
    ...(summary === null || summary === 'false' ? {} : { summary: summary as NonNullable<Shape['summary']> }),
    ...(elements.length > 0 ? { elements } : {}),
  };
}

/** A resource's text as far as the shape shows it, tagged as a part. */
export function shapedText(text: string, { summary, elements }: Shape): string {
  const part = summary === 'count' ? undefined : summary;
  if (part === undefined && elements === undefined) return text;
  const resource = parseWritten(text) as JsonObject;
  return writeJson(subset(resource, { ...(part ? { summary: part } : {}), ...(elements ? { elements } : {}) }));
}

/** The outcome of a read in the shape that the query asks for. */
export async function shaped(query: URLSearchParams, read: () => Promise<Outcome>): Promise<Outcome> {
  const shape = readShape(query);
  const outcome = await read();
  const { text } = outcome;
  return text === undefined ? outcome : { ...outcome, text: shapedText(text, shape) };
}
