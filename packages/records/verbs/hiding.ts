import { typeName } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import { hiddenText, type ShieldOf } from '../search/hide.ts';
import type { StoredRow } from '../storage/rows.ts';
import { type Asking, contentAt, open, shieldsOf } from './shields.ts';
import { rowContents } from './sight.ts';

/** Takes out of answers what is hidden from whoever gets them. */

/** What is about to be answered. */
export interface Answered {
  readonly row: StoredRow;
  readonly text: string;
  /** The same, where it was parsed already. */
  readonly resource?: JsonObject;
}

/** Of resources inside of others it is not asked which permit is for them: what any permit hides is hidden. */
export const anyShield =
  ({ access }: Pick<Shelf, 'access'>, { principal }: Asking, action: string): ShieldOf =>
  (type) =>
    access.shield?.(principal, type, action, 'any');

const hides = (shelf: Shelf, asking: Asking, action: string, type: string): boolean =>
  (anyShield(shelf, asking, action)(type)?.hide ?? []).length > 0;

/** The same of many, of which some may have no text. */
export async function hiddenOf(
  shelf: Shelf,
  asking: Asking,
  action: string,
  rows: readonly StoredRow[],
  texts: readonly (string | undefined)[],
): Promise<(string | undefined)[]> {
  const answered = rows.map((row, index) => ({ row, text: texts[index] ?? '' }));
  const hidden = await hiddenTexts(
    shelf,
    asking,
    action,
    answered.filter(({ text }) => text !== ''),
  );
  let next = 0;
  return answered.map(({ text }) => (text === '' ? undefined : hidden[next++]));
}

/** The texts as they may leave, in their order. */
export async function hiddenTexts(
  shelf: Shelf,
  asking: Asking,
  action: string,
  answered: readonly Answered[],
): Promise<string[]> {
  if (shelf.access.shield === undefined) return answered.map(({ text }) => text);
  const inner = anyShield(shelf, asking, action);
  const made = new Map<Answered, string>();
  for (const [number, some] of Map.groupBy(answered, ({ row }) => row.type)) {
    const type = typeName(number);
    const shields = hides(shelf, asking, action, type)
      ? await ofRows(
          shelf,
          asking,
          action,
          some.map(({ row }) => row),
        )
      : [];
    for (const [index, one] of some.entries()) {
      made.set(one, hiddenText(one, shields[index]?.hide ?? [], inner));
    }
  }
  return answered.map((one) => made.get(one) ?? one.text);
}

async function ofRows(shelf: Shelf, asking: Asking, action: string, rows: readonly StoredRow[]) {
  const contents = await rowContents(shelf, asking, action, rows);
  const known = contents.flatMap((one) => one ?? []);
  const shields = await shieldsOf(shelf, asking, action, known);
  const byContent = new Map(known.map((one, index) => [one, shields[index] ?? open]));
  // What cannot be judged is shown as if the least of the permits were for it.
  const least = anyShield(shelf, asking, action)(typeName(rows[0]?.type ?? 0)) ?? open;
  return contents.map((one) => (one && byContent.get(one)) ?? least);
}

/** One text as it may leave. */
export async function hiddenRow(shelf: Shelf, asking: Asking, action: string, answered: Answered): Promise<string> {
  const [text = answered.text] = await hiddenTexts(shelf, asking, action, [answered]);
  return text;
}

/** The same of what is being written, as a function of its text: that is made only when somebody wants to see it. */
export async function hidingOf(
  shelf: Shelf,
  asking: Asking,
  action: string,
  { type, id, resource }: { readonly type: string; readonly id: string; readonly resource: JsonObject },
): Promise<(text: string) => string> {
  if (shelf.access.shield === undefined) return (text) => text;
  const isHidden = hides(shelf, asking, action, type);
  const [shield] = isHidden ? await shieldsOf(shelf, asking, action, [contentAt(resource, type, id)]) : [];
  return (text) => hiddenText({ text }, shield?.hide ?? [], anyShield(shelf, asking, action));
}
