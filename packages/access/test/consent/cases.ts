import type { Case } from './case.ts';
import { data } from './cases-data.ts';
import { nested, odd, times } from './cases-when.ts';
import { actors, plain, purposes } from './cases-whom.ts';

export const cases: readonly Case[] = [...plain, ...actors, ...purposes, ...data, ...nested, ...times, ...odd];
