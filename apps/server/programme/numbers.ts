import type { Settings } from '@safeguard/config';

type Group = 'sessions' | 'tokens' | 'passwords' | 'sign_in' | 'access';

/**
 * The numbers that services work by while they run, read at each use: what the command line, the environment or the
 * settings file gave; else the programme's parameter as it is approved by now; else the default. What was given and
 * differs from the programme is found by the check `programme.parameters`.
 */
export type Numbers = Pick<Settings, Group>;

const groups: readonly Group[] = ['sessions', 'tokens', 'passwords', 'sign_in', 'access'];

/** `approved`: by the name of the setting, the parameter in force at this moment. */
export function numbersOf(settings: Settings, approved: () => ReadonlyMap<string, unknown>): Numbers {
  const given = new Set(settings.given);
  const live = (group: Group) => {
    const fixed = settings[group] as Readonly<Record<string, number>>;
    const shown = {};
    for (const key of Object.keys(fixed)) {
      const name = `${group}.${key}`;
      const get = (): unknown => (given.has(name) ? fixed[key] : (approved().get(name) ?? fixed[key]));
      Object.defineProperty(shown, key, { get, enumerable: true });
    }
    return shown;
  };
  return Object.fromEntries(groups.map((group) => [group, live(group)])) as unknown as Numbers;
}
