/** Codes that Consents are made of, and what is known of each. What is not here is not understood. */

export const systems = {
  scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  action: 'http://terminology.hl7.org/CodeSystem/consentaction',
  types: 'http://hl7.org/fhir/resource-types',
  purpose: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  act: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  policy: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes',
  /** Codes: names of roles of the tenant's policy. */
  role: 'urn:safeguard:role',
} as const;

/** HL7's PurposeOfUse (v3-ActReason), each under what it is a kind of. */
const purposeTree: Readonly<Record<string, string>> = {
  PurposeOfUse: 'HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT',
  HOPERAT:
    'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN LABELING ' +
    'METAMGT MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN',
  SYSDEV: 'HTEST',
  HPAYMT: 'CLMATTCH COVAUTH COVERAGE REMITADV',
  COVERAGE: 'ELIGDTRM ELIGVER ENROLLM MILDCRG',
  HRESCH: 'BIORCH CLINTRCH DSRCH POARCH TRANSRCH',
  CLINTRCH: 'CLINTRCHNPC CLINTRCHPC PRECLINTRCH',
  PATRQT: 'FAMRQT PWATRNY SUPNWK',
  PUBHLTH: 'DISASTER THREAT',
  TREAT: 'CAREMGT CLINTRL COC ETREAT POPHLTH TREATDS',
  ETREAT: 'BTG ERTREAT',
};

const purposeCodes = new Set(Object.entries(purposeTree).flatMap(([wider, codes]) => [wider, ...codes.split(' ')]));
export const isPurpose = (code: string): boolean => purposeCodes.has(code);

function widened(code: string): string[] {
  const wider = Object.keys(purposeTree).filter((one) => purposeTree[one]?.split(' ').includes(code));
  return [code, ...new Set(wider.flatMap(widened))];
}
const above = new Map([...purposeCodes].map((code) => [code, widened(code)]));

/** A purpose and whatever it is a kind of: `ETREAT`, `TREAT`, `PurposeOfUse`. */
export const purposesAbove = (code: string): readonly string[] => above.get(code) ?? [code];

/** v3-Confidentiality, the least first. */
export const confidentialities = ['U', 'L', 'M', 'N', 'R', 'V'] as const;

/** Sensitivity labels of v3-ActCode that are kinds of another one. */
const labelTree: Readonly<Record<string, string>> = {
  ETH: 'ETHUD OPIOIDUD SUD',
  SUD: 'ETHUD OPIOIDUD',
  BH: 'COGN DVD EMOTDIS ETH ETHUD MH OPIOIDUD PSY PSYTHPN SUD',
  MH: 'PSY PSYTHPN',
  PSY: 'PSYTHPN',
  STD: 'HIV',
  SEX: 'SDV',
  SDV: 'SEX',
  SPI: 'BH COGN DVD EMOTDIS ETH ETHUD GDIS HIV MH OPIOIDUD PSY PSYTHPN SCA SDV SEX STD SUD',
};

export const labelsBelow = (code: string): string[] => [code, ...(labelTree[code]?.split(' ') ?? [])];

/** Letters of `cruds` by action. Whoever asks here reads for whatever use: it cannot be told from a disclosure. */
export const lettersByAction: Readonly<Record<string, string>> = {
  access: 'rs',
  use: 'rs',
  disclose: 'rs',
  correct: 'ud',
  // Writing what is new discloses nothing, and no Consent binds it.
  collect: '',
};

const listed = (text: string): readonly string[] => text.split(' ');

/** Actor roles of who receives or handles data. Others (author, custodian …) say whose data it is: not told. */
export const recipientRoles: Readonly<Record<string, readonly string[]>> = {
  'http://terminology.hl7.org/CodeSystem/v3-ParticipationType': listed('IRCP PRCP ATND CON PPRF PRF SPRF RESP'),
  'http://terminology.hl7.org/CodeSystem/v3-RoleCode': listed('DELEGATEE GRANTEE'),
  'http://terminology.hl7.org/CodeSystem/v3-RoleClass': listed('AGNT ASSIGNED CAREGIVER EMP PAYOR PROV'),
  'http://terminology.hl7.org/CodeSystem/extra-security-role-type': listed('dataprocessor humanuser'),
};

/**
 * What a Consent says by its policyRule where its root provision states no type. `silent`: it takes nothing and gives
 * nothing back (a notice that was handed out, consent that is implied).
 */
export const policyRules: Readonly<Record<string, 'permit' | 'deny' | 'silent'>> = {
  [`${systems.act}|OPTIN`]: 'permit',
  [`${systems.act}|OPTINR`]: 'permit',
  [`${systems.act}|OPTOUT`]: 'deny',
  [`${systems.act}|OPTOUTE`]: 'deny',
  [`${systems.act}|IMPLIED`]: 'silent',
  [`${systems.act}|IMPLIEDD`]: 'silent',
  [`${systems.act}|NOCONSENT`]: 'silent',
  [`${systems.act}|NOPP`]: 'silent',
  [`${systems.policy}|hipaa-notice`]: 'silent',
};
