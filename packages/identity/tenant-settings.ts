import { fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from './tenants.ts';
import type { TenantSettings, Tenants } from './types.ts';

const defaults: TenantSettings = { updateAsCreate: false, conditionalDelete: 'single', profiles: {} };

const select = { name: 'identity.tenant.settings', text: 'select settings from identity.tenant where id = $1' };
const change = {
  name: 'identity.tenant.configure',
  text: 'update identity.tenant set settings = settings || $2::jsonb where id = $1 returning settings',
};

type SettingsRow = { settings: Partial<TenantSettings> };

const most_profiles = 200;
const canonical = /^[a-z][a-z0-9+.-]*:[^\s|]+(\|[^\s|]+)?$/i;

const profileLists = (profiles: unknown): readonly unknown[] | undefined =>
  typeof profiles === 'object' && profiles !== null && !Array.isArray(profiles) ? Object.values(profiles) : undefined;

function checkProfiles(profiles: unknown): void {
  const lists = profileLists(profiles);
  const urls = lists?.every(Array.isArray) ? lists.flat() : undefined;
  if (urls && urls.length <= most_profiles && urls.every((url) => typeof url === 'string' && canonical.test(url)))
    return;
  throw fault('invalid', 'Profiles are lists of canonical urls by resource type, 200 at most.');
}

function check({ updateAsCreate, conditionalDelete, profiles }: Partial<TenantSettings>): void {
  if (updateAsCreate !== undefined && typeof updateAsCreate !== 'boolean') {
    throw fault('invalid', 'Update as create is true or false.');
  }
  if (conditionalDelete !== undefined && !['single', 'multiple'].includes(conditionalDelete)) {
    throw fault('invalid', 'Conditional delete is "single" or "multiple".');
  }
  if (profiles !== undefined) checkProfiles(profiles);
}

export function createTenantSettings(segment: Segment): Pick<Tenants, 'settings' | 'configure'> {
  const known = new Map<number, Promise<TenantSettings>>();
  const ask = async (tenant: number): Promise<TenantSettings> => {
    const [row] = await segment.query<SettingsRow>(platform, select, [tenant]);
    return { ...defaults, ...row?.settings };
  };
  return {
    settings(tenant) {
      let settings = known.get(tenant);
      if (settings === undefined) {
        settings = ask(tenant);
        known.set(tenant, settings);
        settings.catch(() => known.delete(tenant));
      }
      return settings;
    },
    async configure(tenant, { updateAsCreate, conditionalDelete, profiles }) {
      const changes = {
        ...(updateAsCreate === undefined ? {} : { updateAsCreate }),
        ...(conditionalDelete === undefined ? {} : { conditionalDelete }),
        ...(profiles === undefined ? {} : { profiles }),
      };
      check(changes);
      const [row] = await segment.query<SettingsRow>(platform, change, [tenant, JSON.stringify(changes)]);
      known.delete(tenant);
      if (row === undefined) throw fault('missing', 'The tenant does not exist.');
      return { ...defaults, ...row.settings };
    },
  };
}
