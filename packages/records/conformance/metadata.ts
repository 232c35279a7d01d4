import { fault } from '@safeguard/kernel';
import { capabilityStatement, type Statement } from './capabilities.ts';
import { terminologyCapabilities } from './terminology.ts';

/** Texts that are kept: a server is asked under few names. */
const texts_kept = 8;

/** What `/metadata` answers, as JSON text (FHIR R4 3.1.0.9). */
export interface Metadata {
  /** `mode`: `full` (also where none is asked), `normative`, or `terminology`. Another is a Fault `invalid`. */
  text(base: string, mode: string | null): string;
}

/** Statements are made once per base and kept as text. */
export function createMetadata(statement: Statement): Metadata {
  const kept = new Map<string, string>();
  const keep = (key: string, make: () => object): string => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const text = JSON.stringify(make());
    const oldest = kept.size < texts_kept ? undefined : kept.keys().next().value;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, text);
    return text;
  };
  return {
    text: (base, mode) => {
      if (mode === 'terminology')
        return keep(`terminology ${base}`, () => terminologyCapabilities(base, statement.date));
      // R4 lets `normative` leave out what is not normative; to say more than was asked is no harm.
      if (mode === null || mode === 'full' || mode === 'normative') {
        return keep(base, () => capabilityStatement(statement, base));
      }
      throw fault('invalid', 'mode: expected full, normative or terminology');
    },
  };
}
