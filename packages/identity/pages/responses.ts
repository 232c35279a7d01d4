import { fault } from '@safeguard/kernel';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

const text = z.string().max(30_000);
const common = {
  id: text,
  rawId: text,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  authenticatorAttachment: z.string().max(40).optional(),
};
const asserted = z.object({
  ...common,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.optional(),
  }),
});
const attested = z.object({
  ...common,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});

/** What the script put into the form. Anything that is no answer of a passkey fails as a wrong one does. */
function parsed<Given>(given: string, form: z.ZodType): Given {
  try {
    return form.parse(JSON.parse(given)) as Given;
  } catch (cause) {
    throw fault('unauthenticated', 'The passkey did not answer.', { cause });
  }
}

export const assertionOf = (given: string): AuthenticationResponseJSON => parsed(given, asserted);
export const attestationOf = (given: string): RegistrationResponseJSON => parsed(given, attested);
