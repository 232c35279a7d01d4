/** Codes of HL7's PurposeOfUse (v3-ActReason), by what HIPAA calls them. */

/** 45 CFR 164.501 "treatment". */
export const treatment: ReadonlySet<string> = new Set([
  'TREAT',
  'ETREAT',
  'ERTREAT',
  'BTG',
  'CAREMGT',
  'COC',
  'TREATDS',
]);

/** 45 CFR 164.501 "payment". */
export const payment: ReadonlySet<string> = new Set([
  ...['HPAYMT', 'CLMATTCH', 'COVAUTH', 'COVERAGE', 'ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG', 'REMITADV', 'PMTDS'],
]);

/** 45 CFR 164.501 "health care operations", as far as the code alone tells. */
export const operations: ReadonlySet<string> = new Set([
  ...['HOPERAT', 'HACCRED', 'HCOMPL', 'HOUTCOMS', 'HPRGRP', 'HQUALIMP', 'HSYSADMIN', 'MEMADMIN', 'METAMGT'],
  ...['PATADMIN', 'PATSFTY', 'PERFMSR', 'RECORDMGT', 'SYSDEV', 'TRAIN'],
]);

/** At the patient's, or their family's, own request. */
export const asked: ReadonlySet<string> = new Set(['PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK']);

/** 45 CFR 164.512(b), (j): public health, disaster relief, a serious threat. */
export const publicHealth: ReadonlySet<string> = new Set(['PUBHLTH', 'DISASTER', 'THREAT']);
