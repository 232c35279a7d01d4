import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { batch } from '../bundle/batch.ts';
import { planBundle } from '../bundle/plan.ts';
import { transaction } from '../bundle/transaction.ts';
import type { Shelf } from '../call.ts';
import { callOf } from '../call-of.ts';
import { bodyOf, bodyTypes, fhirPath, formatOf, preferenceOf, tellOutcome } from '../negotiate.ts';
import { toAnswer } from './answer.ts';

export interface BundleSettings {
  readonly bundle_bytes: number;
  readonly bundle_ms: number;
}

/** Batch and transaction (FHIR R4 3.1.0.11): one address, told apart by the bundle's type. */
export const bundleRoute = (shelf: Shelf, { bundle_bytes, bundle_ms }: BundleSettings): Route => ({
  method: 'POST',
  path: fhirPath,
  action: 'transaction',
  auth: 'token',
  errors: 'fhir',
  tell: tellOutcome,
  accepts: bodyTypes,
  limit_bytes: bundle_bytes,
  deadline_ms: bundle_ms,
  handle: (context) => answerBundle(shelf, context),
});

async function answerBundle(shelf: Shelf, context: RequestContext): Promise<Answer> {
  formatOf(context);
  if (![...context.query.keys()].every((name) => name === '_format' || name === '_pretty')) {
    throw fault('invalid', 'Unknown parameter. Known here: _format, _pretty');
  }
  const { type, entries } = planBundle(bodyOf(context), `${context.base}${fhirPath}`);
  const call = callOf(context, type);
  shelf.guard(call.principal, type, { type: 'Bundle' });
  const preference = preferenceOf(context, 'minimal');
  const outcome =
    type === 'batch'
      ? await batch(shelf, call, entries, preference)
      : await transaction(shelf, call, entries, preference);
  return toAnswer(shelf, context, outcome, true);
}
