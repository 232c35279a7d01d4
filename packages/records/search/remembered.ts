import type { Vault } from '@safeguard/seal';
import { refToken, type Tokens } from '../index-rows/labels.ts';

/** Tokens kept of one vault: rules ask for the same patients and labels at every request. */
const kept_most = 100_000;

const kept = new WeakMap<Vault, Map<string, bigint>>();

/** A vault's tokens, each made once. Nothing is kept that is not a rule's: ids of patients, codes of policies. */
export function rememberedTokens(vault: Vault): Tokens {
  const known = kept.get(vault) ?? new Map<string, bigint>();
  kept.set(vault, known);
  return {
    token: (label, value) => {
      const key = `${label} ${value}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = vault.token(label, value);
      if (known.size >= kept_most) known.clear();
      known.set(key, made);
      return made;
    },
  };
}

/** Patients → their tokens as owners of what is in their compartments, in their order. */
export type Owners = (patients: readonly string[]) => readonly bigint[];

const lists = new WeakMap<Vault, WeakMap<readonly string[], readonly bigint[]>>();

/**
 * The same of whole lists, kept with the list: a care team is asked for at every request. Only of a frozen one: of one
 * that may still change, what was taken out of it would go on being shown.
 */
export function rememberedOwners(vault: Vault): Owners {
  const known = lists.get(vault) ?? new WeakMap<readonly string[], readonly bigint[]>();
  lists.set(vault, known);
  const tokens = rememberedTokens(vault);
  return (patients) => {
    const before = known.get(patients);
    if (before !== undefined) return before;
    const made = patients.map((patient) => refToken(tokens, 'Patient', patient));
    if (Object.isFrozen(patients)) known.set(patients, made);
    return made;
  };
}
