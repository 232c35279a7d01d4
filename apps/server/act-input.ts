import { fault, isFault } from '@safeguard/kernel';

/** A member of an act's body as a text. Fault `invalid` that names it. */
export const text = (value: unknown, name: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw fault('invalid', `${name}: expected a text`);
};

export const texts = (value: unknown, name: string): string[] => {
  if (Array.isArray(value)) return value.map((one) => text(one, name));
  throw fault('invalid', `${name}: expected a list of texts`);
};

/** The findings of a fault as its one line: a command has no fields to point at. */
export async function inOneLine<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid' || error.issues.length === 0) throw error;
    const said = [...new Set(error.issues.map((issue) => issue.text))].join(' ');
    throw fault('invalid', said, { issues: error.issues, cause: error });
  }
}
