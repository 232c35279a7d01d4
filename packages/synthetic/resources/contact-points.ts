import { fold } from '@safeguard/kernel';
import type { WrittenName } from '../person.ts';
import type { Rng } from '../rng.ts';
import { streetKinds, streetNames, type Town } from '../words/places.ts';
import { fictionalPhone } from './identifiers.ts';

/** An invented street in an invented town, with the geolocation extension. */
export function address(rng: Rng, town: Town): object {
  const line = [`${rng.int(1, 9_899)} ${rng.pick(streetNames)} ${rng.pick(streetKinds)}`];
  if (rng.chance(0.3)) line.push(`${rng.pick(['Apt', 'Unit', 'Suite'])} ${rng.int(1, 40)}${rng.pick(['', 'A', 'B'])}`);
  const degrees = (middle: number): number => Number((middle + rng.around(0, 0.02)).toFixed(5));
  return {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/geolocation',
        extension: [
          { url: 'latitude', valueDecimal: degrees(town.latitude) },
          { url: 'longitude', valueDecimal: degrees(town.longitude) },
        ],
      },
    ],
    use: 'home',
    line,
    city: town.city,
    state: town.state,
    postalCode: `${town.zip}${rng.digits(2)}`,
    country: 'US',
  };
}

const mailbox = (name: WrittenName): string =>
  fold(`${name.given[0] ?? 'x'}.${name.family}`)
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replaceAll('þ', 'th')
    .replace(/[^a-z.]/g, '');

/** A phone from the numbers set apart for fiction and, for most, a mailbox under a domain that RFC 2606 reserves. */
export function telecom(rng: Rng, name: WrittenName, town: Town): object[] {
  const points: object[] = [
    { system: 'phone', value: fictionalPhone(rng, town.area), use: rng.pick(['home', 'mobile']) },
  ];
  if (rng.chance(0.7)) {
    const domain = rng.pick(['example.com', 'example.org', 'mail.example.net']);
    points.push({ system: 'email', value: `${mailbox(name)}${rng.int(1, 99)}@${domain}` });
  }
  return points;
}

/** The HumanNames of a written name: the official one, and the one in its own script. */
export function humanNames(name: WrittenName, familyFirst: boolean, prefix: string | undefined): object[] {
  const official = {
    use: 'official',
    text: name.text,
    family: name.family,
    given: name.given,
    ...(prefix === undefined ? {} : { prefix: [prefix] }),
  };
  if (name.native === undefined) return [official];
  const { family, given } = name.native;
  const text = familyFirst ? `${family}${given}` : `${given} ${family}`;
  return [official, { use: 'usual', text, family, given: [given] }];
}
