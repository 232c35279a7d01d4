import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { everyText } from './everything.ts';

/** A copy is one answer: what is larger than this is handed over in another way. */
const bytes_most = 256 * 1024 * 1024;

/** Not a request of its own: whoever asks writes it down. */
function callFor(principal: Principal): Call {
  const never = (): never => {
    throw fault('internal', 'A copy writes nothing');
  };
  return { principal, base: '', conditions: {}, event: never, entry: never };
}

/**
 * A patient's record as this person may see it: FHIR resources, one a line (NDJSON). Faults as `$everything`;
 * `tooLarge` for more than 256 MiB.
 */
export async function copyOf(shelf: Shelf, principal: Principal, patient: string): Promise<string> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const text of everyText(shelf, callFor(principal), patient)) {
    bytes += text.length + 1;
    if (bytes > bytes_most) throw fault('tooLarge', 'The record is too large for one answer');
    lines.push(text, '\n');
  }
  return lines.join('');
}
