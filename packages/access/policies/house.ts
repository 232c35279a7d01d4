import type { Policy } from '../policy/types.ts';
import { categories } from './house/categories.ts';
import { matrix } from './house/matrix.ts';
import { roles } from './house/roles.ts';
import { rules } from './house/rules.ts';
import { sensitive } from './house/sensitive.ts';

/** Version 0 of every tenant's policy: in force until one of the tenant's own is. The first draft starts from it. */
export const housePolicy: Policy = { format: 1, roles, categories, sensitive, matrix, rules };
