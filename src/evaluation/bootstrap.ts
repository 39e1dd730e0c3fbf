import { mulberry32 } from '../random.js';
import { mean } from './metrics.js';

export interface Interval {
  readonly difference: number;
  /** Bounds that hold 95 % of the resampled differences. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1000;

/**
 * Mean difference of two methods over the same readers with its 95 % interval, by drawing readers with replacement.
 * Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: the percentile interval.
 */
export function pairedBootstrap(values: readonly number[], baseline: readonly number[], seed: number): Interval {
  const differences = values.map((value, index) => value - (baseline[index] as number));
  const random = mulberry32(seed);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    differences.forEach(() => (sum += differences[Math.floor(random() * differences.length)] as number));
    return sum / differences.length;
  }).sort((one, other) => one - other);
  return { difference: mean(differences), low: means[RESAMPLES * 0.025] as number, high: means[RESAMPLES * 0.975 - 1] as number };
}
