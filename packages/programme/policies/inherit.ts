import type { Issue } from '@safeguard/kernel';
import { fault } from '@safeguard/kernel';
import type { PolicySection, PolicyText } from '../content/types.ts';
import { houseOf, missingPolicy, type PoliciesDeps } from './deps.ts';
import { publishedOf, readVersion, versionsOf } from './rows.ts';
import { partsOf } from './text.ts';
import type { OutdatedPolicy, PolicyVersion } from './types.ts';

/** The name, among sections, of what stands above the first of them; it is always the house's. */
const introduction = 'introduction';

/** Texts that a customer leaves as they are, by id of the section. */
function lockedIn({ text, sections }: PolicyText): ReadonlyMap<string, string> {
  const parts = partsOf(text);
  const locked = new Set(sections.filter(({ inherited }) => inherited === 'locked').map(({ id }) => id));
  const kept = parts.sections.filter(({ id }) => locked.has(id)).map(({ id, text: own }) => [id, own] as const);
  return new Map([[introduction, parts.introduction], ...kept]);
}

/** Ids of what is locked in the house's text and another, or missing, in this one. */
export function brokenIn(house: PolicyText, text: string): string[] {
  const parts = partsOf(text);
  const own = new Map([
    [introduction, parts.introduction],
    ...parts.sections.map((one) => [one.id, one.text] as const),
  ]);
  return [...lockedIn(house)].filter(([id, wanted]) => own.get(id) !== wanted).map(([id]) => id);
}

/** What the house locked stays locked, whatever the front matter of a customer says; what is theirs is editable. */
function inheritedOf(house: PolicyText, own: PolicyText): PolicyText {
  const known = new Map(house.sections.map(({ id, inherited }) => [id, inherited]));
  const sections = own.sections.map((one) => ({ ...one, inherited: known.get(one.id) ?? ('editable' as const) }));
  return { ...own, title: house.title, sections };
}

const issueOf = (id: string): Issue => {
  const text = `section ${id}: expected the text of the house, which is inherited as it is`;
  return { severity: 'error', code: 'invalid', text, at: id };
};

/**
 * A customer's text as it is kept, and the number of the house's that it rests on. Fault `invalid` names each locked
 * section that is another one; `missing` where the house has published no such policy.
 */
export async function derived(deps: PoliciesDeps, own: PolicyText): Promise<{ content: PolicyText; based_on: number }> {
  const [house] = await publishedOf(deps, houseOf(deps), own.id);
  if (house === undefined) throw missingPolicy();
  const broken = brokenIn(house.content, own.text);
  if (broken.length > 0) {
    throw fault('invalid', 'Sections that are inherited were changed.', { issues: broken.map(issueOf) });
  }
  return { content: inheritedOf(house.content, own), based_on: house.number };
}

/** Sections of what is in force for a tenant, and whose text each is. */
export async function sectionsOf(deps: PoliciesDeps, tenant: number, policy: string) {
  const version = await readVersion(deps, tenant, policy);
  if (version === undefined) throw missingPolicy();
  const house = version.tenant === houseOf(deps) ? version : (await publishedOf(deps, houseOf(deps), policy))[0];
  const texts = new Map(house?.content.sections.map(({ id, text }) => [id, text.trim()]));
  const fromOf = ({ id, text }: PolicySection) => (texts.get(id) === text.trim() ? 'house' : 'own');
  return version.content.sections.map((section) => ({ ...section, from: fromOf(section) }) as const);
}

function outdatedBy(own: PolicyVersion, based: PolicyVersion | undefined, house: PolicyVersion): OutdatedPolicy[] {
  if (own.based_on === undefined || own.based_on >= house.number) return [];
  const gone = based === undefined ? [] : [...lockedIn(based.content).keys()];
  const now = lockedIn(house.content);
  const sections = [...brokenIn(house.content, own.content.text), ...gone.filter((id) => !now.has(id))];
  return [{ policy: own.policy, number: own.number, based_on: own.based_on, house: house.number, sections }];
}

/** Computed, not written: a publication of the house is seen by each customer at once. */
export async function outdatedOf(deps: PoliciesDeps, tenant: number): Promise<readonly OutdatedPolicy[]> {
  if (tenant === houseOf(deps)) return [];
  const own = await publishedOf(deps, tenant);
  if (own.length === 0) return [];
  const house = await versionsOf(deps, houseOf(deps));
  return own.flatMap((one) => {
    const of = house.filter(({ policy }) => policy === one.policy);
    const now = of.find(({ state }) => state === 'published');
    const based = of.find(({ number }) => number === one.based_on);
    return now === undefined ? [] : outdatedBy(one, based, now);
  });
}
