import { X509Certificate } from 'node:crypto';
import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { z } from 'zod';
import { platform } from './tenants.ts';
import type { Brand, TenantSettings, Tenants } from './types.ts';

const defaults: TenantSettings = {
  updateAsCreate: false,
  conditionalDelete: 'single',
  profiles: {},
  brand: {},
  dynamicRegistration: false,
  udapAnchors: [],
  test: false,
};

const select = {
  name: 'identity.tenant.settings',
  text: 'select name, settings from identity.tenant where id = $1',
};
const change = {
  name: 'identity.tenant.configure',
  text: `update identity.tenant set settings = settings || $2::jsonb where id = $1 returning name, settings`,
};

type SettingsRow = { name: string; settings: Partial<TenantSettings> };

const most_profiles = 200;
const most_logo_bytes = 64 * 1024;
const canonical = /^[a-z][a-z0-9+.-]*:[^\s|]+(\|[^\s|]+)?$/i;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The first bytes of the two kinds of picture that are served: what is none is never shown to anybody. */
const signatures: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'image/png': (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  'image/webp': (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};

const isLogo = ({ type, data }: { type: string; data: string }): boolean => {
  const bytes = Buffer.from(data, 'base64');
  return bytes.length <= most_logo_bytes && signatures[type]?.(bytes) === true;
};

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const profiles = z
  .record(z.string(), z.array(z.string().regex(canonical)))
  .refine((lists) => Object.values(lists).flat().length <= most_profiles);
const logo = z
  .strictObject({ type: z.enum(['image/png', 'image/webp']), data: z.string().regex(base64) })
  .refine(isLogo);
const brand = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .regex(/^\P{C}*$/u)
    .optional(),
  logo: logo.optional(),
});

/** What each setting may be, and what is said when it is not. */
const rules: Readonly<Record<keyof TenantSettings, { readonly form: z.ZodType; readonly told: string }>> = {
  updateAsCreate: { form: z.boolean(), told: 'Update as create is true or false.' },
  conditionalDelete: { form: z.enum(['single', 'multiple']), told: 'Conditional delete is "single" or "multiple".' },
  profiles: {
    form: profiles,
    told: `Profiles are lists of canonical urls by resource type, ${most_profiles} at most.`,
  },
  brand: {
    form: brand,
    told: `A brand is a name (80 characters) and a logo (PNG or WebP, base64, ${most_logo_bytes >> 10} KiB), at most.`,
  },
  dynamicRegistration: { form: z.boolean(), told: 'Dynamic registration is true or false.' },
  udapAnchors: {
    form: z.array(z.string().max(8_192).refine(isCertificate)).max(20),
    told: 'UDAP anchors are PEM certificates of authorities, 20 at most.',
  },
  test: { form: z.boolean(), told: 'Whether it is a test tenant is true or false.' },
};

const names = Object.keys(rules) as (keyof TenantSettings)[];

/** Only what is named, each value checked. Fault `invalid` with an issue for every wrong one; unknown names too. */
function checked(changes: Partial<TenantSettings>): Partial<TenantSettings> {
  const unknown = Object.keys(changes).filter((name) => !(names as string[]).includes(name));
  const wrong = names.filter(
    (name) => changes[name] !== undefined && !rules[name].form.safeParse(changes[name]).success,
  );
  if (unknown.length > 0) throw fault('invalid', `A tenant's settings are: ${names.join(', ')}.`);
  const told = wrong.map((name) => rules[name].told);
  if (told.length > 0) {
    const issues = told.map((text, at) => ({ severity: 'error', code: 'invalid', text, at: wrong[at] ?? '' }) as const);
    throw fault('invalid', told.join(' '), { issues });
  }
  return Object.fromEntries(names.flatMap((name) => (changes[name] === undefined ? [] : [[name, changes[name]]])));
}

/** How old an answer from memory may be: another process's change holds here after this long. */
const oldest_ms = 1_000;

interface Known {
  readonly at: number;
  readonly answer: Promise<SettingsRow>;
}

const settingsOf = ({ settings }: SettingsRow): TenantSettings => ({ ...defaults, ...settings });

/** The name of a tenant stands for people where it chose none. */
function brandOf({ name, settings }: SettingsRow): Brand {
  const chosen = settings.brand ?? {};
  const shown = chosen.name ?? (name === 'default' ? 'Safeguard' : name);
  if (chosen.logo === undefined) return { name: shown };
  return { name: shown, logo: { type: chosen.logo.type, bytes: Buffer.from(chosen.logo.data, 'base64') } };
}

type Configured = Pick<Tenants, 'settings' | 'configure' | 'brand' | 'nameOf'>;

export function createTenantSettings({ segment, clock }: { segment: Segment; clock: Clock }): Configured {
  const known = new Map<number, Known>();
  const ask = async (tenant: number): Promise<SettingsRow> => {
    const [row] = await segment.query<SettingsRow>(platform, select, [tenant]);
    return row ?? { name: 'default', settings: {} };
  };
  const rowOf = (tenant: number): Promise<SettingsRow> => {
    const before = known.get(tenant);
    const age_ms = clock.now() - (before?.at ?? 0);
    if (before !== undefined && age_ms >= 0 && age_ms <= oldest_ms) return before.answer;
    const answer = ask(tenant);
    known.set(tenant, { at: clock.now(), answer });
    answer.catch(() => known.delete(tenant));
    return answer;
  };
  return {
    settings: async (tenant) => settingsOf(await rowOf(tenant)),
    brand: async (tenant) => brandOf(await rowOf(tenant)),
    nameOf: async (tenant) => (await rowOf(tenant)).name,
    async configure(tenant, changes) {
      const values = [tenant, JSON.stringify(checked(changes))];
      const [row] = await segment.query<SettingsRow>(platform, change, values);
      known.delete(tenant);
      if (row === undefined) throw fault('missing', 'The tenant does not exist.');
      return settingsOf(row);
    },
  };
}
