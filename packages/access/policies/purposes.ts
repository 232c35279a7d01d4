/**
 * HL7's value set PurposeOfUse (`http://terminology.hl7.org/ValueSet/v3-PurposeOfUse`; the codes are of the system
 * v3-ActReason): why somebody asks. A narrower code stands behind the wider one that it is part of.
 */
const tree: Readonly<Record<string, readonly string[]>> = {
  TREAT: ['CLINTRL', 'COC', 'ETREAT', 'BTG', 'ERTREAT', 'POPHLTH', 'CAREMGT'],
  HPAYMT: ['CLMATTCH', 'COVAUTH', 'COVERAGE', 'ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG', 'REMITADV'],
  HOPERAT: [
    ...['DONAT', 'FRAUD', 'GOV', 'HACCRED', 'HCOMPL', 'HDECD', 'HDIRECT', 'HDM', 'HLEGAL', 'HOUTCOMS', 'HPRGRP'],
    ...['HQUALIMP', 'HSYSADMIN', 'HTEST', 'LABELING', 'MEMADMIN', 'METAMGT', 'MILCDM', 'PATADMIN', 'PATSFTY'],
    ...['PERFMSR', 'RECORDMGT', 'SYSDEV', 'TRAIN'],
  ],
  HRESCH: ['BIORCH', 'CLINTRCH', 'CLINTRCHNPC', 'CLINTRCHPC', 'DSRCH', 'POARCH', 'PRECLINTRCH', 'TRANSRCH'],
  PATRQT: ['FAMRQT', 'PWATRNY', 'SUPNWK'],
  PUBHLTH: ['DISASTER', 'THREAT'],
  HMARKT: [],
};

/** A code and the narrower ones behind it. */
export const purposesUnder = (code: keyof typeof tree & string): readonly string[] => [code, ...(tree[code] ?? [])];

/** All codes that a request, a role or a rule may name. */
export const purposesOfUse: ReadonlySet<string> = new Set(Object.keys(tree).flatMap(purposesUnder));
