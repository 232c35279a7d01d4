import { typeNumber } from '@safeguard/fhir';
import type { Check } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { alteredRefused } from './altered.ts';
import { deidentified } from './deidentified.ts';
import type { RecordsCheckDeps } from './deps.ts';
import { identityApart } from './identity-apart.ts';
import { noPlaintext } from './no-plaintext.ts';
import { rightOfAccess } from './right-of-access.ts';

/** What records prove of themselves while they run: where identity stands, what is in clear, what a copy holds. */
export const recordsChecks = (deps: RecordsCheckDeps): Check[] => [
  identityApart(deps),
  noPlaintext(deps),
  deidentified(deps),
  rightOfAccess(deps),
  alteredRefused(deps),
];

const any = {
  name: 'records.check.any-patient',
  text: 'select exists (select from records.resource where tenant = $1 and type = $2) as found',
};

/** Whether a tenant keeps records of patients (`clinical` is the clinical segment): for checks of other packages. */
export const hasRecords =
  (clinical: Segment) =>
  async (tenant: number): Promise<boolean> => {
    const [row] = await clinical.query<{ found: boolean }>(tenant, any, [tenant, typeNumber('Patient')]);
    return row?.found === true;
  };
