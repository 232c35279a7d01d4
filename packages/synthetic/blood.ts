import { round } from './body.ts';
import type { Rng } from './rng.ts';
import type { Sex } from './types.ts';

/** A blood panel; the derived figures are reckoned from the written ones, as a laboratory does. */
export interface Blood {
  readonly hba1c_percent: number;
  readonly glucose_mg_dL: number;
  readonly ldl_mg_dL: number;
  readonly hdl_mg_dL: number;
  readonly triglycerides_mg_dL: number;
  readonly total_cholesterol_mg_dL: number;
  readonly creatinine_mg_dL: number;
  readonly gfr_mL_min: number;
}

export interface BloodInfluence {
  readonly sex: Sex;
  readonly age: number;
  readonly bmi: number;
  readonly sugar: 'diabetes' | 'prediabetes' | 'none';
  readonly lipids: 'untreated' | 'treated' | 'none';
}

/** CKD-EPI 2021 (Inker et al., NEJM 385:1737), mL/min/1.73 m2. */
export function filtrationRate(creatinine_mg_dL: number, age: number, sex: Sex): number {
  const [kappa, alpha, factor] = sex === 'female' ? [0.7, -0.241, 1.012] : [0.9, -0.302, 1];
  const ratio = creatinine_mg_dL / kappa;
  return round(142 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.2 * 0.9938 ** age * factor);
}

/** Friedewald's sum: what makes the three parts agree with the total. */
export const totalCholesterol = (ldl: number, hdl: number, triglycerides: number): number =>
  round(ldl + hdl + triglycerides / 5);

/** Draws a fasting panel. Glucose follows HbA1c (ADAG: eAG = 28.7 × A1c − 46.7). */
export function drawBlood(rng: Rng, of: BloodInfluence): Blood {
  const middle = { diabetes: 7.4, prediabetes: 6, none: 5.3 }[of.sugar];
  const spread = { diabetes: 0.7, prediabetes: 0.12, none: 0.12 }[of.sugar];
  const hba1c_percent = round(Math.max(4.6, rng.around(middle, spread)), 1);
  const ldl_mg_dL = round(Math.max(45, rng.around({ untreated: 168, treated: 98, none: 108 }[of.lipids], 14)));
  const hdl_mg_dL = round(Math.max(28, rng.around(of.sex === 'female' ? 57 : 48, 6) - Math.max(0, of.bmi - 27) * 0.5));
  const triglycerides_mg_dL = round(Math.max(45, rng.around(105, 20) + Math.max(0, of.bmi - 25) * 4));
  const creatinine_mg_dL = round(
    rng.around(of.sex === 'female' ? 0.76 : 0.96, 0.07) + Math.max(0, of.age - 65) * 0.006,
    2,
  );
  return {
    hba1c_percent,
    glucose_mg_dL: round(28.7 * hba1c_percent - 46.7 + rng.around(-8, 5)),
    ldl_mg_dL,
    hdl_mg_dL,
    triglycerides_mg_dL,
    total_cholesterol_mg_dL: totalCholesterol(ldl_mg_dL, hdl_mg_dL, triglycerides_mg_dL),
    creatinine_mg_dL,
    gfr_mL_min: filtrationRate(creatinine_mg_dL, Math.floor(of.age), of.sex),
  };
}
