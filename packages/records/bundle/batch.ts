import { naming, operationOutcome, type RequestEvent, statusOf } from '@safeguard/http';
import { fault, isFault, isUuid } from '@safeguard/kernel';
import type { Call, Outcome, Shelf } from '../call.ts';
import { dispatch } from './dispatch.ts';
import type { Entry } from './plan.ts';
import { bundleText, entryText, failureText, type Preference } from './respond.ts';

/** Entries done side by side: enough to fill the commits they share, few enough to leave room for others. */
const concurrency = 24;

/** The order in which FHIR R4 3.1.0.11.2 wants the methods done. */
const order: readonly Entry['method'][] = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD'];

/** FHIR R4 3.1.0.11 batch: every entry on its own, each with its own entry in the ledger. */
export async function batch(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  preference: Preference,
): Promise<Outcome> {
  const texts = new Array<string>(entries.length);
  for (const method of order) {
    const waiting = entries.filter((entry) => entry.method === method);
    const worker = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        texts[entry.index] = await one(shelf, call, entry, preference);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }
  const event = call.event(200, []);
  return { status: 200, text: bundleText('batch-response', texts), targets: [], event };
}

const asking = (event: RequestEvent, { asked }: Outcome): RequestEvent =>
  asked === undefined ? event : { ...event, asked };

/** Does an entry and has it chained before its answer may be seen. */
export async function one(shelf: Shelf, call: Call, entry: Entry, preference: Preference): Promise<string> {
  const own = call.entry(entry.action, entry.conditions);
  try {
    const outcome = await dispatch(shelf, own, entry);
    const event =
      outcome.event ?? naming(asking(own.event(outcome.status, outcome.targets), outcome), outcome.patients);
    await shelf.record(event);
    if (outcome.event) shelf.intents.settle(call.principal.tenant, event.id);
    const reads = entry.method === 'GET';
    return entryText(call.base, outcome, reads || preference === 'representation');
  } catch (error) {
    const failure = isFault(error) ? error : fault('internal', 'This entry failed', { cause: error });
    // The ledger itself, or a part that everything needs: no use going on.
    if (failure.kind === 'unavailable') throw failure;
    if (failure.kind === 'internal') shelf.log.warn('an entry of a bundle failed', { error });
    const status = statusOf(failure);
    const { type, id } = entry;
    const targets = id !== undefined && isUuid(id) ? [{ type, id }] : [];
    await shelf.record(own.event(status, targets, failure.kind));
    return failureText(status, operationOutcome(failure));
  }
}
