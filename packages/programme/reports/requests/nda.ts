import { hash } from 'node:crypto';

/** What whoever asks for a report agrees to; the form shows it whole. */
export const ndaText =
  'I ask for this report on behalf of the organization that I named, to ' +
  'judge whether it can rely on this platform. I ' +
  'will keep the report and what it says confidential, use it for that purpose alone, show it only to those in my ' +
  'organization, its auditors and its advisers who need it for that and ' +
  'are bound as I am, and delete it when it is no ' +
  'longer needed. It is given as it is, and is no certificate.';

/** SHA-256 of the text, hex: kept with each request, so that it is known what was agreed to. */
export const ndaDigest: string = hash('sha256', ndaText, 'hex');
