import type { Principal } from '@safeguard/http';
import { lettersByAction, types } from './world.ts';

const words: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** Does one scope's text grant the letter on the type? Written with plain string cutting, unlike the package. */
export function scopeGrants(scope: string, letter: string, type: string): boolean {
  if (!scope.startsWith('system/')) return false;
  const dot = scope.indexOf('.');
  if (dot < 0) return false;
  const named = scope.slice('system/'.length, dot);
  const spelled = scope.slice(dot + 1);
  const granted = Object.hasOwn(words, spelled) ? `${words[spelled]}` : spelled;
  const inOrder = [...'cruds'].filter((each) => granted.includes(each)).join('');
  if (granted === '' || granted !== inOrder) return false;
  return (named === '*' || (named === type && types.has(type))) && granted.includes(letter);
}

/** What may be permitted at most, said independently: the answer must be equal, not only below. */
export function mayAct(principal: Principal, action: string, type: string | undefined): boolean {
  if (action === 'capabilities') return true;
  if (principal.kind !== 'client' || principal.tenant < 1) return false;
  const some = (letter: string, on: string): boolean => principal.scopes.some((each) => scopeGrants(each, letter, on));
  if (action === 'transaction' || action === 'batch') {
    return [...types, '*'].some((each) => [...'cruds'].some((letter) => some(letter, each)));
  }
  if (action === 'search-system' || action === 'history-system') return some('s', '*');
  if (!Object.hasOwn(lettersByAction, action) || type === undefined || !types.has(type)) return false;
  return some(`${lettersByAction[action]}`, type);
}
