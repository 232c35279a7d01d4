import { createRng, type Rng } from '../rng.ts';

/** The 18 categories of 45 CFR 164.514(b)(2)(i)(A) to (R), in its order. */
export const canaryCategories = [
  'name',
  'geographic',
  'date',
  'phone',
  'fax',
  'email',
  'ssn',
  'medical-record',
  'health-plan',
  'account',
  'licence',
  'vehicle',
  'device',
  'url',
  'ip',
  'biometric',
  'photo',
  'other',
] as const;

export type CanaryCategory = (typeof canaryCategories)[number];

export interface Canary {
  readonly category: CanaryCategory;
  /** The exact text to look for. */
  readonly value: string;
  /** The element it stands in: `Patient.name[0].family`. */
  readonly where: string;
}

export interface CanaryMaker {
  readonly rng: Rng;
  readonly planted: Canary[];
  /** A new value of the category, noted as standing at `where`. */
  plant(category: CanaryCategory, where: string): string;
}

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

function writer(tag: string, rng: Rng): (category: CanaryCategory, number: number) => string {
  const three = (number: number): string => String(number).padStart(3, '0');
  const words: Record<CanaryCategory, (number: number) => string> = {
    name: (n) => `Canaryname-${tag}-${three(n)}`,
    geographic: (n) => `${three(n)} Canaryplace ${tag} Row`,
    // A year before anyone else in the data was born; one day for every number.
    date: (n) => new Date(Date.UTC(1880 + (n % 10), rng.int(0, 11), rng.int(1, 28))).toISOString().slice(0, 10),
    phone: (n) => `+1-206-555-0142;ext=${rng.digits(7)}${three(n)}`,
    fax: (n) => `+1-206-555-0143;ext=${rng.digits(7)}${three(n)}`,
    email: (n) => `canary.${tag}.${three(n)}@example.net`,
    // Area 900 to 999 is never issued.
    ssn: (n) => `9${rng.digits(2)}-${rng.int(10, 49)}-${rng.int(1, 9)}${three(n)}`,
    'medical-record': (n) => `CANARYMRN-${tag}-${three(n)}`,
    'health-plan': (n) => `CANARYPLAN-${tag}-${three(n)}`,
    account: (n) => `CANARYACCOUNT-${tag}-${three(n)}`,
    licence: (n) => `CANARYLICENCE-${tag}-${three(n)}`,
    vehicle: (n) => `CANARYVIN-${tag}-${three(n)}`,
    device: (n) => `CANARYSERIAL-${tag}-${three(n)}`,
    url: (n) => `https://canary-${tag}-${three(n)}.example.net/me`,
    // RFC 3849 sets 2001:db8::/32 apart for documentation.
    ip: (n) =>
      `2001:db8:${rng.int(4_096, 65_535).toString(16)}:${rng.int(4_096, 65_535).toString(16)}::${n.toString(16)}`,
    biometric: (n) => base64(`canary fingerprint template ${tag} ${three(n)}`),
    photo: (n) => base64(`\u00ff\u00d8\u00ff\u00e0\u0000\u0010JFIF canary photo ${tag} ${three(n)}`),
    other: (n) => `CANARYNUMBER-${tag}-${three(n)}`,
  };
  return (category, number) => words[category](number);
}

export function canaryMaker(tag: string): CanaryMaker {
  const rng = createRng(`canary/${tag}`);
  const write = writer(tag, rng);
  const planted: Canary[] = [];
  const taken = new Set<string>();
  const plant = (category: CanaryCategory, where: string): string => {
    let value = write(category, planted.length + 1);
    while (taken.has(value)) value = write(category, planted.length + 1);
    taken.add(value);
    planted.push({ category, value, where });
    return value;
  };
  return { rng, planted, plant };
}
